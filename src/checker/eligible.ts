/** Which nodes a service's tasks may be on, by what the history shows of nodes: the judge's own reading of constraints. */
import { availableAt } from './availability.ts';
import type { NodeSeen } from '../model/history.ts';
import type { NodeName } from '../model/fault.ts';
import type { ServiceSpec } from '../model/specs.ts';
import { nodeAt } from './story.ts';
import type { Story } from './story.ts';

export interface Constraint {
  readonly text: string;
  /** `node.labels.zone`, say; the name of a label keeps its case. */
  readonly key: string;
  readonly equal: boolean;
  readonly value: string;
}

export const constraintsOf = (spec: ServiceSpec | undefined): readonly Constraint[] =>
  (spec?.TaskTemplate.Placement?.Constraints ?? []).map((text) => {
    const equal = text.includes('==');
    const [key = '', value = ''] = text.split(equal ? '==' : '!=');
    return { text, key: key.trim(), equal, value: value.trim() };
  });

/** What a constraint may be about, without the names of labels. */
export const kindOfKey = (key: string): string => key.replace(/\.labels\..*$/, '.labels');

/** Whether the node fulfils it: what a node lacks counts as empty, and upper case as lower (SwarmKit: constraint). */
export function fulfils({ key, equal, value }: Constraint, node: NodeSeen): boolean {
  const actual = valueOf(key, node);
  return actual !== null && (actual.toLowerCase() === value.toLowerCase()) === equal;
}

/** Null where the history does not say. */
function valueOf(key: string, node: NodeSeen): string | null {
  if (key === 'node.id') return node.id;
  if (key === 'node.hostname') return node.name;
  if (key === 'node.role') return node.role;
  const [, of, label] = /^(node|engine)\.labels\.(.+)$/.exec(key) ?? [];
  if (of === undefined || label === undefined) return null;
  return (of === 'node' ? node.labels : node.engineLabels)?.[label] ?? '';
}

/** The nodes that may get a task of the service at a moment. */
export const eligibleAt = (
  story: Story,
  spec: ServiceSpec | undefined,
  atMs: number,
): readonly NodeName[] =>
  availableAt(story, atMs).filter((name) => {
    const node = nodeAt(story, name, atMs);
    return (
      node !== undefined && constraintsOf(spec).every((constraint) => fulfils(constraint, node))
    );
  });

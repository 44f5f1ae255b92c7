/** What clients made of a node's availability: a look at the swarm tells it later than the answer to the one who asked. */
import type { NodeName } from '../model/fault.ts';
import type { NodeAvailability } from '../model/specs.ts';
import type { Operation } from './operations.ts';
import type { Story } from './story.ts';
import { nodeAt } from './story.ts';

/** A node's availability from the answer to one request to the next request about it. */
export interface Spell {
  readonly node: NodeName;
  readonly operation: Operation;
  readonly fromMs: number;
  readonly toMs: number;
  readonly next: Operation | undefined;
}

export const spellsOf = (story: Story, availability: NodeAvailability): readonly Spell[] =>
  story.operations.flatMap((operation, index) => {
    if (operation.availability !== availability || operation.outcome !== 'ok') return [];
    const next = story.operations
      .slice(index + 1)
      .find((other) => other.kind === 'set-node' && other.about === operation.about);
    const { about: node, completedMs: fromMs } = operation;
    return [{ node, operation, fromMs, toMs: next?.invokedMs ?? story.endMs, next }];
  });

/** The nodes that may get new tasks at a moment. */
export const availableAt = (story: Story, atMs: number): readonly NodeName[] =>
  story.all.filter((name) => {
    const node = nodeAt(story, name, atMs);
    if (node?.state !== 'ready') return false;
    const set = story.operations.findLast(
      ({ about, availability, outcome, completedMs }) =>
        about === name && availability !== undefined && outcome === 'ok' && completedMs <= atMs,
    );
    const isNewer = set !== undefined && set.completedMs > node.atMs;
    return (isNewer ? set.availability : node.availability) === 'active';
  });

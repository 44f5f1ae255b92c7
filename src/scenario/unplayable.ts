/** What a scenario asks of its nodes that a subject cannot give. Such a scenario is not played on it, and the report says why. */
import type { Subject } from '../model/history.ts';
import { nodeNames, type NodeRef, type Scenario, type Step } from '../model/scenario.ts';
import { stepTitle } from './step-title.ts';

/** Why a scenario cannot be played on a subject; null where it can. */
export function unplayableOn(scenario: Scenario, subject: Subject): string | null {
  for (const step of scenario.steps) {
    const reason = refusalOf(step, scenario, subject);
    if (reason !== null) return `'${stepTitle(step)}': ${reason}`;
  }
  return null;
}

/** The subjects that it cannot be played on, each with the reason. */
export const notPlayedOn = (
  scenario: Scenario,
  subjects: readonly Subject[],
): Readonly<Partial<Record<Subject, string>>> =>
  Object.fromEntries(
    subjects.flatMap((subject) => {
      const reason = unplayableOn(scenario, subject);
      return reason === null ? [] : [[subject, reason]];
    }),
  );

function refusalOf(step: Step, scenario: Scenario, subject: Subject): string | null {
  if (subject === 'sim' && step.do === 'look-at-ports') return 'a simulated node has no ports';
  const [managers, others] = KINDS[subject] ?? [];
  if (managers === undefined || others === undefined || !makesManager(step)) return null;
  return isOfManagersKind(step.node, scenario)
    ? null
    : `${others} cannot be a manager beside ${managers}, since neither can read the raft log of the other`;
}

/** Of a mixed swarm: what its managers are, and what its other nodes are. */
const KINDS: Readonly<Partial<Record<Subject, readonly [string, string]>>> = {
  'twin-managers': ['twins', 'a real dockerd'],
  'twin-agents': ['real ones', 'a twin'],
};

type Promotion = Extract<Step, { do: 'set-role' | 'join' | 'join-with' }>;

const makesManager = (step: Step): step is Promotion =>
  (step.do === 'set-role' || step.do === 'join' || step.do === 'join-with') &&
  step.role === 'manager';

/** Whether the node is one of those that begin as managers, which are all of one kind; a worker may be a former manager, which is not known before. */
function isOfManagersKind(ref: NodeRef, scenario: Scenario): boolean {
  if (/^n\d+$/.test(ref)) {
    const place = nodeNames(scenario.shape).indexOf(ref);
    return place >= 0 && place < scenario.shape.managers;
  }
  if (!ref.startsWith('@')) return !ref.startsWith('worker');
  const named = scenario.steps.flatMap((step): readonly NodeRef[] => {
    if (step.do === 'name') return step.as === ref.slice(1) ? [step.node] : [];
    if (step.do !== 'inject' || step.as !== ref.slice(1)) return [];
    return 'node' in step.fault ? [step.fault.node] : [];
  });
  return named.length > 0 && named.every((each) => isOfManagersKind(each, scenario));
}

/**
 * What no swarm may do, whatever the scenario. Every task, as each observer saw it, held against the table of legal steps. One observer's answers come from one leader after another, each with
 * all that was committed before it, so what it sees of a task never goes back; what another observer saw earlier or later says nothing.
 */
import type { HistoryRecord, TaskSeen } from '../model/history.ts';
import { compareStates, isTerminal } from '../model/task-state.ts';
import type { IllegalStep, StepRule } from '../model/verdict.ts';
import { illegalForms } from './illegal-forms.ts';
import { illegalPlacements } from './illegal-placements.ts';
import { illegalRuns } from './illegal-runs.ts';
import { BIRTHS, isReachable, waysFrom } from './legal-steps.ts';
import { tellStory } from './story.ts';
import { strainOf } from './strain.ts';
import type { At } from './story.ts';

/** A rule that was broken, before it is known whose history it is. */
export type Found = Pick<IllegalStep, 'rule' | 'text' | 'evidence'>;

/** What was done against the rules: steps of tasks, where they were put, what ran, and what became of services and nodes. */
export function illegalSteps(records: readonly HistoryRecord[]): readonly IllegalStep[] {
  const story = tellStory(records);
  if (story === null) return [];
  const named = areNamesFirm(records);
  const found = [
    ...wrongWalks(records, named),
    ...illegalPlacements(story, named),
    ...illegalRuns(story, named),
    ...illegalForms(story, records),
  ];
  const isStrained = strainOf(story) !== null;
  return found
    .filter(({ rule }) => !(isStrained && TIMED.has(rule)))
    .map((each) => ({ ...each, subject: story.header.subject }));
}

/** Rules that hold two things against each other which were looked at one after the other: on a machine that was short of time that proves nothing. */
const TIMED: ReadonlySet<StepRule> = new Set([
  ...(['misplaced', 'not-emptiest', 'unlike-its-container', 'two-leaders'] as const),
]);

/** In the order in which they were seen; one step of one task counts once, whoever sees it. */
function wrongWalks(records: readonly HistoryRecord[], named: boolean): readonly Found[] {
  const lives = new Map<string, Line>();
  const found = new Map<string, Found>();
  for (const record of records) {
    if (record.type !== 'observe') continue;
    if (record.what === 'gone' && record.kind === 'task') {
      const line = lives.get(`${record.by} ${record.id}`);
      if (line !== undefined) lives.set(`${record.by} ${record.id}`, { ...line, gone: record.n });
    }
    if (record.what !== 'task') continue;
    const key = `${record.by} ${record.id}`;
    const line = lives.get(key);
    lives.set(key, { seen: record, gone: undefined });
    for (const { rule, text } of wrongIn(line, record, named)) {
      const step = `${rule} ${record.id} ${text}`;
      if (found.has(step)) continue;
      const evidence = [line?.gone ?? line?.seen.n, record.n].filter((n) => n !== undefined);
      const whole = `${nameOf(record)}: ${text} (seen by ${record.by})`;
      found.set(step, { rule, text: whole, evidence });
    }
  }
  return [...found.values()];
}

/**
 * Whether each node kept its name: real Swarm was seen to write one node's description into another after a change of leaders, and the
 * history knows where a task is by name only.
 */
function areNamesFirm(records: readonly HistoryRecord[]): boolean {
  const names = new Map<string, string>();
  return records.every((record) => {
    if (record.type !== 'observe' || record.what !== 'node' || record.name === '') return true;
    const known = names.get(record.id) ?? record.name;
    names.set(record.id, known);
    return known === record.name;
  });
}

interface Line {
  readonly seen: At<TaskSeen>;
  /** The record in which the observer no longer found it. */
  readonly gone: number | undefined;
}

interface Wrong {
  readonly rule: StepRule;
  readonly text: string;
}

function wrongIn(before: Line | undefined, now: TaskSeen, named: boolean): readonly Wrong[] {
  const own = earlyContainer(now);
  if (before === undefined) return [...own, ...wrongBirth(now)];
  const back: Wrong[] =
    before.gone === undefined
      ? []
      : [{ rule: 'came-back', text: `it was removed and is there again, ${standOf(now)}` }];
  return [
    ...own,
    ...back,
    ...changedTraits(before.seen, now, named),
    ...wrongStep(before.seen, now),
  ];
}

/** A task that was never seen before has come from its making. */
function wrongBirth(now: TaskSeen): readonly Wrong[] {
  if (BIRTHS.some((desired) => isReachable({ desired, state: 'new' }, now, now.err))) return [];
  return [{ rule: 'not-wanted', text: `first seen ${standOf(now)}; ${whyNot(now)}` }];
}

function wrongStep(before: TaskSeen, now: TaskSeen): readonly Wrong[] {
  const step = `${standOf(before)}, then ${standOf(now)}`;
  const back: Wrong[] = [];
  if (compareStates(now.desired, before.desired) < 0)
    back.push({ rule: 'desired-back', text: `${step}; what is wanted never goes back` });
  if (compareStates(now.state, before.state) < 0)
    back.push({ rule: 'state-back', text: `${step}; no owner takes a state back` });
  if (back.length > 0) return back;
  if (isReachable(before, now, now.err)) return [];
  if (isTerminal(before.state))
    return [{ rule: 'past-end', text: `${step}; ${waysFrom(before.state)}` }];
  const isEarly = isReachable(before, { ...now, desired: 'remove' }, now.err);
  return [
    isEarly
      ? { rule: 'not-wanted', text: `${step}; ${whyNot(now)}` }
      : { rule: 'no-owner', text: `${step}; ${waysFrom(before.state)}` },
  ];
}

const whyNot = ({ state, desired }: TaskSeen): string =>
  state === 'shutdown'
    ? `an agent shuts down what is wanted shut down, not ${desired}`
    : `an agent starts what is wanted running, not ${desired}`;

/** What the orchestrator and the scheduler decided once and for all. A node without a known name says nothing. */
function changedTraits(before: TaskSeen, now: TaskSeen, named: boolean): readonly Wrong[] {
  const traits = (seen: TaskSeen): Readonly<Record<string, string>> => ({
    slot: String(seen.slot),
    node: !named || before.node === '' || now.node === '' ? '' : seen.node,
    image: seen.image,
    environment: seen.env.join(' '),
  });
  const [then, later] = [traits(before), traits(now)];
  return Object.keys(then)
    .filter((trait) => then[trait] !== later[trait])
    .map((trait) => ({
      rule: 'moved',
      text: `its ${trait} was '${then[trait] ?? ''}' and is '${later[trait] ?? ''}'; a task never changes it`,
    }));
}

/** The agent reports a container from Starting on (SwarmKit: `Do` collects its status in active states only). */
function earlyContainer(now: TaskSeen): readonly Wrong[] {
  if (now.container === '' || compareStates(now.state, 'starting') >= 0) return [];
  return [{ rule: 'early-container', text: `it has a container and is ${standOf(now)}` }];
}

const nameOf = (seen: TaskSeen): string =>
  `task ${seen.service}.${seen.slot === 0 ? seen.node : seen.slot} ${seen.id}`;

const standOf = ({ state, desired }: TaskSeen): string => `${state} (wanted ${desired})`;

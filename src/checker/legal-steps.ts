/**
 * Which steps a task may take, and who makes them (SwarmKit: api/types.proto on the owners of the two states; agent/exec/controller.go,
 * manager/{allocator,scheduler,dispatcher,controlapi,orchestrator} for each owner's steps). Observers look a few times a second and miss
 * brief states, so what is asked is whether one sighting can be reached from another by legal steps, and not whether it is one.
 */
import { TASK_STATES, compareStates, isTerminal } from '../model/task-state.ts';
import type { TaskState } from '../model/task-state.ts';

/** What is wanted of a task and what it does: the two states that a step may change. */
export interface Stand {
  readonly desired: TaskState;
  readonly state: TaskState;
}

/** One kind of step of the observed state. */
interface OwnedStep {
  readonly owner: string;
  readonly from: readonly TaskState[];
  readonly to: TaskState;
  /** What has to be wanted at least for the owner to make it. */
  readonly wanted?: TaskState;
}

const between = (low: TaskState, high: TaskState): readonly TaskState[] =>
  TASK_STATES.filter((state) => compareStates(state, low) >= 0 && compareStates(state, high) <= 0);

const AGENT = 'the agent';

/**
 * Of an observed state. An agent may be behind what is wanted, so it is never asked to have stopped; it is never ahead of it. The
 * enforcers of constraints and volumes look at what is wanted only, and say so in the error.
 */
const OBSERVED: readonly OwnedStep[] = [
  { owner: 'the allocator', from: ['new'], to: 'pending' },
  { owner: 'the scheduler', from: ['pending'], to: 'assigned' },
  { owner: AGENT, from: ['assigned'], to: 'accepted' },
  { owner: AGENT, from: ['accepted'], to: 'preparing' },
  { owner: AGENT, from: ['preparing'], to: 'ready' },
  { owner: AGENT, from: ['ready'], to: 'starting', wanted: 'running' },
  { owner: AGENT, from: ['starting'], to: 'running', wanted: 'running' },
  { owner: AGENT, from: ['running'], to: 'complete', wanted: 'running' },
  { owner: AGENT, from: between('assigned', 'running'), to: 'shutdown', wanted: 'shutdown' },
  { owner: AGENT, from: between('starting', 'running'), to: 'failed', wanted: 'running' },
  { owner: AGENT, from: between('assigned', 'ready'), to: 'rejected' },
  {
    owner: 'a dispatcher that gave the node up',
    from: between('assigned', 'running'),
    to: 'orphaned',
  },
  { owner: 'the removal of the node', from: between('new', 'running'), to: 'orphaned' },
];

const ENFORCED: OwnedStep = {
  owner: 'an enforcer',
  from: between('new', 'running'),
  to: 'rejected',
};

/** What an enforcer writes into a task that it rejects. */
const ENFORCERS = /no longer meets constraints|attached to volume which is being drained/;

/** Who makes which steps from an observed state, for the text of a complaint. */
export function waysFrom(state: TaskState): string {
  if (isTerminal(state)) return `${state} is an end`;
  const ways = OBSERVED.filter(({ from }) => from.includes(state)).map(
    ({ owner, to }) => `${owner} makes it ${to}`,
  );
  return `from ${state} ${ways.join(', ')}`;
}

/**
 * Whether a task can have come from one stand to another. What is wanted may rise at any moment, at the orchestrators' will; so the highest
 * that was wanted on the way is what is wanted in the end.
 */
export const isReachable = (from: Stand, to: Stand, err: string): boolean =>
  compareStates(to.desired, from.desired) >= 0 &&
  reachedFrom(from.state, to.desired, ENFORCERS.test(err)).has(to.state);

/** The few answers there are; a long history asks for them a hundred thousand times. */
const answers = new Map<string, ReadonlySet<TaskState>>();

function reachedFrom(
  state: TaskState,
  desired: TaskState,
  isEnforced: boolean,
): ReadonlySet<TaskState> {
  const key = `${state} ${desired} ${isEnforced}`;
  const known = answers.get(key);
  if (known !== undefined) return known;
  const steps = (isEnforced ? [...OBSERVED, ENFORCED] : OBSERVED).filter(
    ({ wanted }) => wanted === undefined || compareStates(wanted, desired) <= 0,
  );
  const reached = new Set<TaskState>([state]);
  // What is added while the set is gone through is gone through too.
  for (const here of reached)
    for (const step of steps) if (step.from.includes(here)) reached.add(step.to);
  answers.set(key, reached);
  return reached;
}

/** How a task is made: it is new, and to run, to be ready for its turn, or to complete its job. */
export const BIRTHS: readonly TaskState[] = ['ready', 'running', 'complete'];

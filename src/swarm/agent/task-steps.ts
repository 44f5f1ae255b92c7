import { compareStates, type TaskState } from '../../model/task-state.ts';

/** The controller's calls that a task waits for. */
export type Operation = 'prepare' | 'start' | 'wait' | 'shutdown';

/** What a task does next: passes on by itself, or passes on once a call has gone well. */
export interface Step {
  readonly operation: Operation | null;
  readonly to: TaskState;
  readonly message: string;
  /** True for what goes on to its end once begun, even where no more is desired. */
  readonly committed: boolean;
}

/** One row per state that an agent can leave (SwarmKit: agent/exec.Do); the others are ends. */
const STEPS: Partial<Readonly<Record<TaskState, Step>>> = {
  new: { operation: null, to: 'accepted', message: 'accepted', committed: false },
  pending: { operation: null, to: 'accepted', message: 'accepted', committed: false },
  assigned: { operation: null, to: 'accepted', message: 'accepted', committed: false },
  accepted: { operation: null, to: 'preparing', message: 'preparing', committed: false },
  preparing: { operation: 'prepare', to: 'ready', message: 'prepared', committed: true },
  ready: { operation: null, to: 'starting', message: 'starting', committed: false },
  starting: { operation: 'start', to: 'running', message: 'started', committed: true },
  running: { operation: 'wait', to: 'complete', message: 'finished', committed: true },
};

const SHUTDOWN: Step = {
  operation: 'shutdown',
  to: 'shutdown',
  message: 'shutdown',
  committed: true,
};

/** The next step of a task, or null where it rests until its desired state changes, or for good. */
export function nextStep(state: TaskState, desired: TaskState): Step | null {
  if (compareStates(desired, 'shutdown') >= 0)
    return compareStates(state, 'complete') >= 0 ? null : SHUTDOWN;
  const step = STEPS[state];
  if (step === undefined || compareStates(state, desired) > 0) return null;
  return step.committed || compareStates(state, desired) < 0 ? step : null;
}

/** The scheduler and the agents of a {@link Rehearsal}: where a task goes, and what it does next. */
import type { Node, Task } from '../../model/objects.ts';
import { compareStates, isTerminal, type TaskState } from '../../model/task-state.ts';
import { matchesConstraints, placementConstraints } from '../constraint.ts';
import type { Transaction } from '../transaction.ts';

/** What a task's container does, by the name of its image; any other image runs until it is stopped. */
const IMAGES: Readonly<Record<string, { readonly ends: TaskState; readonly afterMs: number }>> = {
  fails: { ends: 'failed', afterMs: 300 },
  'fails-late': { ends: 'failed', afterMs: 7_000 },
  exits: { ends: 'complete', afterMs: 300 },
};
const STOP_MS = 1_300;
const STUBBORN_STOP_MS = 11_250;

export interface Step {
  readonly state: TaskState;
  readonly afterMs: number;
  readonly err: string;
}

/** What the task's agent does next and how long it takes; null when there is nothing to do. */
export function nextStep(task: Task): Step | null {
  const { state } = task.status;
  const image = task.spec.ContainerSpec?.Image ?? '';
  if (isTerminal(state)) return null;
  if (compareStates(task.desiredState, 'shutdown') >= 0) {
    const afterMs = image === 'stubborn' ? STUBBORN_STOP_MS : STOP_MS;
    return { state: 'shutdown', afterMs, err: '' };
  }
  if (state === 'assigned') return { state: 'preparing', afterMs: 20, err: '' };
  if (state === 'preparing') {
    if (image === 'missing')
      return { state: 'rejected', afterMs: 50, err: 'No such image: missing' };
    return { state: 'ready', afterMs: 80, err: '' };
  }
  if (state === 'ready')
    return ['running', 'complete'].includes(task.desiredState)
      ? { state: 'starting', afterMs: 20, err: '' }
      : null;
  if (state === 'starting') return { state: 'running', afterMs: 200, err: '' };
  const end = IMAGES[image];
  return end === undefined
    ? null
    : { state: end.ends, afterMs: end.afterMs, err: end.ends === 'failed' ? 'exit 1' : '' };
}

/** The ready node with the fewest tasks of the service, then in all. */
export function leastLoaded(transaction: Transaction, task: Task): Node['id'] | undefined {
  const constraints = placementConstraints(task.spec.Placement);
  const load = (node: Node): number => {
    const tasks = transaction
      .tasksOfNode(node.id)
      .filter((other) => compareStates(other.desiredState, 'complete') <= 0);
    const own = tasks.filter((other) => other.serviceId === task.serviceId).length;
    return own * 1_000 + tasks.length;
  };
  const fit = transaction
    .all('node')
    .filter((node) => node.status.state === 'ready' && node.spec.Availability === 'active')
    .filter((node) => matchesConstraints(constraints, node));
  return fit.toSorted((a, b) => load(a) - load(b))[0]?.id;
}

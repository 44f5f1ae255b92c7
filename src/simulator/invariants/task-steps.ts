import type { Task } from '../../model/objects.ts';
import { compareStates, isTerminal, type TaskState } from '../../model/task-state.ts';
import type { Committed, Sight } from './ledger.ts';

const BEGINNINGS: readonly TaskState[] = ['ready', 'running', 'complete'];

/** Tasks move along the legal steps only, each made by the component that owns it (behaviour.md 1.1 to 1.3). */
export class TaskSteps {
  readonly #sight: Sight;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  committed({ events }: Committed): void {
    for (const event of events) {
      if (event.kind !== 'task') continue;
      if (event.action === 'create') this.#created(event.object);
      else if (event.action === 'update') this.#updated(event.previous, event.object);
    }
  }

  #created(task: Task): void {
    const isNew = task.status.state === 'new' && BEGINNINGS.includes(task.desiredState);
    const isBound = task.nodeId === '' || task.slot === 0;
    if (!isNew || !isBound)
      this.#sight.report(
        'step-by-owner',
        `${this.#name(task)} is made ${task.status.state}, to be ${task.desiredState}, on ${this.#sight.machineOf(task.nodeId) || 'no node'}`,
      );
  }

  #updated(before: Task, task: Task): void {
    const { report } = this.#sight;
    const [from, to] = [before.status.state, task.status.state];
    if (compareStates(task.desiredState, before.desiredState) < 0)
      report(
        'desired-never-back',
        `${this.#name(task)} was to be ${before.desiredState} and is to be ${task.desiredState}`,
      );
    if (from === to) {
      if (task.nodeId !== before.nodeId) this.#illegal(before, task);
    } else if (compareStates(to, from) < 0 || isTerminal(from))
      report('state-never-back', `${this.#name(task)} goes from ${from} to ${to}`);
    else if (!isOwned(before, task)) this.#illegal(before, task);
    if (task.slot !== before.slot || task.serviceId !== before.serviceId)
      this.#illegal(before, task);
  }

  #illegal(before: Task, task: Task): void {
    const { report, machineOf } = this.#sight;
    report(
      'step-by-owner',
      `${this.#name(task)} goes from ${before.status.state} on ${machineOf(before.nodeId) || 'no node'} to ${task.status.state} ("${task.status.message}") on ${machineOf(task.nodeId) || 'no node'}, and from to be ${before.desiredState} to ${task.desiredState}, in one write`,
    );
  }

  #name(task: Task): string {
    return `task ${task.serviceName}.${task.slot}.${task.id} of ${this.#sight.machineOf(task.nodeId) || 'no node'}`;
  }
}

/** Whether one component's step explains the change of the observed state, and nothing else changed with it. */
function isOwned(before: Task, task: Task): boolean {
  if (task.desiredState !== before.desiredState) return false;
  const [from, to] = [before.status.state, task.status.state];
  const isPlaced = compareStates(from, 'assigned') >= 0;
  if (to === 'assigned')
    return from === 'pending' && task.nodeId !== '' && ['', task.nodeId].includes(before.nodeId);
  if (task.nodeId !== before.nodeId) return false;
  // The allocator; whoever removes a node or gives it up; the constraint enforcer.
  if (to === 'pending') return from === 'new';
  if (to === 'orphaned') return task.nodeId !== '';
  if (to === 'rejected' && task.status.message === 'task rejected by constraint enforcer')
    return task.nodeId !== '';
  // The scheduler ends what was never placed and is not wanted any more; all else is the agent's, taken in by a dispatcher.
  if (to === 'shutdown' && from === 'pending') return task.nodeId === '';
  return isPlaced && task.status.appliedBy !== undefined;
}

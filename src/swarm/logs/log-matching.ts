import { SwarmError } from '../../model/errors.ts';
import type { Task } from '../../model/objects.ts';
import { compareStates } from '../../model/task-state.ts';
import type { Reader } from '../tables.ts';
import type { LogSelector, LogSubscription } from './log-api.ts';

/** What one subscription waits for: the nodes of its tasks, and tasks that have no node yet (SwarmKit: logbroker/subscription). */
export class LogMatching {
  readonly subscription: LogSubscription;
  readonly #nodes = new Set<string>();
  readonly #unscheduled = new Set<string>();
  readonly #problems: string[] = [];

  constructor(subscription: LogSubscription) {
    this.subscription = subscription;
  }

  get nodes(): readonly string[] {
    return [...this.#nodes];
  }

  /** Whether the node is, or still is, to send something. */
  includes(nodeId: string): boolean {
    return this.#nodes.has(nodeId);
  }

  /** Takes the tasks there are. Of services that are not followed, what has not begun to run says nothing yet. */
  match(read: Reader): void {
    const { selector, options } = this.subscription;
    for (const id of selector.nodeIds) this.#nodes.add(id);
    for (const id of selector.taskIds) {
      const task = read.get('task', id);
      if (task !== undefined) this.add(task);
    }
    for (const id of selector.serviceIds)
      for (const task of read.tasksOfService(id))
        if (options.follow || compareStates(task.status.state, 'running') >= 0) this.add(task);
  }

  wants(task: Task): boolean {
    return selects(this.subscription.selector, task);
  }

  /** Waits for the task's node too. True when that node was not waited for before. */
  add(task: Task): boolean {
    if (task.nodeId === '') {
      this.#unscheduled.add(task.id);
      return false;
    }
    this.#unscheduled.delete(task.id);
    if (this.#nodes.has(task.nodeId)) return false;
    this.#nodes.add(task.nodeId);
    return true;
  }

  /** The node sends nothing more. A subscription that follows goes on waiting for it. */
  done(nodeId: string, problem?: string): void {
    if (problem !== undefined) this.#problems.push(problem);
    if (!this.subscription.options.follow) this.#nodes.delete(nodeId);
  }

  /** Whether every node has sent what it has; never, where output is followed. */
  get isComplete(): boolean {
    return !this.subscription.options.follow && this.#nodes.size === 0;
  }

  /** Why something is missing at the end; null when nothing is. */
  get error(): SwarmError | null {
    const reasons = [
      ...this.#problems,
      ...[...this.#unscheduled].map((id) => `task ${id} has not been scheduled`),
    ];
    if (reasons.length === 0) return null;
    return new SwarmError(
      'Unknown',
      `warning: incomplete log stream. some logs could not be retrieved for the following reasons: ${reasons.join(', ')}`,
    );
  }
}

export const selects = (selector: LogSelector, task: Task): boolean =>
  selector.taskIds.includes(task.id) ||
  selector.serviceIds.includes(task.serviceId) ||
  selector.nodeIds.includes(task.nodeId);

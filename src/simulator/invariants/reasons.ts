import type { Task } from '../../model/objects.ts';
import { compareStates } from '../../model/task-state.ts';
import type { Committed, Sight } from './ledger.ts';

/** The scheduler looks for a node within a second of anything that changes. */
const LOOKED_MS = 5000;

/** What goes wrong with a task is said on the task, and not in some log only. */
export class Reasons {
  readonly #sight: Sight;
  /** Tasks that were never told why they wait, and since when they do. */
  readonly #waiting = new Map<string, number>();
  /** Those whose service was of a newer spec at some time since they were written last, in this reign. */
  readonly #outdated = new Set<string>();
  #term = 0;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  committed({ events, term, atMs }: Committed): void {
    if (term !== this.#term) this.#begin(term);
    for (const event of events) {
      if (event.kind === 'service' && event.action === 'update') this.#outdate(event.object.id);
      if (event.kind !== 'task') continue;
      const { object: task } = event;
      const { state, err } = task.status;
      this.#outdated.delete(task.id);
      if (event.action === 'remove' || state !== 'pending' || err !== '')
        this.#waiting.delete(task.id);
      else {
        if (!this.#waiting.has(task.id)) this.#waiting.set(task.id, atMs);
        this.#outdate(task.serviceId);
      }
      if (event.action !== 'remove' && (state === 'failed' || state === 'rejected') && err === '')
        this.#sight.report('reason-on-task', `${name(task)} has ${state} and does not say why`);
    }
  }

  /**
   * A task that has found no node by now has been told why. One of an older spec is not tried again, and may never have been told; nor is it when a rollback has brought
   * its spec back, until it is written or another manager leads (SwarmKit: scheduler, noSuitableNode; updater, rollbackUpdate takes the version before).
   */
  atRest(): void {
    const { read, report, world } = this.#sight;
    for (const [id, sinceMs] of this.#waiting) {
      const task = read.get('task', id);
      if (task === undefined || read.get('service', task.serviceId) === undefined) continue;
      if (compareStates(task.desiredState, 'running') > 0 || this.#outdated.has(id)) continue;
      const waitedMs = world.time.now - sinceMs;
      if (waitedMs >= LOOKED_MS)
        report(
          'reason-on-task',
          `${name(task)} waits for a node for ${waitedMs} ms and does not say why`,
        );
    }
  }

  #begin(term: number): void {
    this.#term = term;
    this.#outdated.clear();
    for (const { id } of this.#sight.read.all('service')) this.#outdate(id);
  }

  #outdate(serviceId: string): void {
    if (this.#waiting.size === 0) return;
    const { read } = this.#sight;
    const { specVersion = 0 } = read.get('service', serviceId) ?? {};
    for (const id of this.#waiting.keys()) {
      const task = read.get('task', id);
      if (task?.serviceId === serviceId && task.specVersion < specVersion) this.#outdated.add(id);
    }
  }
}

const name = (task: Task): string => `task ${task.serviceName}.${task.slot}.${task.id}`;

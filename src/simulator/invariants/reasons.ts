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

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  committed({ events, atMs }: Committed): void {
    for (const event of events) {
      if (event.kind !== 'task') continue;
      const { object: task } = event;
      const { state, err } = task.status;
      if (event.action === 'remove' || state !== 'pending' || err !== '')
        this.#waiting.delete(task.id);
      else if (!this.#waiting.has(task.id)) this.#waiting.set(task.id, atMs);
      if (event.action !== 'remove' && (state === 'failed' || state === 'rejected') && err === '')
        this.#sight.report('reason-on-task', `${name(task)} has ${state} and does not say why`);
    }
  }

  /** A task that has found no node by now has been told why; one of an older spec is not tried again, and may never have been. */
  atRest(): void {
    const { read, report, world } = this.#sight;
    for (const [id, sinceMs] of this.#waiting) {
      const task = read.get('task', id);
      const service = read.get('service', task?.serviceId ?? '');
      if (task === undefined || service === undefined) continue;
      if (compareStates(task.desiredState, 'running') > 0) continue;
      const waitedMs = world.time.now - sinceMs;
      if (waitedMs >= LOOKED_MS && task.specVersion >= service.specVersion)
        report(
          'reason-on-task',
          `${name(task)} waits for a node for ${waitedMs} ms and does not say why`,
        );
    }
  }
}

const name = (task: Task): string => `task ${task.serviceName}.${task.slot}.${task.id}`;

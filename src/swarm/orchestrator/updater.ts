import type { Service, Task } from '../../model/objects.ts';
import { isTerminal } from '../../model/task-state.ts';
import type { Ports } from '../ports.ts';
import type { StoreEvent } from '../store-watch.ts';
import type { Store } from '../store.ts';
import { LoopWrites } from './loop-writes.ts';
import type { RestartSupervisor } from './restart-supervisor.ts';
import { RollingUpdate, type UpdateTools } from './rolling-update.ts';
import type { Slot } from './slot.ts';
import { sameSpec } from './spec-equality.ts';

interface Running {
  readonly update: RollingUpdate;
  /** To be called when the update has ended, for the service to be looked at again. */
  again: (() => void) | null;
}

/** Runs one update or rollback per service. Its orchestrator asks for updates and tells it of the store's events. */
export class UpdateSupervisor {
  readonly #tools: UpdateTools;
  readonly #running = new Map<string, Running>();

  constructor(ports: Ports, store: Store, restarts: RestartSupervisor) {
    this.#tools = { ports, store, restarts, writes: new LoopWrites(ports, store) };
  }

  /**
   * Brings the slots, in this order, to the service's spec. An update that works towards the same spec goes on; one towards another is
   * cancelled. `again` is called later where the old one could not end at once: the slots are stale then and are to be asked for anew.
   */
  update(service: Service, slots: readonly Slot[], again: () => void): void {
    const current = this.#running.get(service.id);
    if (current !== undefined) {
      if (sameSpec(service.spec, current.update.service.spec)) {
        if (current.update.isEnding) current.again = again;
        return;
      }
      current.update.cancel();
      if (this.#running.get(service.id) === current) {
        current.again = again;
        return;
      }
    }
    const update = new RollingUpdate(this.#tools, service, () => {
      this.#running.delete(service.id);
      running.again?.();
    });
    const running: Running = { update, again: null };
    this.#running.set(service.id, running);
    update.run(slots);
  }

  /**
   * Tells updates of changed tasks. Answers failures that are to be judged by {@link judge} after the orchestrator has asked for the
   * restarts of the same transaction. Measured on Docker 20.10 to 28.5: when one task fails, its replacement is made before the update is
   * rolled back, and has the spec that failed (7 of 7); when several fail in one transaction the rollback comes first (6 of 7).
   */
  observe(events: readonly StoreEvent[]): readonly Task[] {
    const failures = new Map<string, Task[]>();
    for (const event of events) {
      if (event.kind !== 'task' || event.action !== 'update') continue;
      const running = this.#running.get(event.object.serviceId);
      if (running === undefined) continue;
      running.update.taskChanged(event.object);
      if (!isTerminal(event.object.status.state)) continue;
      const list = failures.get(event.object.serviceId);
      if (list === undefined) failures.set(event.object.serviceId, [event.object]);
      else list.push(event.object);
    }
    const later: Task[] = [];
    for (const tasks of failures.values()) {
      if (tasks.length > 1) this.judge(tasks);
      else later.push(...tasks);
    }
    return later;
  }

  judge(failures: readonly Task[]): void {
    for (const task of failures) this.#running.get(task.serviceId)?.update.taskEnded(task);
  }

  /** Ends all updates; nothing more is written, and the next leader goes on from the slots it finds. */
  stop(): void {
    this.#tools.writes.stop();
    const all = [...this.#running.values()];
    this.#running.clear();
    for (const running of all) {
      running.again = null;
      running.update.cancel();
    }
  }
}

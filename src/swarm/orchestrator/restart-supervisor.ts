import type { Service, Task } from '../../model/objects.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import { NANOSECONDS_PER_MS } from '../../model/time.ts';
import type { Ports } from '../ports.ts';
import type { Store } from '../store.ts';
import type { Transaction } from '../transaction.ts';
import { DelayedStarts } from './delayed-starts.ts';
import { LoopWrites } from './loop-writes.ts';
import { RestartHistory } from './restart-history.ts';
import { isRunnable, newestTask, type Slot } from './slot.ts';
import { clusterOf, draftTask, placeOf } from './task-factory.ts';

/** SwarmKit: how long a replacement waits where the policy names no delay. */
const DEFAULT_DELAY_MS = 5_000;

/** How long after its predecessor's end a task may start, by the restart policy of the predecessor. */
export function restartDelayMs(task: Task): number {
  const delay = task.spec.RestartPolicy?.Delay;
  return delay === undefined ? DEFAULT_DELAY_MS : delay / NANOSECONDS_PER_MS;
}

/** Replaces tasks under their restart policy, and starts what was prepared when its time has come. Orchestrators and the updater share it. */
export class RestartSupervisor {
  readonly starts: DelayedStarts;
  readonly history = new RestartHistory();
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #writes: LoopWrites;
  #unwatch: () => void = () => undefined;

  constructor(ports: Ports, store: Store) {
    this.#ports = ports;
    this.#store = store;
    this.#writes = new LoopWrites(ports, store);
    this.starts = new DelayedStarts(ports.timers, this.#writes);
  }

  start(): void {
    this.#unwatch = this.#store.watch((events) => {
      this.starts.observe(events);
    });
  }

  stop(): void {
    this.#unwatch();
    this.#writes.stop();
    this.starts.stop();
  }

  /**
   * Gives the task desired state shutdown and, if its policy allows, makes its replacement: in the same slot, from the service's spec of
   * now, with desired state ready until the restart delay is over and the task has stopped. A task inside its own delay is left until that
   * is over, so that an image that does not exist makes no tight loop. On a drained node there is no delay; a task that is over already, or
   * whose node is down, is not waited for.
   */
  restart(transaction: Transaction, service: Service, task: Task): void {
    if (this.starts.has(task.id)) {
      this.starts.whenEnded(task.id, () => {
        this.#restartLater(task.id);
      });
      return;
    }
    if (compareStates(task.desiredState, 'complete') > 0) return;
    transaction.update('task', { ...task, desiredState: 'shutdown' });
    if (!this.history.allows(service, task)) return;
    const node = transaction.get('node', task.nodeId);
    const replacement = transaction.create(
      'task',
      draftTask(this.#ports, clusterOf(transaction), service, placeOf(service, task), 'ready'),
    );
    this.history.record(service, replacement);
    const over = isTerminal(task.status.state) || node?.status.state === 'down';
    const delayMs = node?.spec.Availability === 'drain' ? 0 : restartDelayMs(task);
    this.starts.arm(replacement.id, delayMs, over ? null : task);
  }

  /**
   * What an update has to look at in a slot: its live tasks; or, where none is live and the policy lets the newest one not be replaced, that
   * one, which thereby holds the slot. Nothing of a slot without live tasks during a rollback, so that a rollback always ends with all
   * slots filled.
   */
  updatableTasks(service: Service, slot: Slot): Slot {
    const live = slot.filter(isRunnable);
    if (live.length > 0) return live;
    if (service.updateStatus?.state === 'rollback_started') return [];
    const newest = newestTask(slot);
    return newest === undefined || this.history.allows(service, newest) ? [] : [newest];
  }

  #restartLater(taskId: string): void {
    this.#writes.update((transaction) => {
      const task = transaction.get('task', taskId);
      const service = transaction.get('service', task?.serviceId ?? '');
      if (task === undefined || service === undefined || !isRunnable(task)) return;
      this.restart(transaction, service, task);
    });
  }
}

import { compareStates } from '../../model/task-state.ts';
import type { Ports, Timer } from '../ports.ts';
import type { Store } from '../store.ts';
import type { Transaction } from '../transaction.ts';

/** SwarmKit: a day after a node went down nobody waits for its tasks any longer. The day starts again with each new leader. */
const ORPHAN_AFTER_MS = 86_400_000;

/** Nodes that are down, and for how long their tasks may still be theirs. */
export class DownNodes {
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #timers = new Map<string, Timer>();

  constructor(ports: Ports, store: Store) {
    this.#ports = ports;
    this.#store = store;
  }

  add(id: string): void {
    this.remove(id);
    const timer = this.#ports.timers.after(ORPHAN_AFTER_MS, () => {
      this.#timers.delete(id);
      this.#orphan(id);
    });
    this.#timers.set(id, timer);
  }

  remove(id: string): void {
    this.#timers.get(id)?.cancel();
    this.#timers.delete(id);
  }

  clear(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  /** Only tasks that may have moved on since change, and only their state does. */
  #orphan(nodeId: string): void {
    const tasks = this.#store.read.tasksOfNode(nodeId);
    this.#store.batch(
      tasks.map((known) => (transaction: Transaction) => {
        const task = transaction.get('task', known.id);
        if (task === undefined || compareStates(task.status.state, 'assigned') < 0) return;
        if (compareStates(task.status.state, 'running') > 0) return;
        transaction.update('task', { ...task, status: { ...task.status, state: 'orphaned' } });
      }),
    );
  }
}

import type { Task } from '../../model/objects.ts';
import type { Store } from '../store.ts';
import type { Transaction } from '../transaction.ts';

/** What became of a task in a pass; `before` is what the decision rests on. */
export interface Decision {
  readonly before: Task;
  readonly next: Task;
}

/** Writes the decisions of one pass, in batches, and reports those that the store did not take. */
export class DecisionWriter {
  readonly #store: Store;
  readonly #done: (lost: readonly Decision[]) => void;
  #busy = false;
  #closed = false;

  constructor(store: Store, done: (lost: readonly Decision[]) => void) {
    this.#store = store;
    this.#done = done;
  }

  /** While it is, no other decisions may be written. */
  get busy(): boolean {
    return this.#busy;
  }

  write(decisions: readonly Decision[]): void {
    if (decisions.length === 0) return;
    const lost: Decision[] = [];
    this.#busy = true;
    const changes = decisions.map((decision) => (transaction: Transaction) => {
      if (!apply(decision, transaction)) lost.push(decision);
    });
    this.#store.batch(changes, (result) => {
      this.#busy = false;
      if (!this.#closed) this.#done(result.ok ? lost : decisions);
    });
  }

  /** No more reports. */
  close(): void {
    this.#closed = true;
  }
}

// A task that somebody else changed since is decided anew, and so is one whose node was removed.
function apply({ before, next }: Decision, transaction: Transaction): boolean {
  const stored = transaction.get('task', before.id);
  if (stored === undefined || stored.meta.version !== before.meta.version) return false;
  if (next.nodeId !== '' && transaction.get('node', next.nodeId) === undefined) return false;
  transaction.update('task', next);
  return true;
}

import type { Ports } from '../ports.ts';
import type { Store } from '../store.ts';
import type { Transaction } from '../transaction.ts';

export type Change = (transaction: Transaction) => void;

/**
 * The one way in which the loops of this room write. After `stop` nothing is written any more, not even what was queued before, and nobody
 * is called back. A write that fails is logged; whoever asked is told, decides anew from the store, and does not insist.
 */
export class LoopWrites {
  readonly #ports: Ports;
  readonly #store: Store;
  #stopped = false;

  constructor(ports: Ports, store: Store) {
    this.#ports = ports;
    this.#store = store;
  }

  /** One transaction. `done` is told whether it was committed. */
  update(change: Change, done: (committed: boolean) => void = () => undefined): void {
    if (this.#stopped) return;
    this.#store.update(this.#guarded(change), (result) => {
      this.#ended(result, done);
    });
  }

  /** Many independent changes in as few transactions as their limit allows. */
  batch(changes: readonly Change[], done: (committed: boolean) => void = () => undefined): void {
    if (this.#stopped) return;
    this.#store.batch(
      changes.map((change) => this.#guarded(change)),
      (result) => {
        this.#ended(result, done);
      },
    );
  }

  stop(): void {
    this.#stopped = true;
  }

  #guarded(change: Change): Change {
    return (transaction) => {
      if (!this.#stopped) change(transaction);
    };
  }

  #ended(
    result: { readonly ok: true } | { readonly ok: false; readonly error: Error },
    done: (committed: boolean) => void,
  ): void {
    if (this.#stopped) return;
    if (!result.ok) {
      const message = `writing to the store failed: ${result.error.message}`;
      this.#ports.log({ level: 'warn', part: 'orchestrator', message });
    }
    done(result.ok);
  }
}

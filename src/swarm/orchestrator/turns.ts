import type { Change, LoopWrites } from './loop-writes.ts';

/**
 * Lets a loop have one batch in flight at a time: it plans on the committed state, writes, and plans again only when that is committed, so
 * it never does twice what its own unfinished write is doing. Whatever happens meanwhile is gathered by the loop and planned for together.
 */
export class Turns {
  readonly #writes: LoopWrites;
  readonly #plan: () => readonly Change[] | null;
  readonly #failed: () => void;
  #busy = false;
  #planning = false;

  /** `plan` takes what the loop has gathered, null when there was nothing; `failed` is told that a batch was not committed. */
  constructor(writes: LoopWrites, plan: () => readonly Change[] | null, failed: () => void) {
    this.#writes = writes;
    this.#plan = plan;
    this.#failed = failed;
  }

  /** Takes turns until there is nothing to write or a batch is in flight. Who asks for one from inside a plan is planned for after it. */
  wake(): void {
    while (!this.#busy && !this.#planning) {
      const changes = this.#planned();
      if (changes === null) return;
      if (changes.length === 0) continue;
      this.#busy = true;
      this.#writes.batch(changes, (committed) => {
        this.#busy = false;
        if (committed) this.wake();
        else this.#failed();
      });
    }
  }

  #planned(): readonly Change[] | null {
    this.#planning = true;
    try {
      return this.#plan();
    } finally {
      this.#planning = false;
    }
  }
}

import type { Timer, Timers } from './ports.ts';

interface Due {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock and its timers, driven by hand. */
export class VirtualTime implements Timers {
  now = 1_000_000;
  #due: Due[] = [];

  after(delayMs: number, callback: () => void): Timer {
    const due: Due = { at: this.now + delayMs, callback };
    const place = this.#due.findLastIndex((other) => other.at <= due.at);
    this.#due.splice(place + 1, 0, due);
    return {
      cancel: () => {
        this.#due = this.#due.filter((other) => other !== due);
      },
    };
  }

  /** Runs everything due in the next `ms`, in order. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const [next] = this.#due;
      if (next === undefined || next.at > end) break;
      this.#due.shift();
      this.now = next.at;
      next.callback();
    }
    this.now = end;
  }

  /** How many timers are armed. */
  get armed(): number {
    return this.#due.length;
  }
}

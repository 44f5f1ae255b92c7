/**
 * Virtual time for code that awaits. It goes on only while somebody in the foreground awaits the target, and then by one timer at a time:
 * whatever a timer resolved runs to its next await before the next timer does. So one seed gives one order of everything.
 */
import { SwarmtwinError } from '../model/errors.ts';
import type { VirtualTime } from '../swarm/virtual-time.ts';
import type { EyesClock } from './eyes-clock.ts';

export class VirtualClock implements EyesClock {
  readonly #time: VirtualTime;
  readonly #zero: number;
  #awaited = 0;
  #running = false;
  #stirred = false;
  #failures: ((caught: unknown) => void)[] = [];

  constructor(time: VirtualTime) {
    this.#time = time;
    this.#zero = time.now;
  }

  now(): number {
    return this.#time.now - this.#zero;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = this.#time.after(Math.max(0, delayMs), () => {
      this.#stirred = true;
      callback();
    });
    return () => {
      timer.cancel();
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Lets time go on until the work is done. Rejects with what any timer threw. */
  async foreground<T>(work: Promise<T>): Promise<T> {
    this.#awaited += 1;
    const failed = new Promise<never>((_, reject) => {
      this.#failures.push(reject);
    });
    if (!this.#running) void this.#run();
    try {
      return await Promise.race([work, failed]);
    } finally {
      this.#awaited -= 1;
    }
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      for (;;) {
        // Not before everything that was resolved has run to its next await.
        await new Promise((resolve) => setImmediate(resolve));
        if (this.#awaited === 0) break;
        this.#untilStirred();
      }
    } catch (caught) {
      for (const fail of this.#failures) fail(caught);
    } finally {
      this.#running = false;
      this.#failures = [];
    }
  }

  #untilStirred(): void {
    this.#stirred = false;
    do {
      if (!this.#time.step()) throw standstill();
    } while (!this.#isStirred());
  }

  #isStirred(): boolean {
    return this.#stirred;
  }
}

const standstill = (): SwarmtwinError =>
  new SwarmtwinError(
    'internal',
    'the simulated swarm stands still: no timer is armed and an answer is awaited',
    'This is a fault of the simulator; report it with the command that showed it.',
  );

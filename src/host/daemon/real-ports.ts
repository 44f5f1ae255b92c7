import { readFile } from 'node:fs/promises';
import type { Clock, LogLine, Timer, Timers } from '../../swarm/ports.ts';

/** How often a changed clock offset is looked for. */
const OFFSET_POLL_MS = 1000;

/** This machine's clock, moved by what a file says, so that a lab can give one node a wrong time. */
export class SkewableClock implements Clock {
  readonly #path: string;
  readonly #poll: NodeJS.Timeout;
  #offsetMs = 0;

  /** `path` holds the offset in ms as text; without the file the clock is right. */
  constructor(path: string) {
    this.#path = path;
    this.#poll = setInterval(() => {
      this.#read();
    }, OFFSET_POLL_MS);
    this.#poll.unref();
    this.#read();
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  now(): number {
    return performance.timeOrigin + performance.now() + this.#offsetMs;
  }

  #read(): void {
    readFile(this.#path, 'utf8').then(
      (text) => {
        const offset = Number(text.trim());
        if (Number.isFinite(offset)) this.#offsetMs = offset;
      },
      () => {
        this.#offsetMs = 0;
      },
    );
  }
}

/** Node's timers count in 31 bits: what is longer would ring at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Node's timers. Each callback runs on its own, so an error in one ends the process instead of leaving a half-done core. */
export const realTimers: Timers = {
  after: (delayMs: number, callback: () => void): Timer => {
    let timer: NodeJS.Timeout | undefined;
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, LONGEST_MS);
      timer = setTimeout(() => {
        if (stepMs < leftMs) arm(leftMs - stepMs);
        else callback();
      }, stepMs);
    };
    arm(delayMs);
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
};

const LEVELS: readonly LogLine['level'][] = ['debug', 'info', 'warn', 'error'];

/** One line a message on standard error, as dockerd's own log lines stand there. */
export function logTo(
  stream: NodeJS.WritableStream,
  least: () => LogLine['level'],
  clock: Clock,
): (line: LogLine) => void {
  return ({ level, part, message }) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least())) return;
    const time = new Date(clock.now()).toISOString();
    stream.write(`time="${time}" level=${level} msg=${JSON.stringify(message)} module=${part}\n`);
  };
}

/** What the core needs of the world. The live daemon and the simulator each bring their own; nothing else reaches in. */
import type { Random } from '../model/random.ts';

/** The node's own wall clock in ms; it may be skewed against other nodes'. */
export interface Clock {
  now(): number;
}

export interface Timer {
  /** After this the callback is not called. Harmless when it was already. */
  cancel(): void;
}

/** Timers run on elapsed time, whatever the wall clock does. Callbacks come one at a time, never from inside `after`. */
export interface Timers {
  after(delayMs: number, callback: () => void): Timer;
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** The part that speaks: raft, dispatcher, agent, … */
  readonly part: string;
  readonly message: string;
}

/** What nearly every part of the core is given. */
export interface Ports {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  log(line: LogLine): void;
}

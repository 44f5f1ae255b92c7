import type { Timer, Timers } from './ports.ts';
import { TimerHeap } from './timer-heap.ts';

/** How far ahead timers are put in order. Most deadlines lie farther off, and are cancelled before they come so near. */
const NEAR_MS = 400;

/** A clock and its timers, driven by hand: in order of time, and among equal times in the order of arming. */
export class VirtualTime implements Timers {
  now = 1_000_000;
  /** All that is due before the horizon, but for what is due at once. */
  readonly #near = new TimerHeap<Due>();
  #horizon = this.now + NEAR_MS;
  /** What is due at the horizon or after it, in no order. */
  #far: Due[] = [];
  /** What was armed for the moment that it was armed in; older than anything that is still to be armed for it. */
  #atOnce: Due[] = [];
  #atOnceRun = 0;
  readonly #watchers: (() => void)[] = [];
  #armedSoFar = 0;
  #armed = 0;

  after(delayMs: number, callback: () => void): Timer {
    return this.afterWith(delayMs, callback, undefined);
  }

  /** As `after`; the callback gets the subject, so that whoever arms very many needs no closure for each. */
  afterWith<S>(delayMs: number, callback: (subject: S) => void, subject: S): Timer {
    const due = new Due(this, this.now + delayMs, this.#armedSoFar, callback as Callback, subject);
    this.#armedSoFar += 1;
    this.#armed += 1;
    if (delayMs === 0) this.#atOnce.push(due);
    else if (due.at < this.#horizon) this.#near.add(due);
    else this.#far.push(due);
    return due;
  }

  /** Calls back after each timer's callback has run; the answer ends that. For whoever looks whether what must hold holds. */
  onEvent(callback: () => void): () => void {
    this.#watchers.push(callback);
    return () => {
      const at = this.#watchers.indexOf(callback);
      if (at >= 0) this.#watchers.splice(at, 1);
    };
  }

  /** Runs everything due in the next `ms`, in order. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (let next = this.#first(); next !== null && next.at <= end; next = this.#first())
      this.#run(next);
    this.now = end;
  }

  /** Goes on to the next timer and runs it; false where none is armed. */
  step(): boolean {
    const next = this.#first();
    if (next !== null) this.#run(next);
    return next !== null;
  }

  /** When the next timer is due; Infinity where none is armed. */
  get nextAt(): number {
    return this.#first()?.at ?? Infinity;
  }

  /** How many timers are armed. */
  get armed(): number {
    return this.#armed;
  }

  /** For its own timers: one of them has run, or never will. */
  disarmed(): void {
    this.#armed -= 1;
  }

  #run(next: Due): void {
    this.#take(next);
    this.now = next.at;
    next.run();
    for (const watcher of this.#watchers) watcher();
  }

  // A cancelled timer stays where it is until it comes up, or until what lies beyond the horizon is looked through.
  #first(): Due | null {
    for (;;) {
      const risen = this.#near.first;
      const waiting = this.#atOnce[this.#atOnceRun];
      const isRisenFirst =
        risen !== undefined && (waiting === undefined || isFirst(risen, waiting));
      const first = isRisenFirst ? risen : waiting;
      if (first === undefined) {
        if (!this.#lookFarther()) return null;
      } else if (first.isArmed) return first;
      else this.#take(first);
    }
  }

  #take(first: Due): void {
    if (first === this.#near.first) {
      this.#near.removeFirst();
      return;
    }
    this.#atOnceRun += 1;
    if (this.#atOnceRun < this.#atOnce.length) return;
    this.#atOnce = [];
    this.#atOnceRun = 0;
  }

  /** Moves the horizon on, where nothing is due before it, to beyond the first that is; false where there is none. */
  #lookFarther(): boolean {
    let firstAt = Infinity;
    for (const due of this.#far) if (due.isArmed && due.at < firstAt) firstAt = due.at;
    this.#horizon = Math.max(this.#horizon, firstAt === Infinity ? this.now : firstAt) + NEAR_MS;
    const far = this.#far;
    this.#far = [];
    for (const due of far) {
      if (!due.isArmed) continue;
      if (due.at < this.#horizon) this.#near.add(due);
      else this.#far.push(due);
    }
    return firstAt !== Infinity;
  }
}

type Callback = (subject: unknown) => void;

// Of two for one moment, one that had to wait for it was armed before.
const isFirst = (risen: Due, waiting: Due): boolean =>
  risen.at === waiting.at ? risen.turn < waiting.turn : risen.at < waiting.at;

/** Of one shape, whatever it is that rings: the heap reads these more than anything else is read. */
class Due implements Timer {
  readonly at: number;
  readonly turn: number;
  readonly #time: VirtualTime;
  readonly #subject: unknown;
  /** Null once it was called, or never will be. */
  #callback: Callback | null;

  constructor(time: VirtualTime, at: number, turn: number, callback: Callback, subject: unknown) {
    this.#time = time;
    this.at = at;
    this.turn = turn;
    this.#callback = callback;
    this.#subject = subject;
  }

  get isArmed(): boolean {
    return this.#callback !== null;
  }

  run(): void {
    const callback = this.#callback;
    if (callback === null) return;
    this.#callback = null;
    this.#time.disarmed();
    callback(this.#subject);
  }

  cancel(): void {
    if (this.#callback === null) return;
    this.#callback = null;
    this.#time.disarmed();
  }
}

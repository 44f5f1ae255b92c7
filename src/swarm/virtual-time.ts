import type { Timer, Timers } from './ports.ts';

/** Below this many cancelled timers a heap is not worth sweeping. */
const SWEEP_FROM = 64;

/** A clock and its timers, driven by hand: in order of time, and among equal times in the order of arming. */
export class VirtualTime implements Timers {
  now = 1_000_000;
  /** By time: all but what is due at once. */
  readonly #heap: Due[] = [];
  /** What was armed for the moment that it was armed in; older than anything that is still to be armed for it. */
  #atOnce: Due[] = [];
  #atOnceRun = 0;
  readonly #watchers: (() => void)[] = [];
  #armedSoFar = 0;
  #cancelled = 0;

  after(delayMs: number, callback: () => void): Timer {
    const due = new Due(this.now + delayMs, this.#armedSoFar, callback, this.#onCancel);
    this.#armedSoFar += 1;
    if (delayMs === 0) this.#atOnce.push(due);
    else this.#rise(due);
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
    return this.#heap.length + this.#atOnce.length - this.#atOnceRun - this.#cancelled;
  }

  #run(next: Due): void {
    this.#take(next);
    this.now = next.at;
    next.run();
    for (const watcher of this.#watchers) watcher();
  }

  // A cancelled timer stays in the heap until it comes up, or until such are the greater part of it.
  readonly #onCancel = (): void => {
    this.#cancelled += 1;
    if (this.#cancelled < SWEEP_FROM || this.#cancelled * 2 < this.#heap.length) return;
    const armed = this.#heap.filter((due) => due.isArmed);
    this.#cancelled -= this.#heap.length - armed.length;
    this.#heap.length = 0;
    for (const due of armed) this.#rise(due);
  };

  #first(): Due | null {
    for (;;) {
      const risen = this.#heap[0];
      const waiting = this.#atOnce[this.#atOnceRun];
      const first = waiting === undefined || risen?.isBefore(waiting) === true ? risen : waiting;
      if (first === undefined) return null;
      if (first.isArmed) return first;
      this.#take(first);
      this.#cancelled -= 1;
    }
  }

  #take(first: Due): void {
    if (first !== this.#heap[0]) {
      this.#atOnceRun += 1;
      if (this.#atOnceRun < this.#atOnce.length) return;
      this.#atOnce = [];
      this.#atOnceRun = 0;
      return;
    }
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
  }

  #rise(due: Due): void {
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above];
      if (other === undefined || !due.isBefore(other)) break;
      heap[place] = other;
      place = above;
    }
    heap[place] = due;
  }

  /** Puts what stood last where the first was, and lets it sink to its place. */
  #sink(due: Due): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let below = place * 2 + 1;
      const right = heap[below + 1];
      let lesser = heap[below];
      if (lesser === undefined) break;
      if (right?.isBefore(lesser) === true) {
        lesser = right;
        below += 1;
      }
      if (!lesser.isBefore(due)) break;
      heap[place] = lesser;
      place = below;
    }
    heap[place] = due;
  }
}

/** Of one shape, whatever it is that rings: the heap reads these more than anything else is read. */
class Due implements Timer {
  readonly at: number;
  readonly #turn: number;
  readonly #onCancel: () => void;
  /** Null once it was called, or never will be. */
  #callback: (() => void) | null;

  constructor(at: number, turn: number, callback: () => void, onCancel: () => void) {
    this.at = at;
    this.#turn = turn;
    this.#callback = callback;
    this.#onCancel = onCancel;
  }

  get isArmed(): boolean {
    return this.#callback !== null;
  }

  isBefore(other: Due): boolean {
    return this.at === other.at ? this.#turn < other.#turn : this.at < other.at;
  }

  run(): void {
    const callback = this.#callback;
    this.#callback = null;
    callback?.();
  }

  cancel(): void {
    if (this.#callback === null) return;
    this.#callback = null;
    this.#onCancel();
  }
}

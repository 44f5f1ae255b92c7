import type { Clock, Timer, Timers } from '../swarm/ports.ts';
import type { VirtualTime } from '../swarm/virtual-time.ts';

const PPM = 1_000_000;

/**
 * One machine's own time: a wall clock that may be wrong, and timers that run on elapsed time. Drift makes both slow or fast; an offset moves only
 * the wall clock. While the machine is frozen nothing of it happens, and all that came due meanwhile happens, in order, once it is thawed (Linux: a frozen
 * process group's timers are late, its sockets keep what arrives).
 */
export class MachineTime implements Clock, Timers {
  readonly #world: VirtualTime;
  #offsetMs = 0;
  /** How many real ms one ms of this machine lasts. */
  #lengthOfMs = 1;
  /** Where the drift in force began, in the world's time and in the machine's. */
  #since: number;
  #own: number;
  #held: (() => void)[] | null = null;
  /** When somebody last set the clock, or its pace, in the world's time. */
  adjustedAt = -Infinity;

  constructor(world: VirtualTime) {
    this.#world = world;
    this.#since = this.#own = world.now;
  }

  /** The wall clock, in ms. */
  now(): number {
    return this.#own + (this.#world.now - this.#since) / this.#lengthOfMs + this.#offsetMs;
  }

  /** How far the wall clock is off, drift included. */
  get errorMs(): number {
    return this.now() - this.#world.now;
  }

  get isFrozen(): boolean {
    return this.#held !== null;
  }

  /** Sets the wall clock `offsetMs` ahead of where it would be; timers do not notice. */
  skew(offsetMs: number): void {
    this.#offsetMs = offsetMs;
    this.adjustedAt = this.#world.now;
  }

  /** From now on a second of this machine is longer by so many millionths; negative for shorter. Timers that are armed keep their time. */
  drift(ppm: number): void {
    this.#own += (this.#world.now - this.#since) / this.#lengthOfMs;
    this.#since = this.#world.now;
    this.#lengthOfMs = 1 + ppm / PPM;
    this.adjustedAt = this.#world.now;
  }

  /** Right again, as after a step by NTP. */
  setRight(): void {
    this.#offsetMs = 0;
    this.#lengthOfMs = 1;
    this.#since = this.#own = this.#world.now;
    this.adjustedAt = this.#world.now;
  }

  /** `run`, where given, runs the callback. */
  after(
    delayMs: number,
    callback: () => void,
    run: ((work: () => void) => void) | null = null,
  ): Timer {
    const timer = new MachineTimer(this, callback, run);
    timer.due = this.#world.afterWith(Math.max(0, delayMs) * this.#lengthOfMs, ring, timer);
    return timer;
  }

  /** Runs it now, or when the machine is thawed. */
  run(work: () => void): void {
    if (this.#held === null) work();
    else this.#held.push(work);
  }

  freeze(): void {
    this.#held ??= [];
  }

  thaw(): void {
    const held = this.#held ?? [];
    this.#held = null;
    // What was held may freeze the machine again; the rest is then held anew, before what comes later.
    for (const work of held) this.run(work);
  }

  /** The machine is switched off: what was held never happens. */
  forget(): void {
    this.#held = null;
  }
}

class MachineTimer implements Timer {
  due: Timer | null = null;
  readonly #time: MachineTime;
  readonly #run: ((work: () => void) => void) | null;
  #callback: (() => void) | null;

  constructor(time: MachineTime, callback: () => void, run: ((work: () => void) => void) | null) {
    this.#time = time;
    this.#callback = callback;
    this.#run = run;
  }

  ring(): void {
    if (this.#time.isFrozen) {
      this.#time.run(() => {
        this.ring();
      });
      return;
    }
    const callback = this.#callback;
    this.#callback = null;
    if (callback === null) return;
    if (this.#run === null) callback();
    else this.#run(callback);
  }

  cancel(): void {
    this.#callback = null;
    this.due?.cancel();
  }
}

const ring = (timer: MachineTimer): void => {
  timer.ring();
};

import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { YOUNG_MEMORY } from '../bench/young-memory.ts';
import { messageOf, SwarmtwinError } from '../model/errors.ts';
import { ENDS, THROWN } from '../simulator/explore/play-plan.ts';
import {
  FIRST_SLOT,
  NEXT,
  seedOf,
  STOP,
  type Exploration,
  type PlayedRun,
  type WorkerTask,
} from './explore-task.ts';

/** The slowest honest run takes seconds. Looks are counted, and not the time: it goes on while the whole process is stopped, and the run does not. */
const STUCK_LOOKS = 120;
const LOOK_MS = 1000;
/** How long runs that are under way may go on after a stop. */
const LAST_RUNS_MS = 10_000;

/** Plays an exploration on several threads; each run is played once, by whichever thread is free. */
export class ExploreThreads {
  readonly #exploration: Exploration;
  readonly #told: (played: PlayedRun) => void;
  readonly #shared: Int32Array<SharedArrayBuffer>;
  readonly #live = new Map<number, Worker>();
  /** By slot, the run that was seen there, and how often. */
  readonly #at = new Map<number, { run: number; looks: number }>();
  readonly #cutOff: number[] = [];

  /** `told` hears of each run as soon as it has ended. */
  constructor(exploration: Exploration, threads: number, told: (played: PlayedRun) => void) {
    this.#exploration = exploration;
    this.#told = told;
    const bytes = Int32Array.BYTES_PER_ELEMENT * (FIRST_SLOT + threads);
    this.#shared = new Int32Array(new SharedArrayBuffer(bytes));
    this.#shared[NEXT] = exploration.first;
  }

  /** The first run that nobody has begun; beyond the last one where all were begun. */
  get next(): number {
    return Math.min(Atomics.load(this.#shared, NEXT), this.#exploration.last + 1);
  }

  /** Runs that were under way after a stop, and did not end in time. */
  get cutOff(): readonly number[] {
    return this.#cutOff;
  }

  /** Resolves when every run was played, or after a stop. A thread that dies or hangs costs its run, which counts as failed. */
  async play(): Promise<void> {
    const slots = [...this.#shared.keys()].slice(FIRST_SLOT);
    const watch = setInterval(() => {
      this.#look();
    }, LOOK_MS);
    try {
      await Promise.all(slots.map((slot) => this.#runSlot(slot)));
    } finally {
      clearInterval(watch);
    }
  }

  /** Takes no more runs; those that are under way end, or are cut off after ten seconds. */
  stop(): void {
    Atomics.store(this.#shared, STOP, 1);
    setTimeout(() => {
      for (const worker of this.#live.values()) void worker.terminate();
    }, LAST_RUNS_MS).unref();
  }

  async #runSlot(slot: number): Promise<void> {
    while (await this.#runThread(slot)) this.#at.delete(slot);
  }

  /** One life of a thread. True when it died before its time and another must go on. */
  #runThread(slot: number): Promise<boolean> {
    const workerData: WorkerTask = { ...this.#exploration, shared: this.#shared, slot };
    for (const option of YOUNG_MEMORY) setFlagsFromString(option);
    const worker = new Worker(new URL('./explore-worker.ts', import.meta.url), { workerData });
    this.#live.set(slot, worker);
    worker.on('message', this.#told);
    let why = '';
    worker.on('error', (caught) => {
      why = messageOf(caught);
    });
    return new Promise((resolve, reject) => {
      worker.once('exit', () => {
        this.#live.delete(slot);
        const run = Atomics.exchange(this.#shared, slot, 0);
        if (run > 0) resolve(this.#mourn(run, why));
        else if (why === '') resolve(false);
        else reject(threadFailed(why));
      });
    });
  }

  #mourn(run: number, why: string): boolean {
    const isStopped = Atomics.load(this.#shared, STOP) === 1;
    if (why !== '') this.#lost(run, THROWN, why);
    else if (isStopped) this.#cutOff.push(run);
    else
      this.#lost(run, ENDS, `it took more than ${(STUCK_LOOKS * LOOK_MS) / 1000} s of real time`);
    return !isStopped;
  }

  #lost(run: number, invariant: string, text: string): void {
    const seed = seedOf(this.#exploration.seed, run);
    const violation = { invariant, atMs: 0, text: `${text} (rule: ${invariant})` };
    const nothing = { events: 0, virtualMs: 0, coverage: { end: { violation: 1 } } };
    this.#told({ run, seed, end: 'violation', violation, ...nothing });
  }

  #look(): void {
    for (const [slot, worker] of this.#live) {
      const run = Atomics.load(this.#shared, slot);
      const seen = this.#at.get(slot);
      const looks = seen?.run === run ? seen.looks + 1 : 0;
      this.#at.set(slot, { run, looks });
      if (run !== 0 && looks > STUCK_LOOKS) void worker.terminate();
    }
  }
}

const threadFailed = (why: string): SwarmtwinError =>
  new SwarmtwinError(
    'internal',
    `a thread of the exploration died between runs: ${why}`,
    'Explore again with --workers 1.',
  );

/** What every measurement works with. */
import { createLab } from '../lab/create-lab.ts';
import type { Lab, LabOptions } from '../lab/lab.ts';
import type { BenchSubject, Readings } from './readings.ts';
import { BENCH_SUBJECTS } from './readings.ts';

export interface BenchContext {
  readonly readings: Readings;
  /** How many samples each figure gets. */
  readonly samples: number;
  readonly progress: (line: string) => void;
  /** A lab of three managers, not yet a swarm. */
  readonly lab: (subject: BenchSubject) => Promise<Lab>;
  /** Two swarms of three managers that run side by side, made when first asked for and shared by the measurements after that. */
  readonly pair: () => Promise<LabPair>;
}

export type LabPair = Readonly<Record<BenchSubject, Lab>>;

type LabBasics = Pick<LabOptions, 'engine' | 'images' | 'rights' | 'twin'>;

/** Makes labs of three managers by the name of `bench-…`. */
export function labMaker(basics: LabBasics): (subject: BenchSubject) => Promise<Lab> {
  return (subject) =>
    createLab({ ...basics, name: `bench-${subject}`, subject, managers: 3, workers: 0 });
}

/** The two swarms, formed one after the other so that neither is measured while the other starts. */
export class SharedPair {
  readonly #make: (subject: BenchSubject) => Promise<Lab>;
  readonly #labs: Lab[] = [];
  #pair: Promise<LabPair> | undefined;

  constructor(make: (subject: BenchSubject) => Promise<Lab>) {
    this.#make = make;
  }

  get(): Promise<LabPair> {
    this.#pair ??= this.#form();
    return this.#pair;
  }

  /** Takes both down; the next `get` makes new ones. Safe when nothing was made. */
  async down(): Promise<void> {
    this.#pair = undefined;
    await Promise.all(this.#labs.splice(0).map((lab) => lab.down()));
  }

  async #form(): Promise<LabPair> {
    return { swarm: await this.#formOne('swarm'), twin: await this.#formOne('twin') };
  }

  async #formOne(subject: BenchSubject): Promise<Lab> {
    const lab = await this.#make(subject);
    this.#labs.push(lab);
    await lab.formSwarm();
    return lab;
  }
}

/** Both subjects, in turn first, so that neither always comes after the other. */
export function inTurn(round: number): readonly BenchSubject[] {
  return round % 2 === 0 ? BENCH_SUBJECTS : [...BENCH_SUBJECTS].reverse();
}

/** Both subjects at the same time; waits for both before it says what went wrong with one. */
export async function bothAtOnce(
  pair: LabPair,
  work: (lab: Lab, subject: BenchSubject) => Promise<void>,
): Promise<void> {
  const all = BENCH_SUBJECTS.map((subject) => work(pair[subject], subject));
  await Promise.allSettled(all);
  await Promise.all(all);
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

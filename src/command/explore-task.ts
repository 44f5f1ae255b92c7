/** What the threads of an exploration share, and what they say to each other. */
import type { Limits } from '../simulator/explore/draw.ts';
import type { RunResult } from '../simulator/explore/play-plan.ts';

/** Places in the shared array: the number of the next run, whether to stop, and then for each thread the run that it is at, or 0. */
export const NEXT = 0;
export const STOP = 1;
export const FIRST_SLOT = 2;

export interface Exploration {
  readonly seed: string;
  /** Runs have the numbers from here … */
  readonly first: number;
  /** … to here. */
  readonly last: number;
  readonly limits: Limits;
}

export interface WorkerTask extends Exploration {
  readonly shared: Int32Array<SharedArrayBuffer>;
  readonly slot: number;
}

/** A run without its plan, which its seed gives again. */
export interface PlayedRun extends Omit<RunResult, 'plan'> {
  readonly run: number;
  readonly seed: string;
}

export const seedOf = (seed: string, run: number): string => `${seed}-${run}`;

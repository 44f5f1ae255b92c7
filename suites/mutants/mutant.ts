import type { ClaimId } from '../../src/model/scenario.ts';
import type { CONVERGES, ENDS, THROWN } from '../../src/simulator/explore/play-plan.ts';
import type { StepRule } from '../../src/model/verdict.ts';
import type { Rule } from '../../src/simulator/invariants/rules.ts';
import type { HuntName } from './hunts.ts';

/** `find` occurs exactly once in the file. */
export interface Patch {
  /** From the project's root. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** What the explorer can see broken: the rules of the watch, and its own. */
export type Law = Rule | typeof CONVERGES | typeof THROWN | typeof ENDS;

/** The claims that a wrong twin must be seen to fail, each with the name of the scenario that shows it. */
export type Failing = Readonly<Partial<Record<ClaimId, string>>>;

/** The rules of legal steps that a wrong twin must be seen to break, each with the name of the scenario that shows it. */
export type Walking = Readonly<Partial<Record<StepRule, string>>>;

interface Wrong {
  readonly name: string;
  /** What it does wrong, as one would say it. */
  readonly wrong: string;
  readonly patches: readonly Patch[];
  readonly walks?: Walking;
}

/** A wrong twin that the explorer must see break a law. */
export interface HuntedMutant extends Wrong {
  /** What is odd in this hunt besides, and does no harm to the true twin. */
  readonly given?: readonly Patch[];
  readonly breaks: Law;
  /** Other laws that may be the first to see it, and why that is as good. */
  readonly also?: Readonly<Record<string, string>>;
  /** Rules that always see it first, and are put to sleep so that `breaks` can be seen to work by itself. */
  readonly deafTo?: readonly Rule[];
  readonly hunt: HuntName;
  /** The explorer finds it within so many runs, from the fixed seeds. */
  readonly within: number;
  /** The run that is tried before all others, since it found it last time. Run n of hunt h has the seed `h-n`. */
  readonly first?: number;
  readonly fails?: Failing;
}

/** A wrong twin that a claim of the suites, or the table of legal steps, must see on the simulator. */
export interface PlayedMutant extends Wrong {
  readonly fails?: Failing;
}

export type Mutant = HuntedMutant | PlayedMutant;

export const isHunted = (mutant: Mutant): mutant is HuntedMutant => 'breaks' in mutant;

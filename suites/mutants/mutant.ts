import type { Rule } from '../../src/simulator/invariants/rules.ts';
import type { HuntName } from './hunts.ts';

/** `find` occurs exactly once in the file. */
export interface Patch {
  /** From the project's root. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A wrong twin, and the rule that it must be seen to break. */
export interface Mutant {
  readonly name: string;
  /** What it does wrong, as one would say it. */
  readonly wrong: string;
  readonly patches: readonly Patch[];
  /** What is odd in this hunt besides, and does no harm to the true twin. */
  readonly given?: readonly Patch[];
  readonly breaks: Rule;
  /** Other rules that may be the first to see it, and why that is as good. */
  readonly also?: Readonly<Record<string, string>>;
  /** Rules that always see it first, and are put to sleep so that `breaks` can be seen to work by itself. */
  readonly deafTo?: readonly Rule[];
  readonly hunt: HuntName;
  /** The explorer finds it within so many runs, from the fixed seeds. */
  readonly within: number;
}

/** Hunts a mutant with the explorer, and says whether it was caught as declared. */
import { runChild } from './child.ts';
import type { Caught } from './hunt-child.ts';
import type { HuntName } from './hunts.ts';
import type { HuntedMutant } from './mutant.ts';

const DEADLINE_MS = 240_000;

/** Where to hunt: the first `runs` plans of a hunt, and one of them before the others if it is named. */
export interface Ground {
  readonly hunt: HuntName;
  readonly runs: number;
  readonly first?: number;
}

/**
 * Plays the plans until a law is broken. `mutant` is a mutant's name, `given:` and its name, or `''` for the twin as it is.
 * Errors: what the child said when it did not come to an answer, a patch that does not find its place above all.
 */
export async function hunt(
  mutant: string,
  { hunt: name, runs, first = 1 }: Ground,
): Promise<Caught> {
  const args = [name, String(runs), String(first)];
  const { lines, broke } = await runChild(mutant, 'hunt-child.ts', args, DEADLINE_MS);
  if (broke !== '') throw new Error(`the hunt ${name} for "${mutant}" broke: ${broke}`);
  return lines[0] as Caught;
}

/** What is wrong with how a mutant was caught; `''` when all is as declared. */
export function complaint(
  { name, breaks, also = {}, within }: HuntedMutant,
  caught: Caught,
): string {
  if (caught.run === 0) return `${name} was not found within ${within} runs`;
  if (caught.rule === breaks || Object.hasOwn(also, caught.rule)) return '';
  return `${name} is to break ${breaks}; ${caught.rule} saw it first, and is not listed: ${caught.text}`;
}

/** Hunts a mutant with the explorer, and says whether it was caught as declared. */
import { runChild } from './child.ts';
import type { Caught } from './hunt-child.ts';
import type { HuntName } from './hunts.ts';
import type { HuntedMutant } from './mutant.ts';

/** Some hundred runs. */
const CPU_S = 180;
const NOTHING: Caught = { run: 0, rule: '', text: '' };

/** Where to hunt: the first `runs` plans of a hunt, and one of them before the others if it is named. */
export interface Ground {
  readonly hunt: HuntName;
  readonly runs: number;
  readonly first?: number;
}

/**
 * Plays the plans of each ground until a law is broken; what loops for ever is cut off, and nothing was seen. `mutant` is a mutant's name, `given:` and its name, or `''` for the twin as it is.
 * Errors: what the child said when it did not come to an answer, a patch that does not find its place above all.
 */
export async function huntOn(
  mutant: string,
  grounds: readonly Ground[],
): Promise<readonly Caught[]> {
  const args = grounds.map((ground) => JSON.stringify(ground));
  const { lines, broke, isCutOff } = await runChild(mutant, 'hunt-child.ts', args, CPU_S);
  if (broke !== '' && !isCutOff) throw new Error(`the hunt for "${mutant}" broke: ${broke}`);
  return grounds.map((_, at) => (lines[at] as Caught | undefined) ?? { ...NOTHING, text: broke });
}

/** Hunts a mutant where it is declared to be found. Errors as for `huntOn`. */
export async function hunt({
  name,
  hunt: where,
  within,
  first = 1,
}: HuntedMutant): Promise<Caught> {
  const [caught] = await huntOn(name, [{ hunt: where, runs: within, first }]);
  return caught ?? NOTHING;
}

/** What is wrong with how a mutant was caught; `''` when all is as declared. */
export function complaint(
  { name, breaks, also = {}, within }: HuntedMutant,
  caught: Caught,
): string {
  if (caught.run === 0) return `${name} was not found within ${within} runs ${caught.text}`.trim();
  if (caught.rule === breaks || Object.hasOwn(also, caught.rule)) return '';
  return `${name} is to break ${breaks}; ${caught.rule} saw it first, and is not listed: ${caught.text}`;
}

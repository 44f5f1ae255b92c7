/** Everything that is tried on one mutant: its hunt, and the scenarios of the suites. */
import { unplayableOn } from '../../src/scenario/unplayable.ts';
import { SCENARIOS } from '../scenarios.ts';
import { hunt, huntOn, complaint } from './hunt.ts';
import type { Caught } from './hunt-child.ts';
import { failuresIn, play, scenariosOf, unseen, type Failure } from './judge.ts';
import { isHunted, type Mutant } from './mutant.ts';
import type { Played } from './play-child.ts';

/** What became of one mutant. */
export interface Trial {
  readonly mutant: Mutant;
  /** Null where it is not hunted. */
  readonly caught: Caught | null;
  /** What plain exploration came to, without a directed hunt; null where it was not asked for. */
  readonly drawn: Caught | null;
  readonly played: readonly Played[];
  readonly failures: readonly Failure[];
  /** What is not as declared. */
  readonly complaints: readonly string[];
}

/** Every scenario of the suites that can be simulated, by name. */
export const STAGES: readonly string[] = SCENARIOS.filter(
  (scenario) => unplayableOn(scenario, 'sim') === null,
).map(({ name }) => name);

/** A mutant that holds time up comes to the end of hardly any scenario: each that it is not declared to fail in would be minutes of running in a circle. */
const stagesOf = (mutant: Mutant): readonly string[] =>
  isHunted(mutant) && mutant.breaks === 'time-goes-on' ? scenariosOf(mutant) : STAGES;

/** Hunts the mutant from run 1 on, in `drawnRuns` drawn outages too, and plays all scenarios to it. Errors: a mutant that cannot be put in. */
export async function tryOn(mutant: Mutant, drawnRuns: number): Promise<Trial> {
  const { name } = mutant;
  const caught = isHunted(mutant) ? await hunt({ ...mutant, first: 1 }) : null;
  const ground = { hunt: 'drawn', runs: drawnRuns } as const;
  const [drawn = null] = drawnRuns === 0 ? [] : await huntOn(`bare:${name}`, [ground]);
  const played = await play(name, stagesOf(mutant));
  const failures = failuresIn(played);
  const complaints = [
    ...(isHunted(mutant) && caught !== null ? [complaint(mutant, caught)] : []),
    ...unseen(mutant, played),
  ].filter((text) => text !== '');
  return { mutant, caught, drawn, played, failures, complaints };
}

/** Whether a law, a claim or the table of legal steps has seen it. */
export const isKilled = ({ caught, drawn, failures, played }: Trial): boolean =>
  (caught?.run ?? 0) > 0 ||
  (drawn?.run ?? 0) > 0 ||
  failures.length > 0 ||
  played.some(({ steps }) => steps.length > 0);

/** Plays scenarios to a mutant on the simulator, and says which claims it fails. */
import { CLAIM_IDS, type ClaimId } from '../../src/model/scenario.ts';
import { runChild } from './child.ts';
import type { Failing, Mutant } from './mutant.ts';
import type { Played } from './play-child.ts';

const DEADLINE_MS = 300_000;

/**
 * Plays the scenarios to a mutant, or to the twin as it is (`''`). One that hangs or throws is cut off: what was judged until then counts, and the
 * rest says why it was not. Errors: what the child said when it could not play any, a patch that does not find its place above all.
 */
export async function play(
  mutant: string,
  scenarios: readonly string[],
): Promise<readonly Played[]> {
  const bare = mutant === '' ? '' : `bare:${mutant}`;
  const { lines, broke } = await runChild(bare, 'play-child.ts', scenarios, DEADLINE_MS);
  const played = lines as readonly Played[];
  if (played.length === 0 && broke !== '') throw new Error(`"${mutant}" was not played: ${broke}`);
  const left = scenarios.slice(played.length);
  return [...played, ...left.map((scenario) => ({ scenario, claims: [], broke }))];
}

/** A claim that failed, where, and why. */
export interface Failure {
  readonly claim: ClaimId;
  readonly scenario: string;
  readonly reason: string;
}

export const failuresIn = (played: readonly Played[]): readonly Failure[] =>
  played.flatMap(({ scenario, claims }) =>
    claims
      .filter(({ verdict }) => verdict === 'fails')
      .map(({ claim, reason }) => ({ claim, scenario, reason })),
  );

/** Which scenarios show the claims that a mutant is to fail. */
export const scenariosOf = (fails: Failing): readonly string[] => [
  ...new Set(Object.values(fails)),
];

/** The declared claims that did not fail, with what they answered; empty when all is as declared. */
export function unseen({ name, fails = {} }: Mutant, played: readonly Played[]): readonly string[] {
  return CLAIM_IDS.flatMap((claim) => {
    const scenario = fails[claim];
    if (scenario === undefined) return [];
    const where = played.find((each) => each.scenario === scenario);
    const answer = where?.claims.find((each) => each.claim === claim);
    if (answer?.verdict === 'fails') return [];
    const why = answer === undefined ? (where?.broke ?? 'not played') : answer.reason;
    return [`${name} is to fail ${claim} in ${scenario}: ${answer?.verdict ?? 'nothing'}, ${why}`];
  });
}

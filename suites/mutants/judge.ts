/** Plays scenarios to a mutant on the simulator, and says which claims it fails. */
import { CLAIM_IDS, type ClaimId } from '../../src/model/scenario.ts';
import { runChild } from './child.ts';
import { STEP_RULES, type StepRule } from '../../src/model/verdict.ts';
import type { Mutant } from './mutant.ts';
import type { Played } from './play-child.ts';

/** A scenario takes half a second; the first ones of a process more. */
const START_CPU_S = 10;
const SCENARIO_CPU_S = 5;

/**
 * Plays the scenarios to a mutant, or to the twin as it is (`''`). One that loops for ever is cut off, and the others are played without it.
 * Errors: what the child said when it could not play any, a patch that does not find its place above all.
 */
export async function play(
  mutant: string,
  scenarios: readonly string[],
): Promise<readonly Played[]> {
  if (scenarios.length === 0) return [];
  const bare = mutant === '' ? '' : `bare:${mutant}`;
  const cpuS = START_CPU_S + SCENARIO_CPU_S * scenarios.length;
  const { lines, broke, isCutOff } = await runChild(bare, 'play-child.ts', scenarios, cpuS);
  const played = lines as readonly Played[];
  if (played.length === 0 && broke !== '' && !isCutOff)
    throw new Error(`"${mutant}" was not played: ${broke}`);
  const [stuck, ...left] = scenarios.slice(played.length);
  if (stuck === undefined) return played;
  return [
    ...played,
    { scenario: stuck, claims: [], steps: [], broke },
    ...(await play(mutant, left)),
  ];
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

/** Which scenarios show the claims that a mutant is to fail, and the rules of steps that it is to break. */
export const scenariosOf = ({ fails = {}, walks = {} }: Mutant): readonly string[] => [
  ...new Set([...Object.values(fails), ...Object.values(walks)]),
];

export const RULES_OF_STEPS = Object.keys(STEP_RULES) as readonly StepRule[];

/** The declared claims that did not fail, with what they answered, and the rules that were not broken; empty when all is as declared. */
export function unseen(mutant: Mutant, played: readonly Played[]): readonly string[] {
  return [...claimsUnseen(mutant, played), ...stepsUnseen(mutant, played)];
}

const stepsUnseen = ({ name, walks = {} }: Mutant, played: readonly Played[]): readonly string[] =>
  RULES_OF_STEPS.flatMap((rule) => {
    const scenario = walks[rule];
    if (scenario === undefined) return [];
    const where = played.find((each) => each.scenario === scenario);
    if (where?.steps.some((step) => step.rule === rule) === true) return [];
    return [`${name} is to break ${rule} in ${scenario}: ${where?.broke ?? 'not played'}`];
  });

function claimsUnseen({ name, fails = {} }: Mutant, played: readonly Played[]): readonly string[] {
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

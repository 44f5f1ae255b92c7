/** Claims that the twin is known to fail: each failure is shown as the known difference that it is, and each declaration is held against what was seen. */
import type { Scenario } from '../model/scenario.ts';
import { claimOf, type ClaimVerdict, type KnownDivergence } from '../model/verdict.ts';

export interface ClaimsWithKnown {
  readonly claims: readonly ClaimVerdict[];
  /** Declarations of claims that hold: each one turns a run red. */
  readonly healed: readonly string[];
}

/** Real Swarm is excused from nothing: what is declared is how the twin differs from it. `engine` is the version that the engines told. */
export function withKnown(
  { suite, name }: Pick<Scenario, 'suite' | 'name'>,
  claims: readonly ClaimVerdict[],
  known: readonly KnownDivergence[],
  engine: string,
): ClaimsWithKnown {
  const mine = known.filter(
    (entry) =>
      entry.scenario === `${suite}/${name}` &&
      claimOf(entry) !== '' &&
      (entry.engine === undefined || engine.startsWith(`${entry.engine}.`)),
  );
  const declared = ({ id, subject }: ClaimVerdict): KnownDivergence | undefined =>
    subject === 'swarm' ? undefined : mine.find((entry) => claimOf(entry) === id);
  return {
    claims: claims.map((claim) => {
      const entry = declared(claim);
      return entry === undefined || claim.verdict !== 'fails'
        ? claim
        : { ...claim, verdict: 'known', reason: `${entry.reason} (${claim.reason})` };
    }),
    healed: claims.flatMap((claim) => {
      const entry = declared(claim);
      return entry === undefined || claim.verdict !== 'holds'
        ? []
        : [`${claim.id} holds on ${claim.subject}: ${entry.reason}`];
    }),
  };
}

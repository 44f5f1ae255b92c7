/** Several plays of one scenario as one verdict. What failed once failed, and what also held is unstable: no play makes another one good. */
import type {
  ClaimSays,
  ClaimVerdict,
  Play,
  Sameness,
  SamenessVerdict,
  ScenarioVerdict,
  Try,
} from '../model/verdict.ts';
import { isOwn } from '../model/verdict.ts';
import { spreadsOf } from './spreads.ts';

/** A play, judged by itself. */
export interface SinglePlay {
  readonly histories: Play['histories'];
  readonly verdict: ScenarioVerdict;
}

export interface Settled {
  readonly verdict: ScenarioVerdict;
  /** Which of the plays shows it best, from 0: the one that differs, or where a claim fails; else the last. */
  readonly shown: number;
}

/** Of at least one play, in their order; play 1 is the first. Of a single one its verdict is the whole. */
export function settle(plays: readonly SinglePlay[]): Settled {
  const verdicts = plays.map(({ verdict }) => verdict);
  const shown = shownOf(verdicts);
  const verdict = verdicts[shown];
  if (verdict === undefined) throw new Error('a scenario without a play has no verdict');
  if (verdicts.length === 1) return { verdict, shown };
  const comparison = settledComparison(verdicts.map((each) => each.comparison));
  return {
    shown,
    verdict: {
      ...verdict,
      sameness: comparison.sameness,
      comparison,
      claims: claimKeys(verdicts).map((key) => settledClaim(verdicts, key, shown + 1)),
      steps: verdicts.flatMap(({ steps }, at) => steps.map((step) => ({ ...step, play: at + 1 }))),
      plays: plays.map(({ histories, verdict: { comparison: own } }, at) => ({
        play: at + 1,
        sameness: single(own.sameness),
        histories,
      })),
      shownPlay: shown + 1,
      spreads: spreadsOf(verdicts.map(({ timings }) => timings)),
    },
  };
}

/**
 * Nothing failed, nothing differs and no step was illegal, but something could not be judged: only then is a scenario played again, since a second play
 * could only hide what failed. With one subject there is nothing to compare, which another play would not change.
 */
export const isOpen = (verdict: ScenarioVerdict, subjects: number): boolean =>
  !isBad(verdict) &&
  (verdict.claims.some((claim) => claim.verdict === 'inconclusive') ||
    (subjects > 1 && verdict.sameness === 'inconclusive'));

const isBad = ({ claims, steps, comparison }: ScenarioVerdict): boolean =>
  claims.some(({ verdict }) => verdict === 'fails' || verdict === 'unstable') ||
  comparison.sameness === 'different' ||
  comparison.sameness === 'unstable' ||
  comparison.healed.length > 0 ||
  steps.some((step) => !isOwn(step));

function shownOf(verdicts: readonly ScenarioVerdict[]): number {
  const differing = verdicts.findIndex(({ sameness }) => sameness === 'different');
  if (differing >= 0) return differing;
  const failing = verdicts.findIndex(isBad);
  return failing >= 0 ? failing : verdicts.length - 1;
}

const claimKeys = (
  verdicts: readonly ScenarioVerdict[],
): readonly Pick<ClaimVerdict, 'id' | 'subject'>[] => {
  const all = verdicts.flatMap(({ claims }) => claims);
  return [...new Map(all.map((claim) => [`${claim.id} ${claim.subject}`, claim])).values()];
};

function settledClaim(
  verdicts: readonly ScenarioVerdict[],
  { id, subject }: Pick<ClaimVerdict, 'id' | 'subject'>,
  shownPlay: number,
): ClaimVerdict {
  const of = verdicts.flatMap(({ claims }, at) => {
    const claim = claims.find((each) => each.id === id && each.subject === subject);
    return claim === undefined ? [] : [{ ...claim, play: at + 1 }];
  });
  const tries = of.map(({ play, verdict, reason }) => ({
    ...{ play, verdict: single(verdict), reason },
  }));
  const first = (wanted: ClaimSays): (typeof of)[number] | undefined =>
    of.find(({ verdict, play }) => verdict === wanted && play === shownPlay) ??
    of.find(({ verdict }) => verdict === wanted);
  // What could not be judged in the last play could not be judged at all, where none before it could.
  const shown = first('fails') ?? first('known') ?? first('holds') ?? of.at(-1);
  if (shown === undefined) throw new Error(`no play judged ${id} on ${subject}`);
  const isUnstable =
    first('holds') !== undefined && (first('fails') ?? first('known')) !== undefined;
  return {
    ...shown,
    ...(isUnstable ? { verdict: 'unstable', reason: triesText(tries) } : {}),
    ...(agree(tries) ? {} : { tries }),
  };
}

function settledComparison(comparisons: readonly SamenessVerdict[]): SamenessVerdict {
  const tries = comparisons.map(({ sameness, reason }, at) => ({
    ...{ play: at + 1, verdict: single(sameness), reason },
  }));
  const first = (wanted: Sameness): SamenessVerdict | undefined =>
    comparisons.find(({ sameness }) => sameness === wanted);
  const shown = first('different') ?? first('same') ?? comparisons.at(-1);
  if (shown === undefined) throw new Error('no play was compared');
  const isUnstable = first('different') !== undefined && first('same') !== undefined;
  const told = comparisons.filter(({ sameness }) => sameness !== 'inconclusive');
  return {
    ...shown,
    ...(isUnstable ? { sameness: 'unstable', reason: triesText(tries) } : {}),
    ...(agree(tries) ? {} : { tries }),
    // A known divergence that any play shows is there.
    healed: shown.healed.filter((entry) => told.every(({ healed }) => healed.includes(entry))),
  };
}

const agree = (tries: readonly Try<ClaimSays | Sameness>[]): boolean =>
  new Set(tries.map(({ verdict }) => verdict)).size === 1;

/** `holds in play 1; fails in play 2: …`. */
const triesText = (tries: readonly Try<ClaimSays | Sameness>[]): string => {
  const groups = [...Map.groupBy(tries, ({ verdict }) => verdict)];
  return groups
    .map(([verdict, of]) => {
      const numbers = of.map(({ play }) => play).join(', ');
      return `${verdict} in play ${numbers}: ${of[0]?.reason ?? ''}`;
    })
    .join('; ');
};

/** A play that was judged by itself cannot be unstable. */
function single<V extends string>(verdict: V): Exclude<V, 'unstable'> {
  if (verdict === 'unstable') throw new Error('a single play has no unstable verdict');
  return verdict as Exclude<V, 'unstable'>;
}

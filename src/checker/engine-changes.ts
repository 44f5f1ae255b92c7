/** What changed from one line of engines to the next: real Swarm of one compared with real Swarm of the other, and the claims on every subject. */
import type { HistoryRecord } from '../model/history.ts';
import type { EngineLine } from '../model/engines.ts';
import type { Difference, EngineChange, ScenarioVerdict } from '../model/verdict.ts';
import { weightOf } from './difference-view.ts';
import { compareHistories } from './sameness.ts';

/** One scenario on one line of engines. */
export interface EngineSide {
  readonly line: EngineLine;
  readonly verdict: ScenarioVerdict;
  /** Of real Swarm, a history for each play. */
  readonly plays: readonly (() => readonly HistoryRecord[])[];
}

export interface EngineComparison {
  readonly changes: readonly EngineChange[];
  /** Why the histories tell nothing; '' where they do. */
  readonly unclear: string;
}

/**
 * What is told of the same scenario on engines that follow each other. With several plays the last is compared with the last and so on; a change is what every
 * pair shows that can be judged: what one shows and another does not is chance.
 */
export function changesBetween(before: EngineSide, after: EngineSide): EngineComparison {
  const { suite, scenario } = after.verdict;
  const name = `${suite}/${scenario}`;
  const between = { scenario: name, from: before.line, to: after.line };
  const pairs = Array.from({ length: Math.min(before.plays.length, after.plays.length) }, (_, at) =>
    compareHistories(before.plays.at(-1 - at)?.() ?? [], after.plays.at(-1 - at)?.() ?? []),
  );
  const judged = pairs.filter(({ sameness }) => sameness !== 'inconclusive');
  const differences = (judged[0]?.differences ?? []).filter(({ field }) =>
    judged.every((pair) => pair.differences.some((difference) => difference.field === field)),
  );
  return {
    changes: [
      ...claimChanges(before.verdict, after.verdict).map((change) => ({ ...between, ...change })),
      ...alike(differences).map(({ what, difference }) => ({
        ...{ ...between, kind: weightOf(difference), what },
        ...{ before: difference.left, after: difference.right },
      })),
    ],
    unclear:
      judged.length === 0
        ? `${name}, ${before.line} and ${after.line}: ${pairs[0]?.reason ?? 'not played'}`
        : '',
  };
}

/** An answer of every call of a kind, a member that another engine leaves out say, is told once. */
const alike = (
  differences: readonly Difference[],
): readonly { readonly what: string; readonly difference: Difference }[] => {
  const kindOf = ({ field, left, right }: Difference): string =>
    field.startsWith('answers.')
      ? JSON.stringify([field.slice(field.lastIndexOf('.')), left, right])
      : field;
  return [...Map.groupBy(differences, kindOf).values()].flatMap(([difference, ...more]) =>
    difference === undefined
      ? []
      : [
          {
            what: `${difference.field}${more.length === 0 ? '' : `, and ${more.length} alike`}`,
            difference,
          },
        ],
  );
};

type ClaimChange = Pick<EngineChange, 'kind' | 'what' | 'before' | 'after'>;

/** A claim that could not be judged on one of the two has not changed. */
const claimChanges = (before: ScenarioVerdict, after: ScenarioVerdict): readonly ClaimChange[] =>
  after.claims.flatMap(({ id, subject, verdict, reason }) => {
    const old = before.claims.find((claim) => claim.id === id && claim.subject === subject);
    if (old === undefined || old.verdict === verdict) return [];
    if (old.verdict === 'inconclusive' || verdict === 'inconclusive') return [];
    return [
      {
        ...{ kind: 'claim' as const, what: `${id} on ${subject}` },
        ...{ before: `${old.verdict}: ${old.reason}`, after: `${verdict}: ${reason}` },
      },
    ];
  });

/** What changed from one line of engines to the next: real Swarm of one compared with real Swarm of the other, and the claims on every subject. */
import type { HistoryRecord } from '../model/history.ts';
import type { EngineName } from '../model/scenario.ts';
import type { EngineChange, ScenarioVerdict } from '../model/verdict.ts';
import { weightOf } from './difference-view.ts';
import { compareHistories } from './sameness.ts';

/** One scenario on one line of engines. */
export interface EngineSide {
  readonly line: EngineName;
  readonly verdict: ScenarioVerdict;
  /** Of real Swarm. */
  readonly records: readonly HistoryRecord[];
}

export interface EngineComparison {
  readonly changes: readonly EngineChange[];
  /** Why the two histories tell nothing; '' where they do. */
  readonly unclear: string;
}

/** What is told of two histories of the same scenario, of engines that follow each other. */
export function changesBetween(before: EngineSide, after: EngineSide): EngineComparison {
  const { suite, scenario } = after.verdict;
  const name = `${suite}/${scenario}`;
  const between = { scenario: name, from: before.line, to: after.line };
  const { sameness, differences, reason } = compareHistories(before.records, after.records);
  return {
    changes: [
      ...claimChanges(before.verdict, after.verdict).map((change) => ({ ...between, ...change })),
      ...differences.map((difference) => ({
        ...{ ...between, kind: weightOf(difference), what: difference.field },
        ...{ before: difference.left, after: difference.right },
      })),
    ],
    unclear:
      sameness === 'inconclusive' ? `${name}, ${before.line} and ${after.line}: ${reason}` : '',
  };
}

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

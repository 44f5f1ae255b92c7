/** The whole verdict on one scenario: the claims on each history, the comparison of the two, the times. */
import type { HistoryRecord, Subject } from '../model/history.ts';
import { KIND_OF_MANAGERS } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type {
  ClaimVerdict,
  KnownDivergence,
  NotPlayed,
  Sameness,
  SamenessVerdict,
  ScenarioVerdict,
} from '../model/verdict.ts';
import { claimOf } from '../model/verdict.ts';
import { illegalSteps } from './illegal-steps.ts';
import { judgeClaims } from './judge.ts';
import { withKnown } from './known-claims.ts';
import { pinsOf, type ComparedSubject } from './pin.ts';
import { compareHistories } from './sameness.ts';
import { timingsOf } from './timing.ts';

/** What was played to one subject. `error` says why there is no history, or none worth judging. */
export interface JudgedSide {
  readonly subject: Subject;
  readonly records: readonly HistoryRecord[];
  readonly error?: string;
}

/** Subjects that were asked for and have no side. */
export interface Absent {
  /** The mixed swarms that were not played because they would be one of the others. */
  readonly collapsed?: readonly Subject[];
  readonly notPlayed?: NotPlayed;
}

/** The first side is the reference, which every other is compared with. With one side only sameness is inconclusive and says so. */
export function judgeScenario(
  scenario: Scenario,
  sides: readonly JudgedSide[],
  known: readonly KnownDivergence[] = [],
  { collapsed = [], notPlayed = {} }: Absent = {},
): ScenarioVerdict {
  const headers = sides.flatMap(({ records }) => records.filter((each) => each.type === 'header'));
  const engines = [...new Set(headers.map((header) => header.engine))];
  const judged = sides.flatMap((side) => claimsOf(scenario, side));
  const { claims, healed } = withKnown(scenario, judged, known, engines[0] ?? '');
  const compared = comparedWithFirst(
    sides,
    known.filter((entry) => claimOf(entry) === ''),
  );
  const isAnyLeftOut = Object.keys(notPlayed).length > 0;
  const found = comparisonOf(compared, isAnyLeftOut);
  const comparison = { ...found, healed: [...found.healed, ...healed] };
  const seconds = Math.max(0, ...sides.map(({ records }) => (records.at(-1)?.atMs ?? 0) / 1000));
  return {
    suite: scenario.suite,
    scenario: scenario.name,
    ...(scenario.file === undefined ? {} : { file: scenario.file }),
    title: scenario.title,
    engine: engines.join(', '),
    seconds: Math.round(seconds * 10) / 10,
    sameness: comparison.sameness,
    comparison,
    claims,
    steps: sides.flatMap(({ records }) => illegalSteps(records)),
    ...mixedPart(sides, compared, claims, collapsed),
    ...(isAnyLeftOut ? { notPlayed, named: scenario.claims } : {}),
    timings: sides.flatMap(({ records }) => timingsOf(records)),
  };
}

/** What only a run with mixed swarms has. */
function mixedPart(
  sides: readonly JudgedSide[],
  compared: readonly ComparedSubject[],
  claims: readonly ClaimVerdict[],
  collapsed: readonly Subject[],
): Pick<ScenarioVerdict, 'pins' | 'collapsed'> {
  const isMixed = sides.some(({ subject }) => KIND_OF_MANAGERS[subject] !== undefined);
  if (!isMixed && collapsed.length === 0) return {};
  const standIns = collapsed.map((subject) => [subject, KIND_OF_MANAGERS[subject]] as const);
  return {
    pins: pinsOf(compared, claims, collapsed),
    collapsed: Object.fromEntries(standIns),
  };
}

const comparedWithFirst = (
  [reference, ...others]: readonly JudgedSide[],
  known: readonly KnownDivergence[],
): readonly ComparedSubject[] =>
  others.map(({ subject, records }) => ({
    ...{ subject, verdict: compareHistories(reference?.records ?? [], records, known) },
  }));

/** All comparisons as one: the worst counts, and a known divergence is healed when it is seen on none. */
function comparisonOf(
  compared: readonly ComparedSubject[],
  isAnyLeftOut: boolean,
): SamenessVerdict {
  const [first] = compared;
  const none = { differences: [], healed: [] };
  if (first === undefined)
    return isAnyLeftOut
      ? {
          ...{ ...none, sameness: 'not-compared' },
          reason: 'it cannot be played on two of the subjects',
        }
      : { ...{ ...none, sameness: 'inconclusive' }, reason: 'only one subject was played' };
  const worst = BY_WEIGHT.flatMap((sameness) =>
    compared.filter(({ verdict }) => verdict.sameness === sameness),
  );
  const { subject, verdict } = worst[0] ?? first;
  return {
    sameness: verdict.sameness,
    reason: compared.length > 1 ? `${subject}: ${verdict.reason}` : verdict.reason,
    differences: worst.flatMap((each) =>
      each.verdict.differences.map((difference) => ({ ...difference, subject: each.subject })),
    ),
    healed: first.verdict.healed.filter((entry) =>
      compared.every((each) => each.verdict.healed.includes(entry)),
    ),
  };
}

const BY_WEIGHT: readonly Sameness[] = ['different', 'inconclusive', 'same'];

function claimsOf(scenario: Scenario, side: JudgedSide): readonly ClaimVerdict[] {
  const judged = judgeClaims(side.records);
  if (judged.length > 0) return judged;
  const reason = `${side.subject} could not be played: ${side.error ?? 'no history'}`;
  return scenario.claims.map((id) => ({
    id,
    subject: side.subject,
    verdict: 'inconclusive',
    reason,
    evidence: [],
  }));
}

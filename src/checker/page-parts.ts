/** What a page shows of a scenario beside its verdict, made from the histories while they are at hand. */
import type { EvidenceLine } from '../model/evidence.ts';
import type { HistoryRecord, Subject } from '../model/history.ts';
import type { ReportedScenario } from '../model/timeline.ts';
import type { Difference, ScenarioVerdict } from '../model/verdict.ts';
import { viewsOf } from './difference-view.ts';
import { evidenceOf } from './evidence.ts';
import { faultProofsOf } from './fault-proofs.ts';
import { tellStory } from './story.ts';
import { timelineOf, zeroOf } from './timeline.ts';

export type PageParts = Pick<ReportedScenario, 'timelines' | 'evidence' | 'differences' | 'faults'>;

/** So many records are shown behind a claim or a step; the history has them all. */
export const SHOWN_EVIDENCE = 12;

/** One history for each subject, the reference first. */
export function partsOf(
  verdict: ScenarioVerdict,
  histories: readonly (readonly HistoryRecord[])[],
): PageParts {
  const known = histories.filter((records) => records[0]?.type === 'header');
  const [reference = [], ...others] = known;
  return {
    timelines: known.flatMap((records) => timelineOf(records) ?? []),
    evidence: Object.fromEntries(known.map((records) => evidenceLines(verdict, records))),
    differences: others.flatMap((records) =>
      viewsOf(reference, records, differencesOf(verdict, subjectOf(records))),
    ),
    faults: known.flatMap(faultProofsOf),
  };
}

const subjectOf = (records: readonly HistoryRecord[]): Subject | undefined =>
  records[0]?.type === 'header' ? records[0].subject : undefined;

/** Those of one subject; a comparison of two by themselves names none. */
const differencesOf = (
  { comparison }: ScenarioVerdict,
  subject: Subject | undefined,
): readonly Difference[] =>
  comparison.differences.filter((each) => each.subject === undefined || each.subject === subject);

function evidenceLines(
  { claims, steps }: ScenarioVerdict,
  records: readonly HistoryRecord[],
): readonly [string, readonly EvidenceLine[]] {
  const subject = subjectOf(records);
  const numbers = [...claims, ...steps]
    .filter((each) => each.subject === subject)
    .flatMap(({ evidence }) => evidence.slice(0, SHOWN_EVIDENCE));
  const story = tellStory(records);
  const zero = story === null ? 0 : zeroOf(story);
  return [subject ?? '', evidenceOf(records, numbers, zero)];
}

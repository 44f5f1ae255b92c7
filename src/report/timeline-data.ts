/** A scenario's timelines as the page's script draws them: rows of the same name under each other, in one scale. */
import type { LineData, TimelineData } from '../model/page-data.ts';
import { TONES } from '../model/page-data.ts';
import type { Bar, Moment, Timeline, TimelineRow } from '../model/timeline.ts';

export function timelineData(timelines: readonly Timeline[]): TimelineData {
  const rows = new Map<string, TimelineRow['kind']>();
  for (const { rows: own } of timelines) for (const { label, kind } of own) rows.set(label, kind);
  return {
    subjects: timelines.map(({ subject }) => subject),
    from: tenths(Math.min(0, ...timelines.map(({ fromMs }) => fromMs))),
    to: tenths(Math.max(1000, ...timelines.map(({ toMs }) => toMs))),
    lines: sortedRows(rows).flatMap(([label]) =>
      timelines.flatMap((timeline, of) => lineOf(timeline, label, of)),
    ),
    moments: timelines.map(({ moments }) => moments.map(momentOf)),
  };
}

/** JSON that may stand in a script element. */
export const scriptJson = (value: unknown): string =>
  JSON.stringify(value).replace(/</g, '\\u003c');

const KINDS: readonly TimelineRow['kind'][] = ['leader', 'node', 'slot'];

/** Leader, nodes, slots; within a kind in the order in which the first timeline has them. */
const sortedRows = (
  rows: ReadonlyMap<string, TimelineRow['kind']>,
): readonly (readonly [string, TimelineRow['kind']])[] =>
  [...rows].sort(([, a], [, b]) => KINDS.indexOf(a) - KINDS.indexOf(b));

/** None where the subject has no such row: a slot of a service that one side only made, say. */
function lineOf({ rows }: Timeline, label: string, of: number): readonly LineData[] {
  const row = rows.find((each) => each.label === label);
  return row === undefined ? [] : [{ label, kind: row.kind, of, bars: row.bars.map(barOf) }];
}

const barOf = ({ fromMs, toMs, tone, thin, text, title }: Bar): LineData['bars'][number] => [
  tenths(fromMs),
  tenths(toMs),
  TONES.indexOf(tone),
  thin === true ? 1 : 0,
  text,
  title === text ? '' : title,
];

const momentOf = (moment: Moment): TimelineData['moments'][number][number] => [
  tenths(moment.fromMs),
  tenths(moment.toMs),
  moment.kind === 'fault' ? 1 : 0,
  moment.text,
  moment.nodes ?? [],
];

const tenths = (ms: number): number => Math.round(ms / 100);

/** Recorded histories whose observers looked later, as on a machine that is short of processor time. */
import type { HistoryRecord } from '../../src/model/history.ts';

type Records = readonly HistoryRecord[];
type Kind = Extract<HistoryRecord, { readonly type: 'observe' }>['what'];

/**
 * Everything of these kinds (`null`: of all) is seen `lateMs` later, but never after the step that waited for it would have gone on: a play's waits read the
 * same sightings.
 */
export function lookedLater(
  records: Records,
  lateMs: number,
  kinds: readonly Kind[] | null,
): Records {
  const untilMs = ends(records);
  return records
    .map((record, index) => {
      if (record.type !== 'observe' || (kinds !== null && !kinds.includes(record.what)))
        return record;
      const atMs = Math.min(record.atMs + lateMs, untilMs[index] ?? record.atMs);
      return { ...record, atMs: Math.max(record.atMs, atMs) };
    })
    .sort((a, b) => a.atMs - b.atMs)
    .map((record, index) => ({ ...record, n: index + 1 }));
}

/** For each record, the last moment before a step begins or ends, or the history does. */
function ends(records: Records): readonly number[] {
  const untilMs: number[] = [];
  let nextMs = Infinity;
  for (const record of records.toReversed()) {
    untilMs.push(nextMs - 0.001);
    if (record.type === 'step' || record.type === 'step-end' || record.type === 'end')
      nextMs = record.atMs;
  }
  return untilMs.reverse();
}

/** What several clients at work were told of their registers. */
import type { CompleteRecord, RegisterTold } from '../../src/model/history.ts';
import type { Asked } from '../../src/checker/asked.ts';
import { isLostAt } from '../../src/checker/story.ts';
import { withOne } from './altering.ts';
import type { Alter, Told } from './altering.ts';

const reanswer = (
  { records }: Told,
  { endN }: Asked,
  change: (answer: CompleteRecord) => Partial<CompleteRecord>,
): ReturnType<Alter> =>
  records.map((each) =>
    each.n === endN && each.type === 'complete' ? { ...each, ...change(each) } : each,
  );

const toldBy = ({ records }: Told, { endN }: Asked): RegisterTold | undefined => {
  const answer = records[endN - 1];
  return answer?.type === 'complete' ? (answer.value as RegisterTold | undefined) : undefined;
};

/** Reads of registers that have versions, with what they told. */
const reads = (told: Told): readonly (readonly [Asked, RegisterTold & { version: number }])[] =>
  told.story.asked.flatMap((asked) => {
    const value = asked.isRead ? toldBy(told, asked) : undefined;
    return value !== undefined && 'version' in value ? [[asked, value] as const] : [];
  });

export const neverWritten: Alter = (told) =>
  withOne(told, reads(told), ([asked, { version }]) =>
    reanswer(told, asked, () => ({ value: { version, value: 'never written' } })),
  );

/** What was there 15 s before and is no more, through a manager that no fault is on. */
export const longGone: Alter = (told) => {
  const all = reads(told);
  const pairs = all.flatMap(([asked, now]) => {
    const before = all.find(
      ([other, then]) =>
        other.register === asked.register &&
        other.endMs < asked.beginMs - 15_000 &&
        then.version < now.version &&
        all.some(
          ([between, told]) =>
            between.register === asked.register &&
            told.version > then.version &&
            between.endMs < asked.beginMs - 14_000,
        ),
    );
    const isCalm =
      !isLostAt(told.story, asked.node, asked.beginMs) &&
      !isLostAt(told.story, asked.node, asked.endMs);
    return before === undefined || !isCalm ? [] : [[asked, before[1]] as const];
  });
  return withOne(told, pairs, ([asked, value]) => reanswer(told, asked, () => ({ value })));
};

/** A write of a label is said to have failed, and what it alone wrote is read afterwards. */
export const failedAndWritten: Alter = (told) => {
  const wasRead = ({ register, endMs }: Asked, written: string): boolean =>
    reads(told).some(
      ([read, value]) =>
        read.register === register &&
        read.beginMs > endMs &&
        'value' in value &&
        value.value === written,
    );
  return withOne(
    told,
    told.story.asked.filter(
      (asked) =>
        asked.of === 'label' &&
        !asked.isRead &&
        Number.isFinite(asked.endN) &&
        'value' in asked.op &&
        wasRead(asked, asked.op.value),
    ),
    (asked) => reanswer(told, asked, () => REFUSED),
  );
};

const REFUSED = { outcome: 'fail', status: 500, text: 'update out of sequence' } as const;

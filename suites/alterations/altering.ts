/** Recorded histories with one thing altered, for the test of what the judge sees: what would be on record had Swarm done that one thing otherwise. */
import type {
  ContainerSeen,
  HistoryRecord,
  NodeSeen,
  ServiceSeen,
  TaskSeen,
} from '../../src/model/history.ts';
import type { Random } from '../../src/model/random.ts';
import { tellStory } from '../../src/checker/story.ts';
import type { Story } from '../../src/checker/story.ts';
import type { TaskLife } from '../../src/checker/task-lives.ts';

type Records = readonly HistoryRecord[];

/** `null` where the history has nothing of the kind. Where there are several, the seed draws one. */
export type Alter = (told: Told) => Records | null;

export interface Told {
  readonly records: Records;
  readonly story: Story;
  readonly random: Random;
}

export function toldOf(records: Records, random: Random): Told {
  const story = tellStory(records);
  if (story === null) throw new Error('a history without a header');
  return { records, story, random };
}

/** One of several, drawn. */
export const drawn = <T>(random: Random, list: readonly T[]): T | undefined =>
  list[random.below(Math.max(1, list.length))];

/** One of several is drawn and altered. */
export const withOne = <T>(
  { random }: Told,
  list: readonly T[],
  alter: (one: T) => Records | null,
): Records | null => {
  const one = drawn(random, list);
  return one === undefined ? null : alter(one);
};

/** Put in the order of their times, and counted anew. */
export const inTime = (records: Records): Records =>
  [...records]
    .sort((a, b) => a.atMs - b.atMs)
    .map((record, index) => ({ ...record, n: index + 1 }));

export type Kinds = {
  readonly task: TaskSeen;
  readonly service: ServiceSeen;
  readonly node: NodeSeen;
  readonly container: ContainerSeen;
};
export type SeenAt<T> = T & { readonly n: number; readonly atMs: number };

/** Changes, or leaves out (`null`), what was seen of one kind. */
export const reseen = <K extends keyof Kinds>(
  records: Records,
  what: K,
  change: (seen: SeenAt<Kinds[K]>) => Partial<Kinds[K]> | null,
): Records =>
  records.flatMap((record): Records => {
    if (record.type !== 'observe' || record.what !== what) return [record];
    const changed = change(record as unknown as SeenAt<Kinds[K]>);
    return changed === null ? [] : [{ ...record, ...changed }];
  });

/** Changes every sighting of a task, and what else is on record of its container. */
export const retask = (
  records: Records,
  life: TaskLife,
  change: (seen: SeenAt<TaskSeen>) => Partial<TaskSeen> | null,
): Records => reseen(records, 'task', (seen) => (seen.id === life.id ? change(seen) : {}));

/** Without all that is on record of a task and its container. */
export const withoutTask = (records: Records, { id }: TaskLife): Records =>
  records.filter(
    (record) =>
      record.type !== 'observe' ||
      (!((record.what === 'task' || record.what === 'gone') && record.id === id) &&
        !(record.what === 'container' && record.task === id)),
  );

/** A record more, at its time. */
export const withRecord = (records: Records, ...more: readonly object[]): Records =>
  inTime([
    ...records,
    ...more.map((each) => ({ n: 0, type: 'observe', ...each }) as HistoryRecord),
  ]);

/** The eye of a moment: whom the story believes. */
export function eyeAt(records: Records, atMs: number): string {
  const eye = records.findLast(
    (record) => record.type === 'observe' && record.what === 'eye' && record.atMs <= atMs,
  );
  return eye?.type === 'observe' && eye.what === 'eye' ? eye.by : '';
}

/** Longer than what may fall between two looks. */
export const LASTS_MS = 2000;

import type { NodeSeen } from '../../src/model/history.ts';
import { leaderAt, lossesOf, nodeAt, stretchesOf } from '../../src/checker/story.ts';
import type { At } from '../../src/checker/story.ts';
import { LASTS_MS, eyeAt, reseen, withOne, withRecord } from './altering.ts';
import type { Alter, SeenAt, Told } from './altering.ts';

interface Form {
  readonly seen: At<NodeSeen>;
  readonly lastedMs: number;
}

const formsOf = ({ story }: Told): readonly Form[] =>
  [...story.nodes.values()].flatMap((line) =>
    line.map((seen, index) => ({
      seen,
      lastedMs: (line[index + 1]?.atMs ?? story.endMs) - seen.atMs,
    })),
  );

const costsQuorum = ({ story }: Told, name: string): boolean =>
  lossesOf(story).some(
    (loss) =>
      loss.nodes.includes(name) &&
      stretchesOf(story).some(({ quorum, fromMs }) => !quorum && fromMs === loss.bittenMs),
  );

/** The nodes that were noted as down, and no quorum lost with them. */
const downNodes = (told: Told): readonly string[] => [
  ...new Set(
    formsOf(told)
      .filter(({ seen, lastedMs }) => seen.state === 'down' && lastedMs > LASTS_MS)
      .map(({ seen }) => seen.name)
      .filter((name) => !costsQuorum(told, name)),
  ),
];

export const neverDown: Alter = (told) =>
  withOne(told, downNodes(told), (name) =>
    reseen(told.records, 'node', (seen): Partial<NodeSeen> =>
      seen.name === name && seen.state === 'down' ? { state: 'ready', message: '' } : {},
    ),
  );

export const downMessageOther: Alter = (told) =>
  withOne(told, downNodes(told), (name) =>
    reseen(told.records, 'node', (seen) =>
      seen.name === name && seen.state === 'down' ? { message: 'gone fishing' } : {},
    ),
  );

/** For a while in mid-run, a node without a fault is otherwise, as the eye tells it. */
const forAWhile =
  (
    ms: number,
    change: Partial<NodeSeen>,
    isMine: (seen: NodeSeen, told: Told) => boolean = () => true,
  ): Alter =>
  (told) => {
    const { story, records } = told;
    const faulted = new Set(story.faults.flatMap(({ nodes }) => nodes));
    const atMs = Math.round(story.endMs / 2);
    const nodes = story.all.flatMap((name) => nodeAt(story, name, atMs) ?? []);
    const calm = nodes.filter((seen) => !faulted.has(seen.name) && isMine(seen, told));
    const eye = eyeAt(records, atMs);
    const isStill = records.every(
      (each) =>
        each.type !== 'observe' ||
        (each.what !== 'node' && each.what !== 'eye') ||
        each.atMs < atMs ||
        each.atMs > atMs + ms,
    );
    if (!isStill || eye !== eyeAt(records, atMs + ms)) return null;
    return withOne(told, calm, (seen) =>
      withRecord(
        records,
        { ...seen, by: eye, atMs, ...change },
        { ...seen, by: eye, atMs: atMs + ms },
      ),
    );
  };

const isReady = ({ state }: NodeSeen): boolean => state === 'ready';

export const downByItself = forAWhile(
  LASTS_MS,
  { state: 'down', message: 'heartbeat failure' },
  isReady,
);
export const unknownByItself = forAWhile(LASTS_MS, { state: 'unknown', message: '' }, isReady);
export const pausedByItself = forAWhile(
  LASTS_MS,
  { availability: 'pause' },
  ({ availability }) => availability === 'active',
);
export const demotedByItself = forAWhile(
  LASTS_MS,
  { role: 'worker', reachability: '' },
  ({ role, leader }) => role === 'manager' && !leader,
);
export const unreachableByItself = forAWhile(
  LASTS_MS,
  { reachability: 'unreachable' },
  ({ role, leader }) => role === 'manager' && !leader,
);
export const twoLeaders = forAWhile(
  LASTS_MS,
  { leader: true },
  ({ role, leader }, { story }) =>
    role === 'manager' && !leader && leaderAt(story, story.endMs / 2) !== undefined,
);

const everSince = (change: (seen: SeenAt<NodeSeen>) => Partial<NodeSeen>): Alter => {
  return (told) =>
    withOne(
      told,
      [...told.story.nodes.keys()].filter((name) => name !== ''),
      (name) => reseen(told.records, 'node', (seen) => (seen.name === name ? change(seen) : {})),
    );
};

export const nodeLabelMore = everSince(({ labels }) => ({ labels: { ...labels, odd: 'one' } }));
export const engineLabelMore = everSince(({ engineLabels }) => ({
  engineLabels: { ...engineLabels, odd: 'one' },
}));
export const nodeLabelLost: Alter = (told) =>
  withOne(
    told,
    formsOf(told).filter(
      ({ seen, lastedMs }) => Object.keys(seen.labels ?? {}).length > 0 && lastedMs > LASTS_MS,
    ),
    ({ seen: { name } }) =>
      reseen(told.records, 'node', (seen) => (seen.name === name ? { labels: {} } : {})),
  );

/** The leader of the second half of a run is another, and nothing was broken. */
export const leaderOther: Alter = (told) => {
  const { story, records } = told;
  const atMs = Math.round(story.endMs / 2);
  const seen = story.managers.flatMap((name) => nodeAt(story, name, atMs) ?? []);
  const [leader, other] = [seen.find((each) => each.leader), seen.find((each) => !each.leader)];
  if (leader === undefined || other === undefined || story.faults.length > 0) return null;
  const swap = (name: string): boolean => name === other.name;
  const eye = eyeAt(records, atMs);
  return withRecord(
    reseen(records, 'node', (each) =>
      each.atMs < atMs || ![leader.name, other.name].includes(each.name)
        ? {}
        : { leader: swap(each.name) },
    ),
    { ...leader, by: eye, atMs, leader: false },
    { ...other, by: eye, atMs, leader: true },
  );
};

export const unlistedByItself: Alter = (told) =>
  withOne(
    told,
    [...told.story.nodes.values()].flatMap((line) => line.at(-1)?.id ?? []),
    (id) => {
      const atMs = told.story.endMs - 100;
      const by = eyeAt(told.records, atMs);
      return withRecord(told.records, { atMs, what: 'gone', by, kind: 'node', id });
    },
  );

import { LOAD_MS } from '../../src/model/bounds.ts';
import { isTerminal } from '../../src/model/task-state.ts';
import type { ContainerLife } from '../../src/checker/engines.ts';
import type { TaskLife } from '../../src/checker/task-lives.ts';
import { ranMs } from '../../src/checker/task-lives.ts';
import { reseen, withOne, withRecord } from './altering.ts';
import type { Alter, Told } from './altering.ts';

interface Pair {
  readonly life: TaskLife;
  readonly container: ContainerLife;
}

/** Tasks on nodes that no fault was ever on, each with its container. */
const calmPairs = ({ story }: Told): readonly Pair[] => {
  const faulted = new Set(story.faults.flatMap(({ nodes }) => nodes));
  return story.tasks.flatMap((life) => {
    const container = story.containers.find(({ task }) => task === life.id);
    const isCalm = story.services.has(life.service) && !faulted.has(life.node);
    return container === undefined || !isCalm ? [] : [{ life, container }];
  });
};

const endMsOf = ({ sightings, goneMs }: TaskLife): number =>
  sightings.find(({ state }) => isTerminal(state))?.atMs ?? goneMs;

const ranLong = ({ story }: Told, { life }: Pair): boolean =>
  Math.min(story.endMs, endMsOf(life)) - ranMs(life) > 8000;

export const neverRan: Alter = (told) =>
  withOne(
    told,
    calmPairs(told).filter((pair) => ranLong(told, pair)),
    ({ container }) =>
      reseen(told.records, 'container', (seen) => (seen.id === container.id ? null : {})),
  );

export const ranTwice: Alter = (told) =>
  withOne(told, calmPairs(told), ({ container }) => {
    const id = `${container.id.slice(0, 63)}x`;
    const twins = container.sightings.map((seen) => ({ ...seen, id, atMs: seen.atMs + 1 }));
    return withRecord(told.records, ...twins);
  });

export const ranElsewhere: Alter = (told) =>
  withOne(told, calmPairs(told), ({ life, container }) => {
    const node = told.story.all.find((name) => name !== life.node);
    if (node === undefined) return null;
    return reseen(told.records, 'container', (seen) => (seen.id === container.id ? { node } : {}));
  });

export const ranForNobody: Alter = (told) =>
  withOne(
    told,
    calmPairs(told).filter((pair) => ranLong(told, pair)),
    ({ container }) => {
      const running = container.sightings.find(({ state }) => state === 'running');
      if (running === undefined) return null;
      const other = { id: 'f'.repeat(64), task: '0'.repeat(25), name: 'odd' };
      return withRecord(told.records, { ...running, ...other });
    },
  );

export const ranOn: Alter = (told) =>
  withOne(
    told,
    calmPairs(told).filter(
      ({ life, container }) =>
        container.sightings.some(({ state }) => state === 'running') &&
        endMsOf(life) + LOAD_MS < told.story.endMs,
    ),
    ({ container }) =>
      reseen(told.records, 'container', (seen) =>
        seen.id === container.id && ['exited', 'dead', 'gone'].includes(seen.state) ? null : {},
      ),
  );

export const stoppedUnheard: Alter = (told) =>
  told.story.faults.length > 0
    ? null
    : withOne(
        told,
        calmPairs(told).filter(
          ({ life }) => Math.min(told.story.endMs, endMsOf(life)) - ranMs(life) > LOAD_MS + 8000,
        ),
        ({ life, container }) => {
          const running = container.sightings.find(({ state }) => state === 'running');
          if (running === undefined) return null;
          const rest = told.records.filter(
            (each) =>
              each.type !== 'observe' ||
              each.what !== 'container' ||
              each.id !== container.id ||
              each.n <= running.n,
          );
          const atMs = ranMs(life) + 6000;
          return withRecord(rest, { ...running, state: 'exited', atMs });
        },
      );

export const otherContainerTold: Alter = (told) =>
  withOne(
    told,
    calmPairs(told).filter(({ life }) => life.sightings.some((seen) => seen.container !== '')),
    ({ life }) =>
      reseen(told.records, 'task', (seen) =>
        seen.id === life.id && seen.container !== '' ? { container: 'f'.repeat(64) } : {},
      ),
  );

/** Created was never seen: it ran at the first look. */
export const createdUnseen: Alter = (told) =>
  withOne(
    told,
    calmPairs(told).filter(({ container }) =>
      container.sightings.some(({ state }) => state === 'created'),
    ),
    ({ container }) =>
      reseen(told.records, 'container', (seen) =>
        seen.id === container.id && seen.state === 'created' ? null : {},
      ),
  );

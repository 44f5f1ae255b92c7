import { expect, test } from '@jest/globals';
import { ANY_SHAPE } from '../simulator/explore/draw.ts';
import type { PlayedRun } from './explore-task.ts';
import { ExploreThreads } from './explore-threads.ts';

async function played(threads: number, runs: number): Promise<PlayedRun[]> {
  const told: PlayedRun[] = [];
  const limits = { ...ANY_SHAPE, workers: [0, 2] as const };
  const exploration = { seed: 'threads', first: 3, last: 2 + runs, limits };
  const pool = new ExploreThreads(exploration, threads, (run) => {
    told.push(run);
  });
  await pool.play();
  return told.sort((a, b) => a.run - b.run);
}

test('two threads play each run once, and as one thread does', async () => {
  const two = await played(2, 8);
  expect(two.map(({ run }) => run)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  expect(await played(1, 8)).toEqual(two);
}, 60_000);

test('after a stop no new run begins, and those that were played are all told', async () => {
  const told: PlayedRun[] = [];
  const pool = new ExploreThreads(
    { seed: 'stop', first: 1, last: 1_000_000, limits: ANY_SHAPE },
    1,
    (run) => {
      told.push(run);
      if (told.length === 3) pool.stop();
    },
  );
  await pool.play();
  expect(told.length).toBeGreaterThanOrEqual(3);
  expect(told.map(({ run }) => run)).toEqual(told.map((_, index) => index + 1));
  expect(pool.next).toBe(told.length + 1);
  expect(pool.cutOff).toEqual([]);
}, 60_000);

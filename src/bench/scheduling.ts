/** `scheduling`: how long the leader's own loops take to place every task of a swarm that had none, by the processor's clock: whoever shares the machine does not count. */
import type { Bookkeeper } from './bookkeeper.ts';
import { readInProcess } from './reading-process.ts';
import type { OwnMetric } from './readings.ts';
import type { SchedulingSize } from './schedule-from-nothing.ts';

/** The ten-fold steps show how the time grows; the last but one is judged. `one service` has all tasks in one, the hardest case. */
const SIZES: Readonly<Record<string, SchedulingSize>> = {
  '1k-tasks-100-nodes': { nodes: 100, tasks: 1_000, services: 10 },
  '10k-tasks-100-nodes': { nodes: 100, tasks: 10_000, services: 10 },
  '100k-tasks-100-nodes': { nodes: 100, tasks: 100_000, services: 10 },
  '1k-tasks-1k-nodes': { nodes: 1_000, tasks: 1_000, services: 10 },
  '10k-tasks-1k-nodes': { nodes: 1_000, tasks: 10_000, services: 10 },
  '100k-tasks-1k-nodes': { nodes: 1_000, tasks: 100_000, services: 10 },
  '1k-tasks-10k-nodes': { nodes: 10_000, tasks: 1_000, services: 10 },
  '10k-tasks-10k-nodes': { nodes: 10_000, tasks: 10_000, services: 10 },
  '100k-tasks-10k-nodes': { nodes: 10_000, tasks: 100_000, services: 10 },
  '100k-tasks-1k-nodes-one-service': { nodes: 1_000, tasks: 100_000, services: 1 },
};
const JUDGED = '100k-tasks-1k-nodes';
const SECONDS_AIM = 5;
const RESIDENT_AIM_MIB = 2048;

const isJudged = (size: string): boolean => size.startsWith(JUDGED);

const secondsOf = (size: string): OwnMetric => ({
  name: `scheduling.${size}`,
  unit: 's',
  ...(isJudged(size) ? { aim: SECONDS_AIM } : {}),
});

const residentOf = (size: string): OwnMetric => ({
  name: `scheduling.${size}.resident`,
  unit: 'MiB',
  aim: RESIDENT_AIM_MIB,
});

export const SCHEDULING: readonly OwnMetric[] = Object.keys(SIZES).flatMap((size) =>
  isJudged(size) ? [secondsOf(size), residentOf(size)] : [secondsOf(size)],
);

export async function measureScheduling(books: Bookkeeper): Promise<void> {
  for (let sample = 0; sample < books.samples; sample += 1) {
    for (const [name, size] of Object.entries(SIZES)) {
      const read = await readInProcess({ what: 'scheduling', size });
      books.progress(
        `${name}: ${read.seconds.toFixed(2)} s (${read.cpuSeconds.toFixed(2)} s on a core), ${read.residentMib.toFixed(0)} MiB`,
      );
      books.add(secondsOf(name), read.cpuSeconds);
      if (isJudged(name)) books.add(residentOf(name), read.residentMib);
    }
  }
}

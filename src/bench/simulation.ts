/** `simulation`: how many whole runs of the simulator a second of one core plays, by the processor's clock: whoever shares the machine does not count. */
import type { Bookkeeper } from './bookkeeper.ts';
import { readInProcess } from './reading-process.ts';
import type { OwnMetric } from './readings.ts';
import type { RunKind, SimulatedRun } from './simulated-runs.ts';
import { median } from './statistics.ts';

const QUORUM_LOSS: OwnMetric = {
  ...{ name: 'simulation.quorum-loss', unit: 'runs/s', aim: 200 },
  atLeast: true,
};
/** Drawn runs are of different lengths, so they are counted by their virtual time: ten minutes are a run. */
const DRAWN: OwnMetric = {
  ...{ name: 'simulation.drawn', unit: 'runs/s', aim: 50 },
  atLeast: true,
};
/** Half of them are quicker: services whose containers never keep running make a few runs very long. */
const DRAWN_MEDIAN: OwnMetric = { name: 'simulation.drawn-median', unit: 'runs/s' };
const DRAWN_RUN_MS = 600_000;

export const SIMULATION: readonly OwnMetric[] = [QUORUM_LOSS, DRAWN, DRAWN_MEDIAN];

export async function measureSimulation(books: Bookkeeper): Promise<void> {
  for (let sample = 0; sample < books.samples; sample += 1) {
    const lost = await readRuns(books, 'quorum-loss');
    books.add(QUORUM_LOSS, lost.length / sum(lost.map(({ cpuSeconds }) => cpuSeconds)));
    const drawn = await readRuns(books, 'drawn');
    const tens = drawn.map(({ virtualMs }) => virtualMs / DRAWN_RUN_MS);
    books.add(DRAWN, sum(tens) / sum(drawn.map(({ cpuSeconds }) => cpuSeconds)));
    books.add(
      DRAWN_MEDIAN,
      median(drawn.map(({ cpuSeconds }, run) => (tens[run] ?? 0) / cpuSeconds)),
    );
  }
}

async function readRuns(books: Bookkeeper, kind: RunKind): Promise<readonly SimulatedRun[]> {
  const runs = await readInProcess({ what: 'simulation', kind });
  const virtualS = sum(runs.map(({ virtualMs }) => virtualMs)) / 1000;
  const cpuS = sum(runs.map(({ cpuSeconds }) => cpuSeconds));
  const broken = runs.filter(({ violation }) => violation !== '');
  books.progress(
    `${kind}: ${runs.length} runs of ${(virtualS / runs.length).toFixed(0)} virtual s took ${cpuS.toFixed(1)} s of a core${broken.length === 0 ? '' : `; ${broken.length} broke a rule and ended: ${broken[0]?.violation ?? ''}`}`,
  );
  return runs;
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);

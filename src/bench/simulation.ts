/** `simulation`: how many whole runs of the simulator one core plays in a second. */
import type { Bookkeeper } from './bookkeeper.ts';
import { readInProcess } from './reading-process.ts';
import type { OwnMetric } from './readings.ts';
import type { RunKind } from './simulated-runs.ts';

const QUORUM_LOSS: OwnMetric = {
  ...{ name: 'simulation.quorum-loss', unit: 'runs/s', aim: 200 },
  atLeast: true,
};
/** Drawn runs are of different lengths, so they are counted by their virtual time: ten minutes are a run. */
const DRAWN: OwnMetric = {
  ...{ name: 'simulation.drawn', unit: 'runs/s', aim: 50 },
  atLeast: true,
};
const DRAWN_RUN_MS = 600_000;
const SECONDS = 10;

export const SIMULATION: readonly OwnMetric[] = [QUORUM_LOSS, DRAWN];

export async function measureSimulation(books: Bookkeeper): Promise<void> {
  for (let sample = 0; sample < books.samples; sample += 1) {
    const lost = await readRuns(books, 'quorum-loss');
    books.add(QUORUM_LOSS, lost.runs / lost.seconds);
    const drawn = await readRuns(books, 'drawn');
    books.add(DRAWN, drawn.virtualMs / DRAWN_RUN_MS / drawn.seconds);
  }
}

async function readRuns(books: Bookkeeper, kind: RunKind): ReturnType<typeof readInProcess<Runs>> {
  const read = await readInProcess<Runs>({ what: 'simulation', kind, seconds: SECONDS });
  books.progress(
    `${kind}: ${read.runs} runs of ${(read.virtualMs / read.runs / 1000).toFixed(0)} virtual s in ${read.seconds.toFixed(1)} s (${read.cpuSeconds.toFixed(1)} s on a core)`,
  );
  return read;
}

interface Runs {
  readonly what: 'simulation';
  readonly kind: RunKind;
  readonly seconds: number;
}

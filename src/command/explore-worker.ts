/** A thread of an exploration: takes the next number, plays its run, says how it ended, and so on until there is none. */
import { parentPort, workerData } from 'node:worker_threads';
import { drawPlan } from '../simulator/explore/draw.ts';
import { playPlan } from '../simulator/explore/play-plan.ts';
import { NEXT, seedOf, STOP, type PlayedRun, type WorkerTask } from './explore-task.ts';

const { shared, slot, last, seed, limits } = workerData as WorkerTask;

while (Atomics.load(shared, STOP) === 0) {
  const run = Atomics.add(shared, NEXT, 1);
  if (run > last) break;
  Atomics.store(shared, slot, run);
  const { plan, ...played } = playPlan(drawPlan(seedOf(seed, run), limits));
  parentPort?.postMessage({ run, seed: plan.seed, ...played } satisfies PlayedRun);
  Atomics.store(shared, slot, 0);
}

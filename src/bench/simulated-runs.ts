/** Whole runs of the simulator, one after another on one core. */
import { World } from '../simulator/world.ts';
import { drawPlan } from '../simulator/explore/draw.ts';
import { playPlan } from '../simulator/explore/play-plan.ts';

export const RUN_KINDS = ['quorum-loss', 'drawn'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

export interface SimulatedRuns {
  readonly runs: number;
  readonly virtualMs: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Two virtual minutes, the forming of the swarm included. */
const QUORUM_LOSS_MS = 120_000;
const LOSS_AFTER_MS = 30_000;
const BACK_AFTER_MS = 60_000;
const WARM_UP = 0.2;

/** Plays runs, each from a seed of its own, for about so many seconds after a warm-up. Throws where a run ends in a violation. */
export function simulateRuns(kind: RunKind, seconds: number): SimulatedRuns {
  const play = kind === 'quorum-loss' ? playQuorumLoss : playDrawn;
  const warm = playFor(play, seconds * WARM_UP, 0);
  return playFor(play, seconds, warm.runs);
}

function playFor(play: (run: number) => number, seconds: number, from: number): SimulatedRuns {
  const began = performance.now();
  const cpu = process.cpuUsage();
  let runs = 0;
  let virtualMs = 0;
  while (performance.now() - began < seconds * 1000) {
    virtualMs += play(from + runs);
    runs += 1;
  }
  const { user, system } = process.cpuUsage(cpu);
  const took = (performance.now() - began) / 1000;
  return { runs, virtualMs, seconds: took, cpuSeconds: (user + system) / 1e6 };
}

/** Three managers with a service; two of them die, nobody leads, they come back, and in most runs somebody leads again before the end. */
function playQuorumLoss(run: number): number {
  const world = World.of(3, 0, `quorum-loss ${run}`);
  const began = 1_000_000;
  world.createService('web', 3);
  world.advance(began + LOSS_AFTER_MS - world.time.now);
  const lost = ['m1', 'm2', 'm3'].filter((name) => name !== world.leader()).slice(0, 1);
  lost.push(world.leader());
  for (const name of lost) world.machine(name).crash();
  world.advance(BACK_AFTER_MS - LOSS_AFTER_MS);
  if (world.leader() !== '') throw new Error(`run ${run}: one manager of three leads`);
  for (const name of lost) world.machine(name).start();
  world.advance(began + QUORUM_LOSS_MS - world.time.now);
  return QUORUM_LOSS_MS;
}

function playDrawn(run: number): number {
  const plan = drawPlan(`bench ${run}`, { managers: [5, 5], workers: [10, 10] });
  const { end, violation, virtualMs } = playPlan(plan);
  if (end === 'violation') throw new Error(`run ${run}: ${violation?.text ?? 'a violation'}`);
  return virtualMs;
}

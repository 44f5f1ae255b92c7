/** Whole runs of the simulator, one after another on one core. */
import { Dice } from '../simulator/explore/dice.ts';
import { drawFaults } from '../simulator/explore/draw-faults.ts';
import { drawOperations } from '../simulator/explore/draw-operations.ts';
import { PLAN_FORMAT, type Plan } from '../simulator/explore/plan.ts';
import { playPlan } from '../simulator/explore/play-plan.ts';
import { World } from '../simulator/world.ts';

export type RunKind = 'quorum-loss' | 'drawn';

export interface SimulatedRun {
  readonly virtualMs: number;
  /** Of all of the process's threads: collecting garbage and compiling are part of the work. */
  readonly cpuSeconds: number;
  /** What rule the run broke, if any; it ended there. */
  readonly violation: string;
}

type Play = (run: number) => Omit<SimulatedRun, 'cpuSeconds'>;

interface Series {
  /** Played first and not counted: V8 goes on compiling for that long. */
  readonly warmUp: number;
  readonly runs: number;
  readonly play: Play;
}

/** Always the same runs, each from a seed of its own. */
const SERIES: Readonly<Record<RunKind, Series>> = {
  'quorum-loss': { warmUp: 600, runs: 900, play: playQuorumLoss },
  drawn: { warmUp: 8, runs: 24, play: playDrawn },
};

/** Two virtual minutes, the forming of the swarm included. */
const QUORUM_LOSS_MS = 120_000;
const LOSS_AFTER_MS = 30_000;
const BACK_AFTER_MS = 60_000;

/** What is left of ten virtual minutes is for whatever is owed once all is healed, and for the quiet in which it must stay so. */
const FAULTS_MS = 540_000;

export function simulateRuns(kind: RunKind): readonly SimulatedRun[] {
  const { warmUp, runs, play } = SERIES[kind];
  const numbers = Array.from({ length: warmUp + runs }, (_, run) => run);
  return numbers.map((run) => timed(play, run)).slice(warmUp);
}

function timed(play: Play, run: number): SimulatedRun {
  const began = process.cpuUsage();
  const played = play(run);
  const { user, system } = process.cpuUsage(began);
  return { ...played, cpuSeconds: (user + system) / 1e6 };
}

/** Three managers with a service; two of them die, nobody leads, they come back, and in most runs somebody leads again before the end. */
function playQuorumLoss(run: number): ReturnType<Play> {
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
  return { virtualMs: QUORUM_LOSS_MS, violation: '' };
}

function playDrawn(run: number): ReturnType<Play> {
  const { violation, virtualMs } = playPlan(drawnPlan(`bench ${run}`));
  return { virtualMs, violation: violation?.text ?? '' };
}

/** What people ask of a swarm of Swarm's own settings, and what breaks in it, as `explore` draws them. */
function drawnPlan(seed: string): Plan {
  const dice = new Dice(`plan/${seed}`);
  const managers = names('m', 5);
  const workers = names('w', 10);
  const stage = { managers, workers, faultsMs: FAULTS_MS };
  const operations = drawOperations(dice, stage);
  return {
    ...{ format: PLAN_FORMAT, code: '', seed, dice: seed, ...stage },
    swarm: { historyLimit: 5, snapshotInterval: 10_000, keepEntries: 500, heartbeatMs: 5000 },
    ...{ operations, faults: drawFaults(dice, stage, operations) },
  };
}

const names = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

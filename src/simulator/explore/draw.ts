/** Draws plans from seeds. The weights are chosen so that things meet: updates with faults, faults with each other, elections with both. */
import { Dice } from './dice.ts';
import { drawFaults } from './draw-faults.ts';
import { withJobs } from './draw-jobs.ts';
import { drawOperations } from './draw-operations.ts';
import { PLAN_FORMAT, type Plan, type SwarmPlan } from './plan.ts';

/** Which swarms may be drawn; both ends included. */
export interface Limits {
  readonly managers: readonly [low: number, high: number];
  readonly workers: readonly [low: number, high: number];
}

export const ANY_SHAPE: Limits = { managers: [1, 7], workers: [0, 20] };

const MANAGERS = { 1: 2, 2: 2, 3: 8, 4: 1, 5: 4, 6: 1, 7: 1 } as const;

/** The plan of a seed: always the same for the same seed and limits. */
export function drawPlan(seed: string, limits: Limits = ANY_SHAPE, code = ''): Plan {
  const dice = new Dice(`plan/${seed}`);
  const managers = names('m', drawManagers(dice, limits.managers));
  const workers = names('w', drawWorkers(dice, limits.workers));
  const faultsMs = dice.duration(30_000, 240_000);
  const stage = { managers, workers, faultsMs };
  const swarm = drawSwarm(dice);
  const operations = withJobs(new Dice(`jobs/${seed}`), drawOperations(dice, stage));
  const faults = drawFaults(dice, stage, operations);
  return {
    ...{ format: PLAN_FORMAT, code, seed, dice: seed, managers, workers, swarm, faultsMs },
    ...{ operations, faults },
  };
}

function drawManagers(dice: Dice, [low, high]: Limits['managers']): number {
  const fit = Object.entries(MANAGERS).filter(([n]) => Number(n) >= low && Number(n) <= high);
  if (fit.length === 0) return dice.from(low, high);
  return Number(dice.weighted(Object.fromEntries(fit)));
}

function drawWorkers(dice: Dice, [low, high]: Limits['workers']): number {
  const usual = dice.chance(0.85) ? Math.min(high, low + 5) : high;
  return dice.from(low, usual);
}

// Short logs and small snapshots come into play only where they are asked for: a run is too short for the defaults.
function drawSwarm(dice: Dice): SwarmPlan {
  const hasShortLog = dice.chance(0.4);
  return {
    historyLimit: dice.chance(0.6) ? 5 : dice.from(0, 3),
    snapshotInterval: hasShortLog ? dice.from(5, 100) : 10_000,
    keepEntries: hasShortLog ? dice.from(1, 20) : 500,
    heartbeatMs: dice.chance(0.8) ? 5000 : dice.from(1, 8) * 1000,
  };
}

const names = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

/** Jobs. They are drawn by dice of their own, after all else, so that a plan without them is what it would be if there were none. */
import type { Workload } from '../../model/scenario.ts';
import type { Dice } from './dice.ts';
import type { PlannedOperation, ServicePlan } from './plan.ts';

const IMAGES: Readonly<Partial<Record<Workload, number>>> = {
  'exit0-later': 12,
  exit1: 2,
  v1: 2,
  unhealthy: 0.5,
  'ignore-term': 0.5,
};

/** Some plans are about jobs: most of the services that are made in them become one. */
export function withJobs(
  dice: Dice,
  operations: readonly PlannedOperation[],
): readonly PlannedOperation[] {
  if (!dice.chance(0.15)) return operations;
  return operations.map((each) =>
    each.do === 'create' && dice.chance(0.7)
      ? { ...each, service: asJob(dice, each.service) }
      : each,
  );
}

// Swarm refuses settings of updates for a job.
function asJob(dice: Dice, from: ServicePlan): ServicePlan {
  const kept = Object.entries(from).filter(
    ([key]) => !['update', 'rollback', 'replicas'].includes(key),
  );
  return {
    ...(Object.fromEntries(kept) as unknown as ServicePlan),
    image: dice.weighted(IMAGES as Record<Workload, number>),
    job: { concurrent: dice.from(1, 4), completions: dice.from(1, 8) },
  };
}

/** Finds a shortest form of a plan that still fails: delta debugging over its faults, operations and machines, then over what they say. */
import type { Plan, PlannedFault, PlannedOperation } from './plan.ts';
import { plainer } from './plainer.ts';

/** Hands out candidates, each smaller than the best so far, and is told of each whether it still fails; ends with the best. */
export type Shrinking = Generator<Plan, Plan, boolean>;

export interface Shrunk {
  readonly plan: Plan;
  /** How many candidates were tried. */
  readonly runs: number;
  /** False when the runs were used up before nothing more could be taken away. */
  readonly isShortest: boolean;
}

/**
 * How many other rolls of the dice a swarm of fewer machines gets: elections, ids and placement come out otherwise in it, so that what went
 * wrong needs another chance to do so.
 */
const OTHER_DICE = 3;

/** The plan itself has to fail. At the end nothing can be taken away by itself without the failure going away. */
export function* shrinking(plan: Plan): Shrinking {
  let best = plan;
  for (;;) {
    const before = best;
    best = yield* fewer(best, best.faults, withFaults);
    best = yield* fewer(best, best.operations, withOperations);
    best = yield* fewer(best, best.workers, (from, kept) =>
      withMachines(from, from.managers, kept),
    );
    const [founder = 'm1', ...others] = best.managers;
    best = yield* fewer(best, others, (from, kept) =>
      withMachines(from, [founder, ...kept], from.workers),
    );
    best = yield* plainerForms(best);
    if (best === before) return best;
  }
}

/** Shrinks at once. `fails` has to answer the same for the same plan. */
export function shrinkPlan(
  plan: Plan,
  fails: (candidate: Plan) => boolean,
  mostRuns = Infinity,
): Shrunk {
  const steps = shrinking(plan);
  let best = plan;
  let runs = 0;
  let next = steps.next();
  while (next.done !== true && runs < mostRuns) {
    const stillFails = fails(next.value);
    runs += 1;
    if (stillFails) best = next.value;
    next = steps.next(stillFails);
  }
  return { plan: best, runs, isShortest: next.done === true };
}

/** Takes away all, then halves, quarters, and so on to single ones. */
function* fewer<T>(
  plan: Plan,
  items: readonly T[],
  make: (plan: Plan, kept: readonly T[]) => readonly Plan[],
): Shrinking {
  let best = plan;
  let kept = items;
  for (let size = items.length; size >= 1; size = Math.floor(size / 2)) {
    let at = 0;
    while (at < kept.length) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + size)];
      const found: Plan | null = yield* firstThatFails(make(best, rest));
      if (found === null) {
        at += size;
        continue;
      }
      best = found;
      kept = rest;
    }
  }
  return best;
}

function* firstThatFails(candidates: readonly Plan[]): Generator<Plan, Plan | null, boolean> {
  for (const candidate of candidates) if (yield candidate) return candidate;
  return null;
}

function* plainerForms(plan: Plan): Shrinking {
  let best = plan;
  for (const change of plainer(plan)) {
    const candidate = change(best);
    if (JSON.stringify(candidate) !== JSON.stringify(best) && (yield candidate)) best = candidate;
  }
  return best;
}

const withFaults = (plan: Plan, faults: readonly PlannedFault[]): readonly Plan[] => [
  { ...plan, faults },
];

const withOperations = (plan: Plan, operations: readonly PlannedOperation[]): readonly Plan[] => [
  { ...plan, operations },
];

/** Without what was asked of the machines that are gone, or done to them. */
function withMachines(
  plan: Plan,
  managers: readonly string[],
  workers: readonly string[],
): readonly Plan[] {
  const gone = [...plan.managers, ...plan.workers].filter(
    (name) => !managers.includes(name) && !workers.includes(name),
  );
  const operations = plan.operations
    .filter((each) => !('node' in each) || !gone.includes(each.node))
    .map((each) => (gone.includes(each.through) ? { ...each, through: 'any' } : each));
  const faults = plan.faults.flatMap((each) => withoutMachines(each, gone));
  const smaller = { ...plan, managers, workers, operations, faults };
  const others = Array.from({ length: OTHER_DICE }, (_, index) => ({
    ...smaller,
    dice: `${plan.seed}/${index + 1}`,
  }));
  return [smaller, ...others.filter(({ dice }) => dice !== plan.dice)];
}

function withoutMachines(fault: PlannedFault, gone: readonly string[]): readonly PlannedFault[] {
  if ('node' in fault) return gone.includes(fault.node) ? [] : [fault];
  if (!('links' in fault)) return [fault];
  const links = fault.links.filter(({ from, to }) => !gone.includes(from) && !gone.includes(to));
  return links.length === 0 ? [] : [{ ...fault, links }];
}

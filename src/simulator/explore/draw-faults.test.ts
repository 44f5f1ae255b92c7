import { describe, expect, test } from '@jest/globals';
import { drawPlan } from './draw.ts';
import type { CutShape, Plan, PlannedFault } from './plan.ts';

type Cut = Extract<PlannedFault, { readonly kind: 'cut' }>;

const PLANS: readonly Plan[] = Array.from({ length: 400 }, (_, run) =>
  drawPlan(`shapes-${run}`, { managers: [3, 7], workers: [0, 4] }),
);

const cutsOf = (plan: Plan, shape: CutShape): readonly Cut[] =>
  plan.faults.filter((fault): fault is Cut => fault.kind === 'cut' && fault.shape === shape);

/** Every cut of that shape, with whom each machine still hears and reaches, itself included. */
function drawn(shape: CutShape): readonly ReadonlyMap<string, ReadonlySet<string>>[] {
  const all = PLANS.flatMap((plan) => cutsOf(plan, shape).map((cut) => seenUnder(plan, cut)));
  expect(all.length).toBeGreaterThan(5);
  return all;
}

function seenUnder({ managers, workers }: Plan, { links }: Cut): Map<string, Set<string>> {
  const nodes = [...managers, ...workers];
  const isCut = (a: string, b: string): boolean =>
    links.some(({ from, to }) => (from === a && to === b) || (from === b && to === a));
  return new Map(nodes.map((a) => [a, new Set(nodes.filter((b) => !isCut(a, b)))]));
}

const majority = (seen: ReadonlyMap<string, unknown>): number => Math.floor(seen.size / 2) + 1;
const groups = (seen: ReadonlyMap<string, ReadonlySet<string>>): number =>
  new Set([...seen.values()].map((others) => [...others].toSorted().join(' '))).size;

describe('a drawn partition', () => {
  test('in halves has two groups that see only themselves', () => {
    for (const seen of drawn('halves')) expect(groups(seen)).toBe(2);
  });

  test('with a bridge has one machine that sees all, and two groups that see it and themselves', () => {
    for (const seen of drawn('bridge')) {
      const bridges = [...seen].filter(([, others]) => others.size === seen.size);
      expect(bridges).toHaveLength(1);
      expect(groups(seen)).toBe(3);
    }
  });

  test('in a ring lets everybody see a majority, and no two the same one', () => {
    for (const seen of drawn('ring')) {
      for (const others of seen.values())
        expect(others.size).toBeGreaterThanOrEqual(majority(seen));
      if (seen.size > 4) expect(groups(seen)).toBe(seen.size);
    }
  });

  test('one way leaves the other way open', () => {
    for (const plan of PLANS)
      for (const { links } of cutsOf(plan, 'one-way'))
        expect(
          links.some(({ from, to }) => links.some((b) => b.from === to && b.to === from)),
        ).toBe(false);
  });
});

/** A plan may have two. */
function isOneSwizzle(cuts: readonly Cut[]): boolean {
  const steps = cuts.slice(1).map(({ atMs }, at) => atMs - (cuts[at]?.atMs ?? 0));
  return cuts.length > 3 && new Set(steps).size === 1;
}

test('swizzled links are cut one after the other and healed in another order', () => {
  const swizzles = PLANS.map((plan) => cutsOf(plan, 'swizzle')).filter(isOneSwizzle);
  expect(swizzles.length).toBeGreaterThan(3);
  const healOrders = swizzles.map((cuts) => {
    const healed = cuts.map((cut) => cut.atMs + cut.forMs);
    expect(new Set(cuts.map(({ atMs }) => atMs)).size).toBe(cuts.length);
    expect(Math.min(...healed)).toBeGreaterThan(Math.max(...cuts.map(({ atMs }) => atMs)));
    return healed.every((ms, at) => at === 0 || ms > (healed[at - 1] ?? 0));
  });
  expect(healOrders).toContain(false);
});

test('bits turn only where nobody changes who is a member', () => {
  const rotten = PLANS.filter(({ faults }) => faults.some(({ kind }) => kind === 'disk-rot'));
  expect(rotten.length).toBeGreaterThan(3);
  for (const { operations } of rotten)
    expect(operations.map((each) => each.do)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(promote|demote|leave|remove-node)$/)]),
    );
});

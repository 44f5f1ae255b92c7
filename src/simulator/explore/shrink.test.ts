import { describe, expect, test } from '@jest/globals';
import { drawPlan } from './draw.ts';
import type { Plan, PlannedFault, PlannedOperation } from './plan.ts';
import { shrinkPlan } from './shrink.ts';

const LARGE: Plan = drawPlan('shrink', { managers: [5, 5], workers: [10, 10] });

const crash = (node: string, atMs: number): PlannedFault => ({
  kind: 'crash',
  node,
  atMs,
  forMs: 30_000,
});
const scale = (service: string, replicas: number): PlannedOperation => ({
  ...{ do: 'scale', service, replicas, atMs: 9300, through: 'm2' },
});
const plan: Plan = {
  ...LARGE,
  swarm: { historyLimit: 1, snapshotInterval: 7, keepEntries: 3, heartbeatMs: 2000 },
  faultsMs: 200_000,
  operations: [...LARGE.operations, scale('s1', 9), scale('s2', 7)],
  faults: [...LARGE.faults, crash('w3', 20_300), crash('m4', 50_100), crash('w7', 60_000)],
};

const crashes = (candidate: Plan, node: string): boolean =>
  candidate.faults.some((each) => each.kind === 'crash' && each.node === node);

describe('what fails for a known cause is left with that cause alone', () => {
  const fails = (candidate: Plan): boolean =>
    candidate.managers.length >= 3 &&
    crashes(candidate, 'm4') &&
    candidate.operations.some((each) => each.do === 'scale' && each.replicas > 4);

  test('the fewest machines, operations and faults that still fail', () => {
    expect(fails(plan)).toBe(true);
    const { plan: shortest, isShortest } = shrinkPlan(plan, fails);
    expect(isShortest).toBe(true);
    expect(fails(shortest)).toBe(true);
    expect(shortest.managers).toHaveLength(3);
    expect(shortest.managers).toContain('m4');
    expect(shortest.workers).toEqual([]);
    expect(shortest.faults).toEqual([{ kind: 'crash', node: 'm4', atMs: 50_000, forMs: 1000 }]);
    expect(shortest.operations).toMatchObject([{ do: 'scale', through: 'any' }]);
  });

  test('settings go back to their defaults, and phase one ends with its last event', () => {
    const { plan: shortest } = shrinkPlan(plan, fails);
    expect(shortest.swarm).toEqual({
      ...{ historyLimit: 5, snapshotInterval: 10_000, keepEntries: 500, heartbeatMs: 5000 },
    });
    expect(shortest.faultsMs).toBeLessThan(60_000);
  });
});

test('causes that need each other are both kept', () => {
  const fails = (candidate: Plan): boolean => crashes(candidate, 'w3') && crashes(candidate, 'w7');
  const { plan: shortest } = shrinkPlan(plan, fails);
  expect(shortest.faults).toMatchObject([{ node: 'w3' }, { node: 'w7' }]);
  expect(shortest.workers).toEqual(['w3', 'w7']);
  expect(shortest.managers).toEqual(['m1']);
});

test('what fails with other dice only keeps those', () => {
  const fails = ({ workers, dice, seed }: Plan): boolean =>
    workers.length === 10 ? dice === seed : dice === `${seed}/2`;
  const { plan: shortest } = shrinkPlan(plan, fails);
  expect(shortest.workers).toEqual([]);
  expect(shortest.dice).toBe(`${plan.seed}/2`);
});

test('when the runs are used up the shortest form so far is given', () => {
  const fails = (candidate: Plan): boolean => crashes(candidate, 'w3');
  const { plan: shortest, runs, isShortest } = shrinkPlan(plan, fails, 5);
  expect([runs, isShortest]).toEqual([5, false]);
  expect(fails(shortest)).toBe(true);
});

test('no candidate names a machine that it has not', () => {
  shrinkPlan(plan, (candidate) => {
    const spares = candidate.operations.flatMap((each) => (each.do === 'join' ? [each.node] : []));
    const drawn = plan.operations.flatMap((each) => (each.do === 'join' ? [each.node] : []));
    const there = [...candidate.managers, ...candidate.workers, ...spares, ...drawn];
    for (const fault of candidate.faults)
      if ('node' in fault) expect([...there, 'leader']).toContain(fault.node);
    return crashes(candidate, 'w7');
  });
});

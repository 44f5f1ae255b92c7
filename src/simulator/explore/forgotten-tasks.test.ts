import { expect, test } from '@jest/globals';
import { PLAN_FORMAT, type Plan } from './plan.ts';
import { playPlan } from './play-plan.ts';

/** A service that fits one machine only is created and scaled while that machine is down. */
const PLAN: Plan = {
  ...{ format: PLAN_FORMAT, code: '', seed: 'by hand', dice: 'by hand' },
  ...{ managers: ['m1'], workers: ['w1'], faultsMs: 40_000 },
  swarm: { historyLimit: 5, snapshotInterval: 10_000, keepEntries: 500, heartbeatMs: 5000 },
  faults: [{ kind: 'stop', node: 'w1', atMs: 1000, forMs: 39_000 }],
  operations: [
    {
      ...{ atMs: 25_000, through: 'any', do: 'create' },
      service: { service: 's1', image: 'v1', replicas: 1, constraints: ['node.hostname==w1'] },
    },
    { atMs: 30_000, through: 'any', do: 'scale', service: 's1', replicas: 2 },
  ],
};

const PLACED = /^s1\.(\d)\.\w+ on w1 assigned/;

function placed(plan: Plan): { slots: readonly string[]; end: string } {
  const told: string[] = [];
  const { end } = playPlan(plan, { tell: ({ what }) => told.push(what) });
  return { slots: told.flatMap((what) => PLACED.exec(what)?.[1] ?? []), end };
}

test('a task that waits for a node while its service is scaled is never placed, as in Swarm, and is not owed', () => {
  expect(placed(PLAN)).toEqual({ slots: ['2'], end: 'converged' });
});

test('without the scale it is placed when its node is back', () => {
  const operations = PLAN.operations.slice(0, 1);
  expect(placed({ ...PLAN, operations })).toEqual({ slots: ['1'], end: 'converged' });
});

import { describe, expect, test } from '@jest/globals';
import { World } from '../world.ts';
import { missing } from './convergence.ts';
import { ForgottenTasks } from './forgotten-tasks.ts';
import { HeldUpdates } from './held-updates.ts';
import { PLAN_FORMAT, type Plan } from './plan.ts';
import { playPlan } from './play-plan.ts';
import type { Unowed } from './service-debt.ts';
import { UnbegunUpdates } from './unbegun-updates.ts';

const unowed = (world: World): Unowed => ({
  held: new HeldUpdates(world),
  forgotten: new ForgottenTasks(world),
  unbegun: new UnbegunUpdates(world),
});

const PLAN: Plan = {
  ...{ format: PLAN_FORMAT, code: '', seed: 'by hand', dice: 'by hand', faults: [] },
  ...{ managers: ['m1'], workers: ['w1', 'w2'], faultsMs: 40_000 },
  swarm: { historyLimit: 5, snapshotInterval: 10_000, keepEntries: 500, heartbeatMs: 5000 },
  operations: [
    {
      ...{ atMs: 1000, through: 'any', do: 'create' },
      service: { service: 's1', image: 'v1', replicas: 6 },
    },
    { atMs: 10_000, through: 'any', do: 'leave', node: 'w1' },
    {
      ...{ atMs: 11_000, through: 'any', do: 'update', service: 's1' },
      change: { force: true, update: { parallelism: 0, order: 'start-first' } },
    },
  ],
};

describe('a rolling update whose new task was given up with its node', () => {
  test('stays updating for ever, and is not owed', () => {
    const states: string[] = [];
    const result = playPlan(PLAN, { tell: ({ what }) => states.push(what) });
    const told = states.filter((what) => what.includes('service s1')).at(-1);
    expect(told).toContain('update updating');
    expect(result).toMatchObject({ end: 'converged', violation: null });
  });

  test('where its task was given up only after it ran it ends, and is owed', () => {
    const states: string[] = [];
    const operations = PLAN.operations.map((each) =>
      each.do === 'leave' ? { ...each, atMs: 12_500 } : each,
    );
    playPlan({ ...PLAN, operations }, { tell: ({ what }) => states.push(what) });
    const told = states.filter((what) => what.includes('service s1')).at(-1);
    expect(told).toContain('update completed');
  });
});

describe('a node that is down in the list', () => {
  test('is not owed where it knows nobody any more who is a manager', () => {
    const links = ['to', 'from'].map((way) =>
      way === 'to' ? { from: 'w1', to: 'rest' } : { from: 'rest', to: 'w1' },
    );
    const nodes: string[] = [];
    const { end } = playPlan(
      {
        ...PLAN,
        operations: [
          { atMs: 8000, through: 'any', do: 'promote', node: 'w2' },
          { atMs: 20_000, through: 'any', do: 'demote', node: 'm1' },
        ],
        faults: [{ kind: 'cut', shape: 'away', links, atMs: 5000, forMs: 34_000 }],
      },
      { tell: ({ what }) => nodes.push(what) },
    );
    expect(nodes.filter((what) => what.startsWith('node w1')).at(-1)).toContain('down');
    expect(end).toBe('converged');
  });

  test('is missing where it is gone', () => {
    const world = World.of(1, 1, 'gone');
    world.machine('w1').crash();
    world.until('it is down', () => world.nodeOf('w1').status.state === 'down');
    expect(missing(world, ['w1'], unowed(world))).toBe('the node of w1 is down');
  });

  test('is waited for while the new leader does not know yet', () => {
    const world = World.of(3, 1, 'unknown');
    world.machine('w1').crash();
    const [old, id] = [world.leader(), world.machine('w1').node.nodeId()];
    world.machine(old).crash();
    world.untilLeader(old);
    world.advance(15_000);
    const rest = ['m1', 'm2', 'm3'].filter((name) => name !== old);
    expect(missing(world, rest, unowed(world))).toContain('the leader waits for node');
    world.until('it is down', () =>
      world.nodes().every(({ status }) => status.state !== 'unknown'),
    );
    expect(world.nodes().find((node) => node.id === id)?.status.state).toBe('down');
    expect(missing(world, rest, unowed(world))).toBe('');
  });
});

import { describe, expect, test } from '@jest/globals';
import { World } from '../world.ts';
import { CirclingUpdates } from './circling-updates.ts';
import { missing } from './convergence.ts';
import { CountedSlots } from './counted-slots.ts';
import { ForgottenTasks } from './forgotten-tasks.ts';
import { HeldUpdates } from './held-updates.ts';
import { LostRestarts } from './lost-restarts.ts';
import { LostTouch } from './lost-touch.ts';
import { PLAN_FORMAT, type Plan } from './plan.ts';
import { playPlan } from './play-plan.ts';
import type { Unowed } from './service-debt.ts';
import { UnbegunUpdates } from './unbegun-updates.ts';

const unowed = (world: World): Unowed => ({
  held: new HeldUpdates(world),
  forgotten: new ForgottenTasks(world),
  unbegun: new UnbegunUpdates(world),
  lostTouch: new LostTouch(world, 5000),
  counted: new CountedSlots(world),
  circling: new CirclingUpdates(world),
  lostRestarts: new LostRestarts(world),
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
    const times = { atMs: 5000, forMs: 34_000 } as const;
    const faults: Plan['faults'] = [
      { kind: 'cut', shape: 'away', links, ...times },
      { kind: 'kill', node: 'w1', ...times },
    ];
    for (const fault of faults) {
      const nodes: string[] = [];
      const { end, violation } = playPlan(
        {
          ...PLAN,
          operations: [
            { atMs: 8000, through: 'any', do: 'promote', node: 'w2' },
            { atMs: 20_000, through: 'any', do: 'demote', node: 'm1' },
          ],
          faults: [fault],
        },
        { tell: ({ what }) => nodes.push(what) },
      );
      expect(nodes.filter((what) => what.startsWith('node w1')).at(-1)).toContain('down');
      expect([end, violation]).toEqual(['converged', null]);
    }
  });

  test('is not owed where it registered while its leader was slow to write and its session before expired meanwhile', () => {
    const played = (faults: Plan['faults']): { downMs: number; last: string; end: string } => {
      let downMs = 0;
      let last = '';
      const { end } = playPlan(
        { ...PLAN, workers: ['w1'], operations: [], faults },
        {
          tell: ({ atMs, what }) => {
            if (!what.startsWith('node w1 ')) return;
            last = what;
            if (what.includes('down')) downMs = atMs;
          },
        },
      );
      return { downMs, last, end };
    };
    const away = { kind: 'kill', node: 'w1', atMs: 10_000 } as const;
    const { downMs: expiresMs, last } = played([{ ...away, forMs: 30_000 }]);
    expect(last).toBe('node w1 ready');
    const slow = { kind: 'disk-slow', node: 'm1', syncMs: 3000 } as const;
    const atMs = expiresMs - 2300;
    const overtaken = played([
      { ...away, forMs: atMs + 500 - away.atMs },
      { ...slow, atMs, forMs: 10_000 },
    ]);
    expect(overtaken).toMatchObject({ last: 'node w1 down', end: 'converged' });
  });

  test('is missing where it is gone', () => {
    const world = World.of(1, 1, 'gone');
    world.machine('w1').crash();
    world.until('it is down', () => world.nodeOf('w1').status.state === 'down');
    expect(missing(world, ['w1'], unowed(world))).toBe('the node of w1 is down');
  });

  test('is missing where it has started and has yet to find the manager that it knows', () => {
    const world = World.of(1, 1, 'gone');
    world.machine('w1').crash();
    world.advance(1000);
    world.machine('w1').start();
    expect(missing(world, ['w1'], unowed(world))).toBe('w1 is pending');
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

test('a request to join whose answer is lost leaves a node that never registers, and nobody owes it', () => {
  const links = [{ from: 'm1', to: 'x1' }];
  const told: string[] = [];
  const { end } = playPlan(
    {
      ...PLAN,
      workers: [],
      operations: [{ atMs: 5000, through: 'any', do: 'join', node: 'x1', role: 'worker' }],
      faults: [{ kind: 'cut', shape: 'one-way', links, atMs: 5001, forMs: 10_000 }],
    },
    { tell: ({ what }) => told.push(what) },
  );
  const made = told.filter((what) => /^node \w+ unknown, role worker$/.test(what));
  expect(made.length).toBeGreaterThan(1);
  expect(told.filter((what) => what.endsWith(' ready'))).toEqual([
    'node m1 ready',
    'node x1 ready',
  ]);
  expect(end).toBe('converged');
});

test('a manager whose log has rotted is to be removed by hand, and not owed; without the rot it is back', () => {
  const ends = [true, false].map((isRotten) => {
    const fault = { node: 'm2', atMs: 10_000, forMs: 1000 } as const;
    const told: string[] = [];
    const { end } = playPlan(
      {
        ...PLAN,
        ...{ managers: ['m1', 'm2', 'm3'], workers: [], operations: [] },
        faults: [
          ...(isRotten ? [{ ...fault, kind: 'disk-rot', what: 'log' } as const] : []),
          { ...fault, kind: 'crash', atMs: 11_000 },
        ],
      },
      {
        tell: ({ machine, what }) => {
          if (machine === 'm2') told.push(what);
        },
      },
    );
    return [end, told.slice(told.indexOf('daemon starts') + 1).includes('opens its manager')];
  });
  expect(ends).toEqual([
    ['converged', false],
    ['converged', true],
  ]);
});

test('who was taken in and lost its power before the first entry was on its disk knows nobody, and is lost for good', () => {
  const ends = Array.from({ length: 8 }, (_, at) => {
    const operations = [{ atMs: 6000, through: 'any', do: 'promote', node: 'w1' }] as const;
    const crash = { kind: 'crash-at-write', node: 'w1', writes: at + 1 } as const;
    const faults = [{ ...crash, atMs: 5000, forMs: 10_000 }];
    return playPlan({ ...PLAN, workers: ['w1'], operations, faults }).end;
  });
  expect(ends.filter((end) => end === 'quorum lost for good').length).toBeGreaterThan(0);
  expect(ends.filter((end) => end === 'converged').length).toBeGreaterThan(3);
});

test('such a member is not owed where the others are a quorum: its own agent asks nobody but its manager, and reads down', () => {
  const stays = Array.from({ length: 8 }, (_, at) => {
    const operations = [{ atMs: 6000, through: 'any', do: 'promote', node: 'w1' }] as const;
    const crash = { kind: 'crash-at-write', node: 'w1', writes: at + 1 } as const;
    const away = { kind: 'pause', node: 'w1', atMs: 17_000, forMs: 22_000 } as const;
    const faults = [{ ...crash, atMs: 5000, forMs: 10_000 }, away];
    const lines: string[] = [];
    const plan = { ...PLAN, managers: ['m1', 'm2'], workers: ['w1'], operations, faults };
    const tell = ({ what }: { readonly what: string }): void => {
      if (/^node w1 (down|ready)$/.test(what)) lines.push(what);
    };
    return [playPlan(plan, { tell }).end, lines.at(-1)];
  });
  expect(new Set(stays.map(([end]) => end))).toEqual(new Set(['converged']));
  expect(new Set(stays.map(([, last]) => last))).toEqual(
    new Set(['node w1 ready', 'node w1 down']),
  );
});

describe('a demotion that would leave too few members for a quorum', () => {
  const lost = (): World => {
    const world = World.of(3, 0, 'lost');
    const [leader, other, gone] = [
      world.leader(),
      ...['m1', 'm2', 'm3'].filter((name) => name !== world.leader()),
    ] as [string, string, string];
    world.machine(gone).crash();
    world.advance(20_000);
    world.machine(leader).node.manager?.store.update((transaction) => {
      const node = transaction.get('node', world.machine(other).node.nodeId())!;
      transaction.update('node', { ...node, spec: { ...node.spec, Role: 'worker' } });
    });
    world.advance(20_000);
    return world;
  };
  const others = (world: World): readonly string[] =>
    ['m1', 'm2', 'm3'].filter((name) => name !== world.leader());

  test('is not owed where a member is lost for good, and is where that one has to come back', () => {
    const world = lost();
    const [demoted = '', gone = ''] = others(world);
    expect(world.nodeOf(demoted).role).toBe('manager');
    expect(missing(world, [world.leader(), demoted], unowed(world))).toBe('');
    expect(missing(world, [demoted, gone], unowed(world))).toBe(
      `${demoted} is to be worker and is manager`,
    );
    world.machine(gone).start();
    world.until('it is a worker', () => world.nodeOf(demoted).role === 'worker', 30_000);
  });

  test('waits without end where a manager left by force and the other was away, and is done where nobody left', () => {
    const last = [true, false].map((leaves) => {
      const told: string[] = [];
      const { end } = playPlan(
        {
          ...PLAN,
          ...{ managers: ['m1', 'm2', 'm3'], workers: [] },
          operations: [
            ...(leaves
              ? ([{ atMs: 15_000, through: 'any', do: 'leave', node: 'm3' }] as const)
              : []),
            { atMs: 15_200, through: 'any', do: 'demote', node: 'm2' },
          ],
          faults: [{ kind: 'kill', node: 'm2', atMs: 10_000, forMs: 15_000 }],
        },
        { tell: ({ what }) => told.push(what) },
      );
      return [
        end,
        told.includes('node m2 is to be worker'),
        told.some((what) => /^node m2 .*role worker/.test(what)),
      ];
    });
    expect(last).toEqual([
      ['converged', true, false],
      ['converged', true, true],
    ]);
  });
});

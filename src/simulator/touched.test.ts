import { expect, test } from '@jest/globals';
import { inject } from './faults.ts';
import type { Machine } from './machine.ts';
import type { SimFault } from './sim-fault.ts';
import { World } from './world.ts';

/** All that watchers of a machine look at; the same objects until something changes. */
const sightOf = ({ disk, process }: Machine): readonly unknown[] => {
  const { manager } = process.node;
  return [
    ...[disk.raft, disk.load(), process, process.isAlive(), process.node.nodeId()],
    ...[manager, manager?.raftStatus(), manager?.leader],
  ];
};

/** Looks at all machines after every event, and at what is told to have been touched. */
function untold(world: World): readonly string[] {
  const missed: string[] = [];
  const touched = world.touched();
  const seen = new Map<Machine, readonly unknown[]>();
  world.time.onEvent(() => {
    const told = touched.take();
    for (const machine of world.machines.values()) {
      const sight = sightOf(machine);
      const before = seen.get(machine) ?? [];
      seen.set(machine, sight);
      if (told.includes(machine)) continue;
      if (sight.some((value, at) => value !== before[at]))
        missed.push(`${machine.name} at ${world.time.now}`);
    }
  });
  return missed;
}

const FAULTS: readonly SimFault[] = [
  { kind: 'crash', node: 'm1' },
  { kind: 'crash-at-write', node: 'm2', writes: 4 },
  { kind: 'skew', node: 'm3', offsetMs: 2000, driftPpm: 30_000 },
  { kind: 'disk-full', node: 'm2' },
  { kind: 'sync-fails', node: 'm3' },
  { kind: 'restart-engine', node: 'w1' },
  { kind: 'disk-rot', node: 'm3', what: 'log' },
  { kind: 'crash', node: 'm3' },
];

test('no machine changes without being told of as touched, whatever breaks or is asked for', () => {
  const world = new World('touched');
  const missed = untold(world);
  for (const name of ['m1', 'm2', 'm3', 'w1', 'w2'])
    if (name === 'm1') world.init(name);
    else world.join(name, name.startsWith('m') ? 'manager' : 'worker');
  world.createService('web', 6);
  for (const fault of FAULTS) {
    const active = inject(world, fault);
    world.advance(20_000);
    active.heal();
    world.advance(15_000);
  }
  const release = world.machine('m2').holdPaused();
  world.advance(30_000);
  release();
  world.untilLeader();
  world.advance(30_000);
  world.updateNode('w1', { Role: 'manager' });
  world.advance(30_000);
  expect(world.machine('w1').node.managerReady()).toBe(true);
  world.time.after(1000, () => {
    world.machine('w1').node.leave(() => undefined);
  });
  world.machine(world.leader()).stop();
  world.advance(30_000);
  expect(missed).toEqual([]);
});

test('what was touched is told in the order in which the machines were made, each once', () => {
  const world = new World('touched');
  const [first, second] = [world.machine('a'), world.machine('b')];
  const touched = world.touched();
  expect(touched.take()).toEqual([first, second]);
  second.kill();
  first.kill();
  second.start();
  expect(touched.take()).toEqual([first, second]);
  expect(touched.take()).toEqual([]);
});

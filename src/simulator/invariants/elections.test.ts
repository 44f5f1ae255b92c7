import { expect, test } from '@jest/globals';
import { inject } from '../faults.ts';
import { World } from '../world.ts';
import { Elections } from './elections.ts';
import { Replicas } from './replicas.ts';

test('a leader that was halted has led until it is gone', () => {
  const world = World.of(3, 0, 'halted');
  const elections = new Elections(world, () => undefined);
  const replicas = new Replicas(world, {
    disk: () => undefined,
    status: (replica, status, before) => {
      elections.status(replica, status, before);
    },
    ended: (status) => {
      elections.ended(status);
    },
  });
  const leader = world.leader();
  const halt = inject(world, { kind: 'pause', node: leader });
  world.machine([...world.machines.keys()].find((name) => name !== leader) ?? '').crash();
  replicas.look();
  const haltedAtMs = world.time.now;
  world.advance(8000);
  replicas.look();
  expect(elections.ledAtMs).toBe(haltedAtMs);
  world.machine(leader).crash();
  replicas.look();
  expect(elections.ledAtMs).toBe(world.time.now);
  halt.heal();
});

import { expect, test } from '@jest/globals';
import { World } from './world.ts';

/** Five managers; m3 is away while x1 joins and becomes the leader, so that its log says nothing of x1. */
function ledByStranger(seed: string): World {
  const swarm = World.of(5, 0, seed);
  swarm.machine('m3').crash();
  swarm.join('x1', 'manager');
  // The others do not hear each other, so that nobody but x1 can win.
  const rest = ['m2', 'm4', 'm5'];
  for (const from of rest) for (const to of rest) if (from !== to) swarm.network.cut(from, to);
  swarm.machine('m1').crash();
  swarm.until('x1 leads', () => swarm.leader() === 'x1');
  swarm.network.heal();
  swarm.until('m3 is missed', () => swarm.nodeOf('m3').status.state === 'down');
  return swarm;
}

const followsX1 = (swarm: World): boolean =>
  swarm.machine('m3').node.manager?.leadingMember()?.addr === 'x1:2377' &&
  swarm.nodeOf('m3').status.state === 'ready';

test('a manager that was away while its leader joined asks another for the address, and catches up', () => {
  const swarm = ledByStranger('stranger');
  swarm.machine('m3').start();
  swarm.until('m3 follows', () => followsX1(swarm), 30_000);
  expect(swarm.leader()).toBe('x1');
});

test('where the one it asks is gone it asks the next', () => {
  const swarm = ledByStranger('stranger');
  swarm.machine('m3').start();
  swarm.until('m3 follows', () => followsX1(swarm), 30_000);
  const warnings = swarm.logged('m3').filter((line) => line.includes('no address for member'));
  // The members in their order: m1, which is off, is asked first.
  expect(warnings).toHaveLength(1);
});

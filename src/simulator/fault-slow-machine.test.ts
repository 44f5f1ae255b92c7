import { describe, expect, test } from '@jest/globals';
import { inject } from './faults.ts';
import { World } from './world.ts';

describe('a slow machine', () => {
  test('takes as many times as long for syncs, containers and answers, until it is healed', () => {
    const swarm = World.of(1, 1, 'slow');
    const { disk, engine } = swarm.machine('w1');
    const { start } = engine.times;
    const fault = inject(swarm, { kind: 'slow-machine', node: 'w1', factor: 10 });
    expect([disk.syncMs, engine.times.start]).toEqual([10, 10 * start]);
    expect(fault.proof.after).toBe(`w1: a sync 10 ms, a start ${10 * start} ms`);
    fault.heal();
    expect([disk.syncMs, engine.times.start]).toEqual([1, start]);
  });

  test('starts its containers later than the others, and all come', () => {
    const swarm = World.of(1, 2, 'slow starts');
    inject(swarm, { kind: 'slow-machine', node: 'w1', factor: 20 });
    swarm.createService('web', 3);
    const startedOn = (name: string): boolean => swarm.machine(name).engine.running.size > 0;
    swarm.until('w2 has started', () => startedOn('w2'));
    expect(startedOn('w1')).toBe(false);
    swarm.until('all run', () => swarm.running('web').length === 3, 30_000);
  });

  test('leads on where it is slow, and its commits take their time', () => {
    const swarm = World.of(3, 0, 'slow leader');
    const leader = swarm.leader();
    const begin = swarm.time.now;
    swarm.createService('before', 0);
    const usualMs = swarm.time.now - begin;
    inject(swarm, { kind: 'slow-machine', node: leader, factor: 50 });
    const since = swarm.time.now;
    swarm.createService('after', 0);
    expect(swarm.time.now - since).toBeGreaterThan(usualMs + 40);
    expect(swarm.leader()).toBe(leader);
  });
});

test('of two faults that slow one disk the slowest counts, and what is left after either', () => {
  const swarm = World.of(1, 0, 'two');
  const { disk } = swarm.machine('m1');
  const slow = inject(swarm, { kind: 'disk-slow', node: 'm1', syncMs: 200 });
  const slower = inject(swarm, { kind: 'disk-slow', node: 'm1', syncMs: 900 });
  expect(disk.syncMs).toBe(900);
  slow.heal();
  expect(disk.syncMs).toBe(900);
  slower.heal();
  expect(disk.syncMs).toBe(1);
});

test('a machine that is slow while its syncs never come back opens its manager when they do', () => {
  const swarm = World.of(1, 0, 'slow and lost');
  const lost = inject(swarm, { kind: 'lost-writes', node: 'm1', afterMs: 500 });
  swarm.advance(1000);
  inject(swarm, { kind: 'slow-machine', node: 'm1', factor: 10 });
  lost.heal();
  expect(swarm.machine('m1').disk.syncMs).toBe(10);
  swarm.until('it leads', () => swarm.leader() === 'm1');
});

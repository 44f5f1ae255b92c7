import { describe, expect, test } from '@jest/globals';
import { inject } from './faults.ts';
import { World } from './world.ts';

const service = (name: string) =>
  ({
    method: 'create-service',
    spec: {
      Name: name,
      Labels: {},
      TaskTemplate: { ContainerSpec: { Image: 'workload:v1' }, ForceUpdate: 0 },
      Mode: { Replicated: { Replicas: 0 } },
    },
  }) as const;

describe('a slow disk', () => {
  test('makes a leader that is alone wait for its sync before it answers', () => {
    const swarm = World.of(1, 0, 'slow disk');
    const fault = inject(swarm, { kind: 'disk-slow', node: 'm1', syncMs: 700 });
    const asked = swarm.asking('m1', service('a'));
    swarm.advance(690);
    expect(asked.result).toBeNull();
    swarm.advance(20);
    expect(asked.result).toMatchObject({ ok: true });
    fault.heal();
  });

  test('of one follower holds nothing up: the others are a majority', () => {
    const swarm = World.of(3, 0, 'slow follower');
    const leader = swarm.leader();
    const follower = ['m1', 'm2', 'm3'].find((name) => name !== leader) ?? '';
    inject(swarm, { kind: 'disk-slow', node: follower, syncMs: 4000 });
    const asked = swarm.asking(leader, service('a'));
    swarm.advance(100);
    expect(asked.result).toMatchObject({ ok: true });
  });
});

describe('writes that are lost', () => {
  test('were never acknowledged, and what was is there after the power is back', () => {
    const swarm = World.of(1, 0, 'lost');
    swarm.createService('kept', 0);
    const fault = inject(swarm, { kind: 'lost-writes', node: 'm1', afterMs: 500 });
    const asked = swarm.asking('m1', service('lost'));
    swarm.advance(600);
    expect([asked.result, swarm.machine('m1').isUp]).toEqual([null, false]);
    fault.heal();
    swarm.until('it leads', () => swarm.leader() === 'm1');
    expect(swarm.service('kept')).toBeDefined();
  });

  test('may be lost or not, by chance; the log is whole either way', () => {
    const outcomes = new Set(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((seed) => {
        const swarm = World.of(1, 0, seed);
        const fault = inject(swarm, { kind: 'lost-writes', node: 'm1', afterMs: 500 });
        swarm.asking('m1', service('perhaps'));
        swarm.advance(600);
        fault.heal();
        swarm.until('it leads', () => swarm.leader() === 'm1');
        return swarm.service('perhaps') !== undefined;
      }),
    );
    expect(outcomes).toEqual(new Set([true, false]));
  });

  test('healed before the power failed, the machine still goes through it', () => {
    const swarm = World.of(1, 0, 'early');
    const fault = inject(swarm, { kind: 'lost-writes', node: 'm1', afterMs: 500 });
    const { process } = swarm.machine('m1');
    swarm.asking('m1', service('lost'));
    swarm.advance(100);
    fault.heal();
    swarm.until('it leads', () => swarm.leader() === 'm1');
    expect([swarm.machine('m1').process === process, swarm.machine('m1').disk.syncMs]).toEqual([
      false,
      1,
    ]);
  });
});

test('a machine that stood still when its disk had room again is restarted too: it hears of its failed write later', () => {
  const swarm = World.of(1, 0, 'full and still');
  const full = inject(swarm, { kind: 'disk-full', node: 'm1' });
  swarm.asking('m1', service('a'));
  const still = inject(swarm, { kind: 'pause', node: 'm1' });
  swarm.advance(100);
  full.heal();
  still.heal();
  swarm.until('it leads', () => swarm.leader() === 'm1');
  swarm.advance(5000);
  expect(swarm.machine('m1').node.localState()).toBe('active');
});

test('a crash in the middle of a write that is taken back while that write has begun does not come: nobody would start the machine again', () => {
  const [taken, kept] = [true, false].map((isTakenBack) => {
    const swarm = World.of(1, 0, 'taken back');
    inject(swarm, { kind: 'disk-slow', node: 'm1', syncMs: 700 });
    const fault = inject(swarm, { kind: 'crash-at-write', node: 'm1', writes: 1 });
    const asked = swarm.asking('m1', service('a'));
    swarm.advance(300);
    if (isTakenBack) fault.heal();
    swarm.advance(1000);
    return [swarm.machine('m1').isUp, asked.result?.ok];
  });
  expect([taken, kept]).toEqual([
    [true, true],
    [false, undefined],
  ]);
});

import { describe, expect, test } from '@jest/globals';
import { World } from './world.ts';

const READ = { method: 'list-nodes', filters: {} } as const;
const create = (name: string) =>
  ({
    method: 'create-service',
    spec: {
      Name: name,
      Labels: {},
      TaskTemplate: { ContainerSpec: { Image: 'workload:v1' }, ForceUpdate: 0 },
      Mode: { Replicated: { Replicas: 1 } },
    },
  }) as const;

describe('a leader that is cut off from the others', () => {
  test('reads on with its peers unreachable, holds writes, and fails them when it steps down', () => {
    const swarm = World.of(3, 0, 'split');
    const old = swarm.leader();
    swarm.network.isolate(old);
    const write = swarm.asking(old, create('iso'));
    swarm.advance(5000);
    const read = swarm.asking(old, READ);
    expect(read.afterMs).toBe(0);
    const views = read.result?.ok === true ? read.result.value : [];
    expect(views.map((view) => view.manager?.reachability).sort()).toEqual([
      'reachable',
      'unreachable',
      'unreachable',
    ]);
    expect(write.result).toBeNull();
    swarm.until('the write ends', () => write.result !== null, 21_000);
    expect(write.result).toMatchObject({
      ok: false,
      error: {
        text: 'rpc error: code = Unknown desc = raft: failed to process the request: node lost leader status',
      },
    });
    expect(swarm.machine(old).node.manager?.leader).toBeNull();
  });

  test('is replaced by the majority, whose refill stays when it returns, and its write is not kept', () => {
    const swarm = World.of(3, 0, 'majority');
    swarm.createService('web', 3);
    swarm.until('three run', () => swarm.running('web').length === 3);
    const old = swarm.leader();
    const id = swarm.machine(old).node.nodeId();
    swarm.network.isolate(old);
    swarm.asking(old, create('iso'));
    swarm.untilLeader(old);
    const elsewhere = (): boolean =>
      swarm.running('web').filter((task) => task.nodeId !== id).length === 3;
    swarm.until('refilled', elsewhere);
    expect(swarm.machine(old).engine.running.size).toBe(1);
    swarm.network.heal();
    swarm.until(
      'everybody ready',
      () =>
        swarm.nodes().length === 3 && swarm.nodes().every((node) => node.status.state === 'ready'),
    );
    swarm.until('its container is stopped', () => swarm.machine(old).engine.running.size === 0);
    swarm.advance(60_000);
    expect(elsewhere()).toBe(true);
    expect(swarm.service('iso')).toBeUndefined();
  });
});

describe('a manager that can be heard but hears nothing', () => {
  test('as a leader steps down for lack of answers, and another follows', () => {
    const swarm = World.of(3, 0, 'deaf');
    const old = swarm.leader();
    for (const other of ['m1', 'm2', 'm3'].filter((name) => name !== old))
      swarm.network.cut(other, old);
    swarm.until('steps down', () => swarm.machine(old).node.manager?.leader === null, 21_000);
    swarm.untilLeader(old);
  });

  test('as a follower that campaigns gets no votes, since it cannot be reached', () => {
    const swarm = World.of(3, 0, 'deaf-follower');
    const leader = swarm.leader();
    const [deaf = ''] = ['m1', 'm2', 'm3'].filter((name) => name !== leader);
    for (const other of ['m1', 'm2', 'm3'].filter((name) => name !== deaf))
      swarm.network.cut(other, deaf);
    swarm.advance(60_000);
    expect(swarm.leader()).not.toBe(deaf);
    expect(
      swarm.logged().filter((line) => line.includes('campaigns but cannot be reached')),
    ).not.toEqual([]);
  });
});

describe('a follower that is cut off', () => {
  test('answers that there is no leader after ten ticks, while the majority serves', () => {
    const swarm = World.of(3, 0, 'alone');
    const leader = swarm.leader();
    const [alone = ''] = ['m1', 'm2', 'm3'].filter((name) => name !== leader);
    swarm.network.isolate(alone);
    swarm.advance(60_000);
    const asked = swarm.asking(alone, READ);
    expect(asked.result?.ok).toBe(false);
    expect(asked.afterMs).toBe(0);
    expect(swarm.asking(leader, READ).result?.ok).toBe(true);
    swarm.network.heal();
    swarm.until(
      'served again',
      () => {
        const again = swarm.asking(alone, READ);
        swarm.advance(1000);
        return again.result?.ok === true;
      },
      60_000,
    );
    expect(swarm.service('none')).toBeUndefined();
  });
});

describe('a worker that is cut off', () => {
  test('is down, replaced and, when it comes back, ready without a change of leader', () => {
    const swarm = World.of(3, 1, 'worker');
    swarm.createService('web', 4);
    swarm.until('four run', () => swarm.running('web').length === 4);
    const leader = swarm.leader();
    swarm.network.isolate('w1');
    const id = swarm.machine('w1').node.nodeId();
    swarm.until('down', () => swarm.nodeOf('w1').status.state === 'down', 17_000);
    swarm.until(
      'refilled',
      () => swarm.running('web').filter((task) => task.nodeId !== id).length === 4,
      8000,
    );
    swarm.network.heal();
    swarm.until('ready', () => swarm.nodeOf('w1').status.state === 'ready', 10_000);
    swarm.until(
      'its stale container is stopped',
      () => swarm.machine('w1').engine.running.size === 0,
      4000,
    );
    expect(swarm.leader()).toBe(leader);
  });
});

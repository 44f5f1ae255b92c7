import { describe, expect, test } from '@jest/globals';
import type { Result } from '../model/result.ts';
import { World } from './world.ts';

const NO_LEADER =
  "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.";
const DEADLINE = 'rpc error: code = DeadlineExceeded desc = context deadline exceeded';
const LOST_LEAD =
  'rpc error: code = Unknown desc = raft: failed to process the request: node lost leader status';

const textOf = (result: Result<unknown> | null): string =>
  result === null ? 'no answer' : result.ok ? 'ok' : result.error.text;

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

function pair(seed: string): { swarm: World; leader: string; follower: string } {
  const swarm = World.of(2, 0, seed);
  swarm.createService('web', 2);
  swarm.until('both run', () => swarm.running('web').length === 2);
  const leader = swarm.leader();
  return { swarm, leader, follower: leader === 'm1' ? 'm2' : 'm1' };
}

describe('Q1 to Q4: of two managers whose leader dies, the one that is left', () => {
  test('holds every request, and answers all of them with the missing leader', () => {
    const { swarm, leader, follower } = pair('held');
    swarm.machine(leader).crash();
    const asked = [READ, create('a')].map((request) => swarm.asking(follower, request));
    swarm.advance(9000);
    asked.push(swarm.asking(follower, READ));
    for (let n = 0; n < 40; n += 1) {
      swarm.advance(1000);
      asked.push(swarm.asking(follower, READ));
    }
    swarm.advance(20_100);
    for (const { result, afterMs } of asked) {
      expect([NO_LEADER, DEADLINE]).toContain(textOf(result));
      expect(afterMs).toBeLessThanOrEqual(20_000);
      if (textOf(result) === DEADLINE) expect(afterMs).toBe(20_000);
    }
    expect(swarm.leader()).toBe('');
  });

  test('answers at once when it has seen no leader for more than ten ticks', () => {
    const { swarm, leader, follower } = pair('at-once');
    swarm.machine(leader).crash();
    swarm.advance(60_000);
    for (const request of [READ, create('a')]) {
      const { result, afterMs } = swarm.asking(follower, request);
      expect(textOf(result)).toBe(NO_LEADER);
      expect(afterMs).toBe(0);
    }
  });

  test('gives up on a request after the budget that came with it', () => {
    const { swarm, leader, follower } = pair('budget');
    swarm.machine(leader).crash();
    const asked = swarm.asking(follower, READ, 5000);
    swarm.advance(5000);
    expect(textOf(asked.result)).toBe(DEADLINE);
    expect(asked.afterMs).toBe(5000);
  });

  test('lets its own tasks run on, and tells of itself with the reason for the rest', () => {
    const { swarm, leader, follower } = pair('info');
    const { engine, node } = swarm.machine(follower);
    const before = [...engine.running];
    swarm.machine(leader).crash();
    swarm.advance(60_000);
    expect([...engine.running]).toEqual(before);
    const asked = swarm.ask<{ readonly error: string; readonly controlAvailable: boolean }>(
      (done) => {
        node.info(done);
      },
    );
    swarm.advance(100);
    expect(asked.result).toMatchObject({
      ok: true,
      value: { error: NO_LEADER, controlAvailable: true, localNodeState: 'active', cluster: null },
    });
  });
});

describe('Q5: the other one comes back', () => {
  test.each(['a', 'b', 'c'])(
    'from its disk: a leader again, nothing committed is lost (seed %s)',
    (seed) => {
      const { swarm, leader, follower } = pair(`q5${seed}`);
      swarm.machine(leader).crash();
      swarm.advance(30_000);
      swarm.machine(leader).start();
      const took = swarm.untilLeader();
      expect(took).toBeLessThan(45_000);
      expect(swarm.service('web')).toBeDefined();
      swarm.until('both ready', () => swarm.nodes().every((node) => node.status.state === 'ready'));
      swarm.until('both run', () => swarm.running('web').length === 2);
      const views = swarm.control(follower, READ);
      expect(views.map((view) => view.manager?.reachability)).toEqual(['reachable', 'reachable']);
    },
  );

  test('Q6: what died with it is refilled in the same slot and reads failed', () => {
    const { swarm, leader } = pair('q6');
    const [lost] = swarm
      .tasks('web')
      .filter((task) => task.nodeId === swarm.machine(leader).node.nodeId());
    swarm.machine(leader).crash();
    swarm.advance(30_000);
    expect(swarm.machine(leader).engine.running.size).toBe(0);
    swarm.machine(leader).start();
    swarm.untilLeader();
    swarm.until('refilled', () =>
      swarm.running('web').some((task) => task.slot === lost?.slot && task.id !== lost.id),
    );
    const old = swarm.tasks('web').find((task) => task.id === lost?.id);
    expect(old?.status).toMatchObject({ state: 'failed', err: 'task: non-zero exit (255)' });
  });
});

describe('a leader whose only follower dies', () => {
  test('reads on, holds writes, and fails them all when it steps down within two election timeouts', () => {
    const { swarm, leader, follower } = pair('steps-down');
    swarm.machine(follower).crash();
    const writes = ['a', 'b', 'c'].map((name) => swarm.asking(leader, create(name)));
    swarm.advance(3000);
    const read = swarm.asking(leader, READ);
    expect(read.result?.ok).toBe(true);
    expect(read.afterMs).toBe(0);
    expect(writes.map(({ result }) => result)).toEqual([null, null, null]);
    const took = 3000 + swarm.until('steps down', () => swarm.leader() === '');
    expect(took).toBeGreaterThan(9000);
    expect(took).toBeLessThan(21_000);
    swarm.advance(10);
    expect(writes.map(({ result }) => textOf(result))).toEqual([LOST_LEAD, LOST_LEAD, LOST_LEAD]);
  });

  test('commits the first of those writes after all when it wins again', () => {
    const { swarm, leader, follower } = pair('ghost');
    swarm.machine(follower).crash();
    const writes = ['ghost0', 'ghost1'].map((name) => swarm.asking(leader, create(name)));
    swarm.until('steps down', () => swarm.leader() === '');
    swarm.advance(10);
    expect(writes.map(({ result }) => textOf(result))).toEqual([LOST_LEAD, LOST_LEAD]);
    swarm.machine(follower).start();
    swarm.untilLeader();
    expect(swarm.leader()).toBe(leader);
    expect(swarm.service('ghost0')).toBeDefined();
    expect(swarm.service('ghost1')).toBeUndefined();
  });
});

describe('a manager that stops', () => {
  test('tells whoever waits for an answer so', () => {
    const { swarm, leader, follower } = pair('stopped');
    swarm.machine(leader).crash();
    const asked = swarm.asking(follower, READ);
    swarm.advance(1000);
    swarm.machine(follower).stop();
    expect(textOf(asked.result)).toBe(
      'rpc error: code = Unknown desc = raft: failed to process the request: node is stopped',
    );
  });
});

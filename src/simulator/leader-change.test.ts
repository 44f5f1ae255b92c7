import { describe, expect, test } from '@jest/globals';
import { World } from './world.ts';

/** Election: 10 to 19 ticks, once in a while a second campaign. */
const ELECTION_MIN_MS = 8_000;
const ELECTION_MAX_MS = 40_000;

function loseLeader(seed: string): { swarm: World; old: string; electedMs: number } {
  const swarm = World.of(3, 0, seed);
  swarm.createService('web', 3);
  swarm.until('three run', () => swarm.running('web').length === 3);
  const old = swarm.leader();
  swarm.machine(old).kill();
  return { swarm, old, electedMs: swarm.untilLeader(old) };
}

describe('three managers that lose their leader', () => {
  test.each(['a', 'b', 'c', 'd', 'e', 'f'])(
    'have a new one within the bounds of an election (seed %s)',
    (seed) => {
      const { electedMs } = loseLeader(seed);
      expect(electedMs).toBeGreaterThanOrEqual(ELECTION_MIN_MS);
      expect(electedMs).toBeLessThanOrEqual(ELECTION_MAX_MS);
    },
  );

  test('see every node unknown, the living ready within 11 s, the dead down after 27 to 33 s', () => {
    const { swarm, old } = loseLeader('nodes');
    const begin = swarm.time.now;
    const dead = swarm.nodeOf(old);
    expect(dead.status).toMatchObject({
      state: 'unknown',
      message: 'Node moved to "unknown" state due to leadership change in cluster',
    });
    const living = ['m1', 'm2', 'm3'].filter((name) => name !== old);
    swarm.until(
      'the living are ready',
      () => living.every((name) => swarm.nodeOf(name).status.state === 'ready'),
      11_000,
    );
    swarm.until('the dead is down', () => swarm.nodeOf(old).status.state === 'down');
    expect(swarm.time.now - begin).toBeGreaterThanOrEqual(27_000);
    expect(swarm.time.now - begin).toBeLessThanOrEqual(33_100);
    expect(swarm.nodeOf(old).status.message).toBe('heartbeat failure for node in "unknown" state');
  });

  test('refill the slot once the node is down, on a living node, 5 s later', () => {
    const { swarm, old } = loseLeader('refill');
    const id = swarm.machine(old).node.nodeId();
    const lost = swarm.tasks('web').find((task) => task.nodeId === id);
    expect(lost).toBeDefined();
    swarm.until('the dead is down', () => {
      const isDown = swarm.nodeOf(old).status.state === 'down';
      if (!isDown) expect(swarm.tasks('web')).toHaveLength(3);
      return isDown;
    });
    const took = swarm.until('refilled', () =>
      swarm.running('web').some((task) => task.slot === lost?.slot && task.nodeId !== id),
    );
    expect(took).toBeGreaterThan(4900);
    expect(took).toBeLessThan(6500);
    const stale = swarm.tasks('web').find((task) => task.id === lost?.id);
    expect(stale).toMatchObject({ desiredState: 'shutdown', status: { state: 'running' } });
  });

  test('keep the time since when each task of the living runs', () => {
    const { swarm, old } = loseLeader('timestamps');
    const dead = swarm.machine(old).node.nodeId();
    const times = (): readonly number[] =>
      swarm
        .tasks('web')
        .filter((task) => task.nodeId !== dead && task.slot !== 0)
        .slice(0, 2)
        .map((task) => task.status.timestamp);
    const before = times();
    swarm.advance(25_000);
    expect(before).toHaveLength(2);
    expect(times()).toEqual(before);
  });

  test('answer a read begun in between once the new leader is there', () => {
    const swarm = World.of(3, 0, 'hang');
    const old = swarm.leader();
    const [asker = ''] = ['m1', 'm2', 'm3'].filter((name) => name !== old);
    swarm.machine(old).crash();
    swarm.advance(4000);
    const asked = swarm.asking(asker, { method: 'list-nodes', filters: {} });
    const elected = swarm.untilLeader(old);
    swarm.advance(2000);
    expect(asked.result?.ok).toBe(true);
    expect(asked.afterMs).toBeLessThanOrEqual(elected + 1500);
  });

  test('take the old leader back as a follower, without moving a task back to it', () => {
    const { swarm, old } = loseLeader('return');
    swarm.until('refilled', () => {
      const dead = swarm.machine(old).node.nodeId();
      return swarm.running('web').filter((task) => task.nodeId !== dead).length === 3;
    });
    const leader = swarm.leader();
    const places = swarm.running('web').map((task) => [task.id, task.nodeId]);
    swarm.machine(old).start();
    swarm.until('ready', () => swarm.nodeOf(old).status.state === 'ready', 20_000);
    swarm.advance(60_000);
    expect(swarm.leader()).toBe(leader);
    expect(
      swarm
        .running('web')
        .filter(({ id }) => places.some(([known]) => known === id))
        .map((task) => [task.id, task.nodeId]),
    ).toEqual(places);
    const id = swarm.machine(old).node.nodeId();
    const stale = swarm.tasks('web').find((task) => task.nodeId === id);
    expect(stale?.status).toMatchObject({ state: 'failed', err: 'task: non-zero exit (255)' });
  });

  test('carry a request out twice when the leader dies after it had passed it on', () => {
    const swarm = World.of(3, 0, 'twice');
    const old = swarm.leader();
    const [asker = ''] = ['m1', 'm2', 'm3'].filter((name) => name !== old);
    const request = {
      method: 'create-service',
      spec: {
        Name: 'once',
        Labels: {},
        TaskTemplate: { ContainerSpec: { Image: 'workload:v1' }, ForceUpdate: 0 },
        Mode: { Replicated: { Replicas: 1 } },
      },
    } as const;
    swarm.network.delayMs = 50;
    const asked = swarm.asking(asker, request);
    // 50 ms to the leader, 50 to the followers; their acknowledgement comes too late for it.
    swarm.advance(120);
    const status = swarm.machine(asker).node.manager?.raftStatus();
    expect(status?.lastIndex).toBe((status?.commit ?? 0) + 1);
    swarm.machine(old).crash();
    swarm.untilLeader(old);
    swarm.until('an answer', () => asked.result !== null);
    expect(asked.result).toMatchObject({
      ok: false,
      error: {
        text: 'rpc error: code = AlreadyExists desc = name conflicts with an existing object: service once already exists',
      },
    });
    expect(swarm.service('once')).toBeDefined();
  });

  test('repeat a request that the dead leader never got', () => {
    const swarm = World.of(3, 0, 'retry');
    const old = swarm.leader();
    const [asker = ''] = ['m1', 'm2', 'm3'].filter((name) => name !== old);
    swarm.network.delayMs = 20;
    const asked = swarm.asking(asker, { method: 'get-cluster' });
    swarm.advance(10);
    swarm.machine(old).crash();
    swarm.until('an answer', () => asked.result !== null);
    expect(asked.result?.ok).toBe(true);
    expect(asked.afterMs).toBeGreaterThan(ELECTION_MIN_MS);
  });
});

describe('a follower that dies', () => {
  test('is down after three heartbeats without a change of leader, and unreachable long before', () => {
    const swarm = World.of(3);
    const leader = swarm.leader();
    const [lost = ''] = ['m1', 'm2', 'm3'].filter((name) => name !== leader);
    swarm.machine(lost).crash();
    const reachability = (): string | undefined =>
      swarm.control(leader, { method: 'get-node', ref: swarm.machine(lost).node.nodeId() }).manager
        ?.reachability;
    swarm.until('unreachable', () => reachability() === 'unreachable', 3000);
    expect(swarm.nodeOf(lost).status.state).toBe('ready');
    const down = swarm.until('down', () => swarm.nodeOf(lost).status.state === 'down', 17_000);
    expect(down).toBeGreaterThan(5000);
    expect(swarm.nodeOf(lost).status.message).toBe('heartbeat failure');
    expect(swarm.leader()).toBe(leader);
  });
});

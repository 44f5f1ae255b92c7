import { describe, expect, test } from '@jest/globals';
import { DEFAULT_SWARM_SPEC, type SwarmSpec } from '../model/specs.ts';
import { World } from './world.ts';

/** What a client of that machine gets who begins its swarm anew. */
function beginAnew(
  swarm: World,
  name: string,
  respec?: (base: SwarmSpec) => SwarmSpec,
  advertiseAddr = swarm.machine(name).addr,
): string {
  const { nodeId } = swarm.wait<{ readonly nodeId: string }>((done) => {
    swarm.machine(name).node.init(
      {
        listenAddr: '0.0.0.0:2377',
        advertiseAddr,
        availability: 'active',
        spec: DEFAULT_SWARM_SPEC,
        defaultAddressPool: [],
        subnetSize: 0,
        dataPathPort: 0,
        ...(respec === undefined ? {} : { respec }),
      },
      done,
    );
  });
  return nodeId;
}

describe('a manager whose others are lost', () => {
  test('goes on alone with all that was committed, under the id and the tokens it had', () => {
    const swarm = World.of(3, 1);
    swarm.createService('web', 3);
    swarm.until('all run', () => swarm.running('web').length === 3);
    const id = swarm.machine('m1').node.nodeId();
    const token = swarm.token('worker');
    swarm.machine('m2').crash();
    swarm.machine('m3').crash();
    swarm.until('no leader', () => swarm.leader() === '', 60_000);
    expect(beginAnew(swarm, 'm1')).toBe(id);
    expect(swarm.leader()).toBe('m1');
    expect(swarm.token('worker')).toBe(token);
    expect(swarm.service('web')).toBeDefined();
    const views = swarm.control('m1', { method: 'list-nodes', filters: {} });
    expect(views).toHaveLength(4);
    expect(views.flatMap(({ manager }) => manager?.addr ?? [])).toEqual(['m1:2377']);
    swarm.until('all run again', () => swarm.running('web').length === 3);
    swarm.until('the worker is ready', () => swarm.nodeOf('w1').status.state === 'ready', 60_000);
    swarm.join('m4', 'manager');
    expect(swarm.nodeOf('m4').role).toBe('manager');
  });

  test('answers an old manager that comes back with its removal', () => {
    const swarm = World.of(3);
    swarm.machine('m2').crash();
    swarm.machine('m3').crash();
    swarm.until('no leader', () => swarm.leader() === '', 60_000);
    beginAnew(swarm, 'm1');
    swarm.machine('m2').start();
    swarm.until('it is told', () =>
      swarm.logged('m2').some((line) => line.includes('no raft member any more')),
    );
    swarm.advance(20_000);
    expect(swarm.leader()).toBe('m1');
  });

  test('may have another address, and settings that the client names', () => {
    const swarm = World.of(2);
    swarm.machine('m2').crash();
    swarm.until('no leader', () => swarm.leader() === '', 60_000);
    const respec = (base: SwarmSpec): SwarmSpec => ({
      ...base,
      Orchestration: { TaskHistoryRetentionLimit: 1 },
    });
    beginAnew(swarm, 'm1', respec, 'm1:12377');
    const { spec } = swarm.control('m1', { method: 'get-cluster' });
    expect(spec).toEqual({
      ...DEFAULT_SWARM_SPEC,
      Orchestration: { TaskHistoryRetentionLimit: 1 },
    });
    const views = swarm.control('m1', { method: 'list-nodes', filters: {} });
    expect(views.flatMap(({ manager }) => manager?.addr ?? [])).toEqual(['m1:12377']);
  });

  test('keeps that it is alone over a crash', () => {
    const swarm = World.of(3);
    swarm.machine('m2').crash();
    swarm.machine('m3').crash();
    swarm.until('no leader', () => swarm.leader() === '', 60_000);
    beginAnew(swarm, 'm1');
    swarm.createService('web', 1);
    swarm.machine('m1').crash();
    swarm.machine('m1').start();
    expect(swarm.until('it leads', () => swarm.leader() === 'm1', 20_000)).toBeLessThan(2000);
    expect(swarm.service('web')).toBeDefined();
  });

  test('drops what was never committed', () => {
    const swarm = World.of(3);
    const leader = swarm.leader();
    for (const name of ['m1', 'm2', 'm3']) if (name !== leader) swarm.machine(name).crash();
    const spec = {
      Name: 'lost',
      Labels: {},
      TaskTemplate: { ContainerSpec: { Image: 'workload:v1' }, ForceUpdate: 0 },
      Mode: { Replicated: { Replicas: 1 } },
    };
    const asked = swarm.asking(leader, { method: 'create-service', spec });
    swarm.until('answered', () => asked.result !== null, 60_000);
    swarm.until('no leader', () => swarm.leader() === '', 60_000);
    beginAnew(swarm, leader);
    expect(swarm.service('lost')).toBeUndefined();
  });
});

test('a founder whose spec the leader refuses is told so, and has a swarm with the defaults', () => {
  const swarm = new World();
  const { CAConfig } = DEFAULT_SWARM_SPEC;
  const spec = { ...DEFAULT_SWARM_SPEC, CAConfig: { ...CAConfig, NodeCertExpiry: 1 } };
  expect(() => swarm.init('m1', spec)).toThrow(
    'error updating cluster settings: rpc error: code = InvalidArgument desc = minimum certificate expiry time is: 1h0m0s',
  );
  expect(swarm.machine('m1').node.localState()).toBe('active');
  expect(swarm.control('m1', { method: 'get-cluster' }).spec).toEqual(DEFAULT_SWARM_SPEC);
});

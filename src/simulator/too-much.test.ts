/** What is more than a swarm can do, and is asked of it all the same. */
import { describe, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../model/specs.ts';
import { World } from './world.ts';

describe('a service of a quadrillion', () => {
  test.each<[string, ServiceSpec['Mode']]>([
    ['replicas', { Replicated: { Replicas: 1e15 } }],
    ['completions', { ReplicatedJob: { MaxConcurrent: 1e15, TotalCompletions: 1e15 } }],
  ])('%s is begun, and holds up nobody else', (_what, Mode) => {
    const swarm = World.of(1, 0, 'too much');
    const big = swarm.createService('big', 1, { Mode });
    swarm.advance(20);
    expect(swarm.tasks('big').length).toBeGreaterThan(0);
    swarm.control('m1', { method: 'remove-service', ref: big });
    expect(swarm.service('big')).toBeUndefined();
  });
});

describe('what is too large for one raft message', () => {
  const Labels = { large: 'x'.repeat(700_000) };

  test('is refused in Swarm’s words, and the swarm goes on', () => {
    const swarm = World.of(3, 0, 'too large');
    const spec = { Name: 'c', Labels: { ...Labels, more: 'y'.repeat(900_000) }, Data: 'AA==' };
    expect(() => swarm.control('m1', { method: 'create-config', spec })).toThrow(
      "rpc error: code = Unknown desc = raft: raft message is too large and can't be sent",
    );
    swarm.createService('web', 1);
    swarm.until('it runs', () => swarm.running('web').length === 1);
  });

  test('is written in several, where it is many tasks of a large service', () => {
    const swarm = World.of(3, 0, 'too large together');
    const ContainerSpec = { Image: 'workload:v1', Labels };
    swarm.createService('web', 9, { TaskTemplate: { ContainerSpec, ForceUpdate: 0 } });
    swarm.until('all run', () => swarm.running('web').length === 9);
  });
});

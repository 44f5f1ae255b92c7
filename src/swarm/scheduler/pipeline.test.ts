import { describe, expect, test } from '@jest/globals';
import type { Node, Task } from '../../model/objects.ts';
import { makeNode, makeTask, makeTasks } from '../dispatcher/virtual-swarm.ts';
import { makeNodes, ScheduledSwarm } from './scheduled-swarm.ts';

describe('explanations', () => {
  const explain = (task: Task, list: readonly Node[]): string => {
    const swarm = new ScheduledSwarm(list);
    swarm.create('task', task);
    swarm.time.advance(200);
    return swarm.task(task.id).status.err;
  };
  const mount = (Type: string, Name?: string): Partial<Task['spec']> => ({
    ContainerSpec: {
      Image: 'v1',
      Mounts: [
        { Type, ...(Name === undefined ? {} : { VolumeOptions: { DriverConfig: { Name } } }) },
      ],
    },
  });

  test.each<[string, Task, string, string]>([
    [
      'resources',
      makeTask('t', { reservations: { NanoCPUs: 5e9 } }),
      'insufficient resources on 1 node',
      'insufficient resources on 2 nodes',
    ],
    [
      'memory',
      makeTask('t', { reservations: { MemoryBytes: 9e9 } }),
      'insufficient resources on 1 node',
      'insufficient resources on 2 nodes',
    ],
    [
      'generic',
      makeTask('t', {
        reservations: { GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value: 1 } }] },
      }),
      'insufficient resources on 1 node',
      'insufficient resources on 2 nodes',
    ],
    [
      'plugin',
      makeTask('t', { spec: mount('volume', 'nfs') }),
      'missing plugin on 1 node',
      'missing plugin on 2 nodes',
    ],
    [
      'constraint',
      makeTask('t', { placement: { Constraints: ['node.labels.x==y'] } }),
      'scheduling constraints not satisfied on 1 node',
      'scheduling constraints not satisfied on 2 nodes',
    ],
    [
      'platform',
      makeTask('t', { placement: { Platforms: [{ OS: 'windows' }, { Architecture: 'aarch64' }] } }),
      'unsupported platform on 1 node',
      'unsupported platform on 2 nodes',
    ],
    [
      'volumes',
      makeTask('t', { spec: mount('cluster') }),
      'cannot fulfill requested CSI volume mounts on 1 node',
      'cannot fulfill requested CSI volume mounts on 2 nodes',
    ],
  ])('%s', (_name, task, one, two) => {
    expect(explain(task, makeNodes(1))).toBe(`no suitable node (${one})`);
    expect(explain(task, makeNodes(2))).toBe(`no suitable node (${two})`);
  });

  test('a host port that every node has given away', () => {
    const swarm = new ScheduledSwarm(makeNodes(2));
    const port = {
      PublishMode: 'host',
      PublishedPort: 8080,
      TargetPort: 80,
      Protocol: 'tcp',
    } as const;
    swarm.create('task', ...makeTasks(3, 't', { endpoint: { ports: [port], virtualIps: [] } }));
    swarm.time.advance(200);
    expect(swarm.placement('web')).toEqual({ n1: 1, n2: 1, '': 1 });
    const waiting = swarm.store.read.all('task').find((task) => task.nodeId === '');
    expect(waiting?.status.err).toBe('no suitable node (host-mode port already in use on 2 nodes)');
    swarm.end(swarm.store.read.tasksOfNode('n1')[0]!.id, 'complete');
    swarm.time.advance(50);
    expect(swarm.task(waiting!.id).nodeId).toBe('n1');
  });

  test('as many replicas per node as allowed', () => {
    const swarm = new ScheduledSwarm(makeNodes(2));
    swarm.create('task', ...makeTasks(5, 't', { placement: { MaxReplicas: 2 } }));
    swarm.time.advance(200);
    expect(swarm.placement('web')).toEqual({ n1: 2, n2: 2, '': 1 });
    const waiting = swarm.store.read.all('task').find((task) => task.nodeId === '');
    expect(waiting?.status.err).toBe('no suitable node (max replicas per node limit exceed)');
  });

  test('the most frequent reason comes first, and no node at all has none', () => {
    const list = [...makeNodes(2), makeNode('n3', { availability: 'drain' })];
    const task = makeTask('t', { placement: { Constraints: ['node.labels.x==y'] } });
    const reasons =
      'scheduling constraints not satisfied on 2 nodes; 1 node not available for new tasks';
    expect(explain(task, list)).toBe(`no suitable node (${reasons})`);
    expect(explain(makeTask('t'), [])).toBe('no suitable node');
  });

  test('a task bound to a node reads the bare reason', () => {
    const task = makeTask('t', { node: 'n1', slot: 0, reservations: { NanoCPUs: 5e9 } });
    expect(explain(task, makeNodes(2))).toBe('insufficient resources on 1 node');
  });

  test('generic resources are given by name or count and come free again', () => {
    const named = ['a', 'b'].map((Value) => ({ NamedResourceSpec: { Kind: 'gpu', Value } }));
    const swarm = new ScheduledSwarm([makeNode('n1', { resources: { generic: named } })]);
    const wants = { GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value: 2 } }] };
    swarm.create('task', makeTask('t', { reservations: wants }));
    swarm.time.advance(50);
    expect(swarm.task('t').genericResources).toEqual(named);
    swarm.create('task', makeTask('u', { reservations: wants }));
    swarm.time.advance(200);
    expect(swarm.task('u').status.err).toBe('no suitable node (insufficient resources on 1 node)');
    swarm.end('t', 'complete');
    swarm.time.advance(50);
    expect(swarm.task('u').nodeId).toBe('n1');
  });
});

import { describe, expect, test } from '@jest/globals';
import { nodeId, serviceId } from '../../model/ids.ts';
import type { Node, Task } from '../../model/objects.ts';
import {
  makeNode,
  makeService,
  makeTask,
  makeTasks,
  VirtualSwarm,
} from '../dispatcher/virtual-swarm.ts';
import { Scheduler } from './scheduler.ts';

/** A running scheduler over these nodes, with a service `web`. */
function scheduled(nodes: readonly Node[], seed?: string): VirtualSwarm & { scheduler: Scheduler } {
  const swarm = new VirtualSwarm(seed);
  swarm.create('node', ...nodes);
  swarm.create('service', makeService('web'));
  const scheduler = new Scheduler(swarm.ports, swarm.store);
  scheduler.start();
  return Object.assign(swarm, { scheduler });
}

const nodes = (count: number, options: Parameters<typeof makeNode>[1] = {}): Node[] =>
  Array.from({ length: count }, (_, at) => makeNode(`n${at + 1}`, options));

const setAvailability = (
  swarm: VirtualSwarm,
  id: string,
  availability: 'active' | 'pause' | 'drain',
): void => {
  swarm.change('node', id, (node) => ({
    ...node,
    spec: { ...node.spec, Availability: availability },
  }));
};

const end = (task: Task, state: 'failed' | 'complete'): Task => ({
  ...task,
  status: { ...task.status, state },
});

describe('spread', () => {
  test('S4: each node gets the next task while it has the fewest of the service', () => {
    const swarm = scheduled(nodes(3));
    swarm.create('task', ...makeTasks(20, 't'));
    swarm.time.advance(50);
    expect(Object.values(swarm.placement('web')).sort()).toEqual([6, 7, 7]);
  });

  test('S4: of nodes with equally many tasks of the service the one with the fewest tasks in all is taken', () => {
    const swarm = scheduled(nodes(3));
    const other = { serviceId: serviceId('other'), state: 'running' } as const;
    swarm.create(
      'task',
      makeTask('a', { ...other, node: 'n1' }),
      makeTask('b', { ...other, node: 'n3' }),
    );
    swarm.create('task', makeTask('t'));
    swarm.time.advance(50);
    expect(swarm.task('t').nodeId).toBe('n2');
  });

  test('S4: few tasks of the service count before few tasks in all', () => {
    const swarm = scheduled(nodes(2));
    const other = { serviceId: serviceId('other'), state: 'running', node: 'n1' } as const;
    swarm.create(
      'task',
      ...makeTasks(9, 'o', other),
      makeTask('a', { state: 'running', node: 'n2' }),
    );
    swarm.create('task', makeTask('t'));
    swarm.time.advance(50);
    expect(swarm.task('t').nodeId).toBe('n1');
  });

  test('N3: a scale-up fills the returned, emptiest node first and a new service uses every node', () => {
    const swarm = scheduled(nodes(3));
    const web = (node: string, ids: number[]): Task[] =>
      ids.map((at) => makeTask(`w${at}`, { node, state: 'running' }));
    swarm.create('task', ...web('n1', [1, 2, 3, 4]), ...web('n2', [5, 6, 7, 8, 9]));
    swarm.create('task', ...makeTasks(3, 'up'));
    swarm.time.advance(50);
    expect(['up1', 'up2', 'up3'].map((id) => swarm.task(id).nodeId)).toEqual(['n3', 'n3', 'n3']);
    swarm.create('service', makeService('fresh'));
    swarm.create('task', ...makeTasks(3, 'f', { serviceId: serviceId('fresh') }));
    swarm.time.advance(50);
    expect(swarm.placement('fresh')).toEqual({ n1: 1, n2: 1, n3: 1 });
  });

  test('tasks that shall end no longer count for spreading, but hold their reservation', () => {
    const swarm = scheduled(nodes(2, { resources: { nanoCpus: 1e9 } }));
    const reservations = { NanoCPUs: 6e8 };
    swarm.create(
      'task',
      makeTask('old', { node: 'n1', state: 'running', desiredState: 'shutdown', reservations }),
    );
    swarm.create('task', makeTask('a', { node: 'n2', state: 'running' }), makeTask('t'));
    swarm.time.advance(50);
    expect(swarm.task('t').nodeId).toBe('n1');
    swarm.create('task', makeTask('big', { reservations }));
    swarm.time.advance(50);
    expect(swarm.task('big').nodeId).toBe('n2');
  });

  test('a node on which the service failed five times in five minutes comes last, and is forgiven after them', () => {
    const swarm = scheduled(nodes(2));
    setAvailability(swarm, 'n2', 'drain');
    for (const id of ['f1', 'f2', 'f3', 'f4', 'f5']) {
      swarm.create('task', makeTask(id));
      swarm.time.advance(50);
      swarm.change('task', id, (task) => end(task, 'failed'));
    }
    swarm.create('task', ...makeTasks(2, 'busy', { node: 'n2', state: 'running' }));
    setAvailability(swarm, 'n2', 'active');
    swarm.create('task', makeTask('t'));
    swarm.time.advance(50);
    expect(swarm.task('t').nodeId).toBe('n2');
    swarm.time.advance(300_001);
    swarm.create('task', makeTask('later'));
    swarm.time.advance(50);
    expect(swarm.task('later').nodeId).toBe('n1');
  });
});

describe('eligible nodes', () => {
  test.each(['drain', 'pause'] as const)(
    'D2, D3: a node set to %s keeps its tasks and gets no new one',
    (availability) => {
      const swarm = scheduled(nodes(3));
      swarm.create('task', ...makeTasks(3, 'a'));
      swarm.time.advance(50);
      setAvailability(swarm, 'n2', availability);
      swarm.create('task', ...makeTasks(6, 'b'));
      swarm.time.advance(50);
      expect(swarm.placement('web')).toEqual({ n1: 4, n2: 1, n3: 4 });
    },
  );

  test('D6: without an eligible node a task stays pending with the reason, and is placed once there is one', () => {
    const swarm = scheduled(nodes(3, { availability: 'drain' }));
    swarm.create('task', makeTask('t'));
    swarm.time.advance(50);
    const { nodeId: node, status } = swarm.task('t');
    expect([node, status.state, status.message]).toEqual([
      '',
      'pending',
      'pending task scheduling',
    ]);
    expect(status.err).toBe('no suitable node (3 nodes not available for new tasks)');
    swarm.time.advance(1000);
    setAvailability(swarm, 'n2', 'active');
    swarm.time.advance(50);
    expect(swarm.task('t').nodeId).toBe('n2');
    expect(swarm.task('t').status).toMatchObject({
      state: 'assigned',
      message: 'scheduler assigned task to node',
      err: '',
    });
  });

  test('no node that is not ready gets a task', () => {
    const swarm = scheduled([
      makeNode('n1', { state: 'unknown' }),
      makeNode('n2', { state: 'down' }),
    ]);
    swarm.create('task', makeTask('t'));
    swarm.time.advance(50);
    expect(swarm.task('t').status.err).toBe(
      'no suitable node (2 nodes not available for new tasks)',
    );
    swarm.change('node', 'n1', (node) => ({ ...node, status: { ...node.status, state: 'ready' } }));
    swarm.time.advance(50);
    expect(swarm.task('t').nodeId).toBe('n1');
  });

  test.each([
    ['node.id==n2'],
    ['node.hostname == n2'],
    ['node.role==manager'],
    ['node.labels.zone==b'],
    ['engine.labels.disk==SSD'],
    ['node.labels.zone!=a'],
  ])('S6: constraint %s leaves one node', (constraint) => {
    const labels = { zone: 'a' };
    const special = makeNode('n2', {
      role: 'manager',
      labels: { zone: 'b' },
      engineLabels: { disk: 'ssd' },
    });
    const swarm = scheduled([makeNode('n1', { labels }), special, makeNode('n3', { labels })]);
    swarm.create('task', ...makeTasks(4, 't', { placement: { Constraints: [constraint] } }));
    swarm.time.advance(50);
    expect(swarm.placement('web')).toEqual({ n2: 4 });
  });

  test('N6, S5: a task made for one node is confirmed there and nowhere else', () => {
    const swarm = scheduled(nodes(2));
    swarm.create('task', makeTask('g', { node: 'n2', slot: 0 }), makeTask('t'));
    swarm.time.advance(50);
    expect(swarm.task('g').nodeId).toBe('n2');
    expect(swarm.task('g').status).toMatchObject({
      state: 'assigned',
      message: 'scheduler confirmed task can run on preassigned node',
    });
    expect(swarm.task('t').nodeId).toBe('n1');
  });
});

describe('explanations', () => {
  const explain = (task: Task, list: readonly Node[]): string => {
    const swarm = scheduled(list);
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
    expect(explain(task, nodes(1))).toBe(`no suitable node (${one})`);
    expect(explain(task, nodes(2))).toBe(`no suitable node (${two})`);
  });

  test('a host port that every node has given away', () => {
    const swarm = scheduled(nodes(2));
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
    swarm.change('task', swarm.store.read.tasksOfNode('n1')[0]!.id, (task) =>
      end(task, 'complete'),
    );
    swarm.time.advance(50);
    expect(swarm.task(waiting!.id).nodeId).toBe('n1');
  });

  test('as many replicas per node as allowed', () => {
    const swarm = scheduled(nodes(2));
    swarm.create('task', ...makeTasks(5, 't', { placement: { MaxReplicas: 2 } }));
    swarm.time.advance(200);
    expect(swarm.placement('web')).toEqual({ n1: 2, n2: 2, '': 1 });
    const waiting = swarm.store.read.all('task').find((task) => task.nodeId === '');
    expect(waiting?.status.err).toBe('no suitable node (max replicas per node limit exceed)');
  });

  test('the most frequent reason comes first, and no node at all has none', () => {
    const list = [...nodes(2), makeNode('n3', { availability: 'drain' })];
    const task = makeTask('t', { placement: { Constraints: ['node.labels.x==y'] } });
    const reasons =
      'scheduling constraints not satisfied on 2 nodes; 1 node not available for new tasks';
    expect(explain(task, list)).toBe(`no suitable node (${reasons})`);
    expect(explain(makeTask('t'), [])).toBe('no suitable node');
  });

  test('a task bound to a node reads the bare reason', () => {
    const task = makeTask('t', { node: 'n1', slot: 0, reservations: { NanoCPUs: 5e9 } });
    expect(explain(task, nodes(2))).toBe('insufficient resources on 1 node');
  });

  test('generic resources are given by name or count and come free again', () => {
    const named = ['a', 'b'].map((Value) => ({ NamedResourceSpec: { Kind: 'gpu', Value } }));
    const swarm = scheduled([makeNode('n1', { resources: { generic: named } })]);
    const wants = { GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value: 2 } }] };
    swarm.create('task', makeTask('t', { reservations: wants }));
    swarm.time.advance(50);
    expect(swarm.task('t').genericResources).toEqual(named);
    swarm.create('task', makeTask('u', { reservations: wants }));
    swarm.time.advance(200);
    expect(swarm.task('u').status.err).toBe('no suitable node (insufficient resources on 1 node)');
    swarm.change('task', 't', (task) => end(task, 'complete'));
    swarm.time.advance(50);
    expect(swarm.task('u').nodeId).toBe('n1');
  });
});

describe('placement preferences', () => {
  const zone = (id: string, value: string, options = {}): Node =>
    makeNode(id, { labels: { zone: value }, ...options });
  const placement = { Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.zone' } }] };

  test('tasks are spread evenly over the values of a label, whatever the number of nodes', () => {
    const swarm = scheduled([zone('a1', 'a'), zone('b1', 'b'), zone('b2', 'b'), zone('b3', 'b')]);
    swarm.create('task', ...makeTasks(12, 't', { placement }));
    swarm.time.advance(50);
    expect(swarm.placement('web')).toEqual({ a1: 6, b1: 2, b2: 2, b3: 2 });
  });

  test('what a full branch cannot take goes to the others', () => {
    const swarm = scheduled([zone('a1', 'a', { resources: { nanoCpus: 1e9 } }), zone('b1', 'b')]);
    swarm.create('task', ...makeTasks(4, 't', { placement, reservations: { NanoCPUs: 1e9 } }));
    swarm.time.advance(50);
    expect(swarm.placement('web')).toEqual({ a1: 1, b1: 3 });
  });

  test('tasks that are there already count, even on nodes that take no more', () => {
    const swarm = scheduled([
      zone('a1', 'a'),
      zone('a2', 'a', { availability: 'pause' }),
      zone('b1', 'b'),
    ]);
    swarm.create('task', ...makeTasks(2, 'old', { node: 'a2', state: 'running' }));
    swarm.create('task', ...makeTasks(2, 't', { placement }));
    swarm.time.advance(50);
    expect(swarm.placement('web')).toEqual({ a2: 2, b1: 2 });
  });

  test('a second preference spreads within each branch of the first', () => {
    const rack = (id: string, zoneName: string, name: string): Node =>
      makeNode(id, { labels: { zone: zoneName, rack: name } });
    const swarm = scheduled([
      rack('a1', 'a', 'x'),
      rack('a2', 'a', 'y'),
      rack('a3', 'a', 'y'),
      rack('b1', 'b', 'x'),
    ]);
    const Preferences = [
      ...placement.Preferences,
      { Spread: { SpreadDescriptor: 'node.labels.rack' } },
    ];
    swarm.create('task', ...makeTasks(8, 't', { placement: { Preferences } }));
    swarm.time.advance(50);
    expect(swarm.placement('web')).toEqual({ a1: 2, a2: 1, a3: 1, b1: 4 });
  });
});

describe('when it runs', () => {
  test('it waits for 50 ms without a commit, but not longer than 1 s', () => {
    const swarm = scheduled(nodes(1));
    swarm.create('task', makeTask('t'));
    swarm.time.advance(49);
    expect(swarm.task('t').nodeId).toBe('');
    swarm.time.advance(1);
    expect(swarm.task('t').nodeId).toBe('n1');
    swarm.create('task', makeTask('u'));
    for (let step = 0; step < 24; step += 1) {
      swarm.time.advance(40);
      swarm.create('secret', {
        id: `s${step}` as never,
        meta: { version: 0, createdAt: 0, updatedAt: 0 },
        spec: { Name: '', Labels: {} },
      });
    }
    expect(swarm.task('u').nodeId).toBe('');
    swarm.time.advance(40);
    expect(swarm.task('u').nodeId).toBe('n1');
  });

  test('it schedules what it finds at its start, and nothing after its stop', () => {
    const swarm = new VirtualSwarm();
    swarm.create('node', makeNode('n1'));
    swarm.create('service', makeService('web'));
    swarm.create('task', makeTask('t'), makeTask('unwanted', { desiredState: 'shutdown' }));
    const scheduler = new Scheduler(swarm.ports, swarm.store);
    scheduler.start();
    expect(swarm.task('t').nodeId).toBe('n1');
    expect(swarm.task('unwanted').nodeId).toBe('');
    scheduler.stop();
    swarm.create('task', makeTask('u'));
    swarm.time.advance(5000);
    expect(swarm.task('u').nodeId).toBe('');
    expect(swarm.time.pending).toBe(0);
  });

  test('a task that changed while its decision was on the way is decided anew and its first place comes free', () => {
    const swarm = scheduled(nodes(1, { resources: { nanoCpus: 1e9 } }));
    swarm.create('task', makeTask('t', { reservations: { NanoCPUs: 1e9 } }));
    swarm.commitMs = 10;
    swarm.change('task', 't', (task) => ({ ...task, serviceLabels: { a: '1' } }));
    swarm.time.advance(50);
    swarm.change('task', 't', (task) => ({ ...task, serviceLabels: { a: '2' } }));
    swarm.time.advance(500);
    expect(swarm.task('t')).toMatchObject({ nodeId: nodeId('n1'), serviceLabels: { a: '2' } });
    swarm.change('task', 't', (task) => end(task, 'complete'));
    swarm.create('task', makeTask('u', { reservations: { NanoCPUs: 1e9 } }));
    swarm.time.advance(500);
    expect(swarm.task('u').nodeId).toBe('n1');
  });

  test('an unplaced task of an old spec that nobody wants any more is shut down', () => {
    const swarm = scheduled(nodes(1, { availability: 'drain' }));
    swarm.create('task', makeTask('t'));
    swarm.time.advance(50);
    swarm.change('service', 'web', (service) => ({ ...service, specVersion: 2 }));
    swarm.change('task', 't', (task) => ({ ...task, desiredState: 'shutdown' }));
    swarm.time.advance(50);
    expect(swarm.task('t').status).toMatchObject({ state: 'shutdown', err: '' });
  });

  test('a task whose service is gone is left alone', () => {
    const swarm = scheduled(nodes(1, { availability: 'drain' }));
    swarm.create('task', makeTask('t', { serviceId: serviceId('gone') }));
    swarm.time.advance(500);
    expect(swarm.task('t').status.err).toBe('');
  });
});

describe('scale', () => {
  // A thousand services of ten tasks would look at every node a thousand times if it went over all nodes for each.
  const looked = (services: number, nodeCount: number): number => {
    const swarm = new VirtualSwarm();
    swarm.create('node', ...nodes(nodeCount));
    for (let at = 0; at < services; at += 1) {
      swarm.create('service', makeService(`s${at}`));
      swarm.create('task', ...makeTasks(10, `t${at}-`, { serviceId: serviceId(`s${at}`) }));
    }
    const scheduler = new Scheduler(swarm.ports, swarm.store);
    scheduler.start();
    expect(swarm.store.read.all('task').every((task) => task.nodeId !== '')).toBe(true);
    const counts = nodes(nodeCount).map((node) => swarm.store.read.tasksOfNode(node.id).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    return scheduler.looked;
  };

  test('a node is looked at about twice per placed task, however many nodes there are', () => {
    expect(looked(100, 100)).toBeLessThanOrEqual(2 * 1000);
    expect(looked(100, 1000)).toBeLessThanOrEqual(2 * 1000);
    expect(looked(1000, 1000)).toBeLessThanOrEqual(2 * 10_000);
  });

  test('tasks that fill all nodes but one cost no walk over the full nodes each', () => {
    const small = { resources: { nanoCpus: 1e9 } };
    const list = [...nodes(300, small), makeNode('big', { resources: { nanoCpus: 3000e9 } })];
    const swarm = scheduled(list);
    swarm.create('task', ...makeTasks(3000, 't', { reservations: { NanoCPUs: 1e9 } }));
    swarm.time.advance(50);
    expect(swarm.placement('web')['big']).toBe(2700);
    expect(swarm.scheduler.looked).toBeLessThanOrEqual(2 * 3300);
  });
});

import { describe, expect, test } from '@jest/globals';
import { nodeId, serviceId } from '../../model/ids.ts';
import type { Task } from '../../model/objects.ts';
import {
  makeNode,
  makeService,
  makeTask,
  makeTasks,
  VirtualSwarm,
} from '../dispatcher/virtual-swarm.ts';
import { makeNodes, ScheduledSwarm } from './scheduled-swarm.ts';
import { Scheduler } from './scheduler.ts';

describe('spread', () => {
  test('S4: each node gets the next task while it has the fewest of the service', () => {
    const swarm = new ScheduledSwarm(makeNodes(3));
    swarm.create('task', ...makeTasks(20, 't'));
    swarm.time.advance(50);
    expect(Object.values(swarm.placement('web')).sort()).toEqual([6, 7, 7]);
  });

  test('S4: of nodes with equally many tasks of the service the one with the fewest tasks in all is taken', () => {
    const swarm = new ScheduledSwarm(makeNodes(3));
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
    const swarm = new ScheduledSwarm(makeNodes(2));
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
    const swarm = new ScheduledSwarm(makeNodes(3));
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
    const swarm = new ScheduledSwarm(makeNodes(2, { resources: { nanoCpus: 1e9 } }));
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
    const swarm = new ScheduledSwarm(makeNodes(2));
    swarm.setAvailability('n2', 'drain');
    for (const id of ['f1', 'f2', 'f3', 'f4', 'f5']) {
      swarm.create('task', makeTask(id));
      swarm.time.advance(50);
      swarm.end(id, 'failed');
    }
    swarm.create('task', ...makeTasks(2, 'busy', { node: 'n2', state: 'running' }));
    swarm.setAvailability('n2', 'active');
    swarm.create('task', makeTask('t'));
    swarm.time.advance(50);
    expect(swarm.task('t').nodeId).toBe('n2');
    swarm.time.advance(300_001);
    swarm.create('task', makeTask('later'));
    swarm.time.advance(50);
    expect(swarm.task('later').nodeId).toBe('n1');
  });
});

test('failures of tasks that were made for a node do not count against it', () => {
  const swarm = new ScheduledSwarm(makeNodes(2));
  swarm.setAvailability('n2', 'pause');
  for (const id of ['g1', 'g2', 'g3', 'g4', 'g5']) {
    swarm.create('task', makeTask(id, { node: 'n1', slot: 0 }));
    swarm.time.advance(50);
    swarm.end(id, 'failed');
  }
  swarm.create('task', makeTask('busy', { node: 'n2', state: 'running' }));
  swarm.setAvailability('n2', 'active');
  swarm.create('task', makeTask('t'));
  swarm.time.advance(50);
  expect(swarm.task('t').nodeId).toBe('n1');
});

describe('eligible nodes', () => {
  test.each(['drain', 'pause'] as const)(
    'D2, D3: a node set to %s keeps its tasks and gets no new one',
    (availability) => {
      const swarm = new ScheduledSwarm(makeNodes(3));
      swarm.create('task', ...makeTasks(3, 'a'));
      swarm.time.advance(50);
      swarm.setAvailability('n2', availability);
      swarm.create('task', ...makeTasks(6, 'b'));
      swarm.time.advance(50);
      expect(swarm.placement('web')).toEqual({ n1: 4, n2: 1, n3: 4 });
    },
  );

  test('D6: without an eligible node a task stays pending with the reason, and is placed once there is one', () => {
    const swarm = new ScheduledSwarm(makeNodes(3, { availability: 'drain' }));
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
    swarm.setAvailability('n2', 'active');
    swarm.time.advance(50);
    expect(swarm.task('t').nodeId).toBe('n2');
    expect(swarm.task('t').status).toMatchObject({
      state: 'assigned',
      message: 'scheduler assigned task to node',
      err: '',
    });
  });

  test('no node that is not ready gets a task', () => {
    const swarm = new ScheduledSwarm([
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
    const swarm = new ScheduledSwarm([
      makeNode('n1', { labels }),
      special,
      makeNode('n3', { labels }),
    ]);
    swarm.create('task', ...makeTasks(4, 't', { placement: { Constraints: [constraint] } }));
    swarm.time.advance(50);
    expect(swarm.placement('web')).toEqual({ n2: 4 });
  });

  test('N6, S5: a task made for one node is confirmed there and nowhere else', () => {
    const swarm = new ScheduledSwarm(makeNodes(2));
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

describe('when it runs', () => {
  test('it waits for 50 ms without a commit, but not longer than 1 s', () => {
    const swarm = new ScheduledSwarm(makeNodes(1));
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
    const swarm = new ScheduledSwarm(makeNodes(1, { resources: { nanoCpus: 1e9 } }));
    swarm.create('task', makeTask('t', { reservations: { NanoCPUs: 1e9 } }));
    swarm.commitMs = 10;
    swarm.change('task', 't', (task) => ({ ...task, serviceLabels: { a: '1' } }));
    swarm.time.advance(50);
    swarm.change('task', 't', (task) => ({ ...task, serviceLabels: { a: '2' } }));
    swarm.time.advance(500);
    expect(swarm.task('t')).toMatchObject({ nodeId: nodeId('n1'), serviceLabels: { a: '2' } });
    swarm.end('t', 'complete');
    swarm.create('task', makeTask('u', { reservations: { NanoCPUs: 1e9 } }));
    swarm.time.advance(500);
    expect(swarm.task('u').nodeId).toBe('n1');
  });

  test('a task whose chosen node was removed while its decision was on the way gets another', () => {
    const swarm = new ScheduledSwarm([makeNode('n1')]);
    swarm.commitMs = 10;
    swarm.create('task', makeTask('t'));
    swarm.time.advance(55);
    swarm.remove('node', 'n1');
    swarm.create('node', makeNode('n2'));
    swarm.time.advance(500);
    expect(swarm.task('t').nodeId).toBe('n2');
  });

  test('an unplaced task of an old spec that nobody wants any more is shut down', () => {
    const swarm = new ScheduledSwarm(makeNodes(1, { availability: 'drain' }));
    swarm.create('task', makeTask('t'));
    swarm.time.advance(50);
    swarm.change('service', 'web', (service) => ({ ...service, specVersion: 2 }));
    swarm.change('task', 't', (task) => ({ ...task, desiredState: 'shutdown' }));
    swarm.time.advance(50);
    expect(swarm.task('t').status).toMatchObject({ state: 'shutdown', err: '' });
  });

  test('a task whose service is gone is left alone', () => {
    const swarm = new ScheduledSwarm(makeNodes(1, { availability: 'drain' }));
    swarm.create('task', makeTask('t', { serviceId: serviceId('gone') }));
    swarm.time.advance(500);
    expect(swarm.task('t').status.err).toBe('');
  });
});

describe('scale', () => {
  // A thousand services of ten tasks would look at every node a thousand times if it went over all nodes for each.
  const looked = (services: number, nodeCount: number): number => {
    const swarm = new VirtualSwarm();
    swarm.create('node', ...makeNodes(nodeCount));
    for (let at = 0; at < services; at += 1) {
      swarm.create('service', makeService(`s${at}`));
      swarm.create('task', ...makeTasks(10, `t${at}-`, { serviceId: serviceId(`s${at}`) }));
    }
    const scheduler = new Scheduler(swarm.ports, swarm.store);
    scheduler.start();
    expect(swarm.store.read.all('task').every((task) => task.nodeId !== '')).toBe(true);
    const counts = makeNodes(nodeCount).map((node) => swarm.store.read.tasksOfNode(node.id).length);
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
    const list = [...makeNodes(300, small), makeNode('big', { resources: { nanoCpus: 3000e9 } })];
    const swarm = new ScheduledSwarm(list);
    swarm.create('task', ...makeTasks(3000, 't', { reservations: { NanoCPUs: 1e9 } }));
    swarm.time.advance(50);
    expect(swarm.placement('web')['big']).toBe(2700);
    expect(swarm.scheduler.looked).toBeLessThanOrEqual(2 * 3300);
  });
});

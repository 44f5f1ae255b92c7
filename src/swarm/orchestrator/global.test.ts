import { describe, expect, test } from '@jest/globals';
import { nodeId, taskId } from '../../model/ids.ts';
import type { Task } from '../../model/objects.ts';
import type { TaskSpec } from '../../model/specs.ts';
import type { Transaction } from '../transaction.ts';
import { createOrchestrationLoops } from './loops.ts';
import { Rehearsal, taskDraft } from './rehearsal.ts';

function globalSwarm(template: Partial<TaskSpec> = {}, running = 3): Rehearsal {
  const swarm = new Rehearsal();
  swarm.loops.start();
  swarm.createService('web', { Mode: { Global: {} }, template });
  swarm.converge('web', running);
  return swarm;
}

/** `node desired/observed` of every task, oldest first. */
const where = (swarm: Rehearsal): readonly string[] =>
  swarm
    .tasks('web')
    .map((task) => `${task.nodeId} ${task.desiredState}/${task.status.state}`)
    .toSorted();

const ON_ALL = ['n1 running/running', 'n2 running/running', 'n3 running/running'];

describe('S5 one task on every eligible node', () => {
  test('each node gets one, with slot 0 and the node known from the start', () => {
    const swarm = globalSwarm();
    expect(where(swarm)).toEqual(ON_ALL);
    expect(swarm.tasks('web').every((task) => task.slot === 0)).toBe(true);
    const created = swarm.events.find((event) => event.kind === 'task');
    expect(created).toMatchObject({ action: 'create', object: { nodeId: 'n1' } });
  });

  test('N6 a node that joins gets a task of every global service at once', () => {
    const swarm = globalSwarm();
    swarm.createService('other', { Mode: { Global: {} } });
    swarm.addNode('n4');
    swarm.advance(1_000);
    const names = swarm.store.read.tasksOfNode('n4').map((task) => task.serviceName);
    expect(names).toEqual(['web', 'other']);
  });

  test('constraints choose the nodes', () => {
    const swarm = globalSwarm({ Placement: { Constraints: ['node.id!=n2'] } }, 2);
    expect(where(swarm)).toEqual(['n1 running/running', 'n3 running/running']);
  });

  test.each(['unknown', 'disconnected'] as const)('a node that is %s stays eligible', (state) => {
    const swarm = globalSwarm();
    swarm.nodeState('n2', state);
    swarm.advance(20_000);
    expect(where(swarm)).toEqual(ON_ALL);
  });

  test('a service update that constrains a node away shuts its task down', () => {
    const swarm = globalSwarm();
    swarm.template('web', { Placement: { Constraints: ['node.id!=n2'] } });
    swarm.advance(10_000);
    expect(where(swarm)).toEqual([
      'n1 running/running',
      'n2 shutdown/shutdown',
      'n3 running/running',
    ]);
  });
});

describe('D5 drain, pause, loss', () => {
  test('D5 drain removes the node’s task, active gives it a new one', () => {
    const swarm = globalSwarm();
    swarm.availability('n2', 'drain');
    swarm.advance(10_000);
    expect(where(swarm)).toEqual([
      'n1 running/running',
      'n2 shutdown/shutdown',
      'n3 running/running',
    ]);
    swarm.availability('n2', 'active');
    swarm.advance(1_000);
    expect(where(swarm)).toEqual([...ON_ALL, 'n2 shutdown/shutdown'].toSorted());
  });

  test('a node that is down: desired shutdown, nothing anew until it returns', () => {
    const swarm = globalSwarm();
    swarm.lose('n2');
    swarm.advance(30_000);
    expect(where(swarm)).toEqual([
      'n1 running/running',
      'n2 shutdown/running',
      'n3 running/running',
    ]);
    swarm.comeBack('n2');
    swarm.advance(1_000);
    expect(where(swarm)).toEqual([...ON_ALL, 'n2 shutdown/failed'].toSorted());
  });

  test('a removed node takes its records with it', () => {
    const swarm = globalSwarm();
    swarm.removeNode('n2');
    swarm.advance(10);
    expect(where(swarm)).toEqual(['n1 running/running', 'n3 running/running']);
  });

  test('a task that fails on a paused node is replaced only when the node is active again', () => {
    const swarm = globalSwarm();
    swarm.availability('n2', 'pause');
    swarm.report(swarm.tasks('web')[1]!, 'failed');
    swarm.advance(30_000);
    expect(where(swarm)).toEqual([
      'n1 running/running',
      'n2 shutdown/failed',
      'n3 running/running',
    ]);
    swarm.availability('n2', 'active');
    swarm.advance(1_000);
    expect(where(swarm)).toEqual([...ON_ALL, 'n2 shutdown/failed'].toSorted());
  });

  test('a paused node is not updated; active again it is, at once and without an update status', () => {
    const swarm = globalSwarm();
    swarm.availability('n2', 'pause');
    swarm.image('web', 'v2');
    swarm.advance(60_000);
    const seen = swarm.updates('web').length;
    expect(swarm.service('web').updateStatus?.state).toBe('completed');
    expect(swarm.live('web').find((task) => task.nodeId === 'n2')!.specVersion).toBe(0);
    swarm.availability('n2', 'active');
    swarm.advance(10_000);
    expect(swarm.live('web').every((task) => task.spec.ContainerSpec?.Image === 'v2')).toBe(true);
    expect(swarm.updates('web')).toHaveLength(seen);
  });
});

describe('a node that changes while its first task waits to be written', () => {
  const changed = (change: (transaction: Transaction) => void): Rehearsal => {
    const swarm = globalSwarm({ Placement: { Constraints: ['node.id!=n2'] } }, 2);
    swarm.store.update((transaction) => {
      const service = swarm.service('web');
      const TaskTemplate = { ...service.spec.TaskTemplate, Placement: {} };
      transaction.update('service', { ...service, spec: { ...service.spec, TaskTemplate } });
    });
    swarm.store.update(change);
    swarm.advance(10_000);
    const made = swarm.events.filter(
      ({ kind, action, object }) =>
        kind === 'task' && action === 'create' && object.nodeId === 'n2',
    );
    expect(made).toHaveLength(1);
    return swarm;
  };

  test('is drained: the task is shut down all the same', () => {
    const swarm = changed((transaction) => {
      const node = transaction.get('node', 'n2')!;
      transaction.update('node', { ...node, spec: { ...node.spec, Availability: 'drain' } });
    });
    expect(where(swarm)).toEqual([
      'n1 running/running',
      'n2 shutdown/shutdown',
      'n3 running/running',
    ]);
  });

  test('is removed: its record goes all the same', () => {
    const swarm = changed((transaction) => {
      transaction.remove('node', 'n2');
    });
    expect(where(swarm)).toEqual(['n1 running/running', 'n3 running/running']);
  });
});

test('nodes that change together are looked at one by one: what is written on the second meanwhile is seen', () => {
  const swarm = globalSwarm();
  for (const node of ['n2', 'n3']) swarm.availability(node, 'pause');
  swarm.image('web', 'v2');
  swarm.converge('web');
  const service = swarm.service('web');
  swarm.store.update((transaction) => {
    for (const id of ['n2', 'n3']) {
      const node = transaction.get('node', id)!;
      transaction.update('node', { ...node, spec: { ...node.spec, Availability: 'active' } });
    }
  });
  // As the service's update does, which makes its task beside the old one.
  const id = taskId('by-the-update');
  swarm.store.update((transaction) => {
    const status = { state: 'new', timestamp: 0, message: '', err: '' } as const;
    transaction.create(
      'task',
      taskDraft(service, { id, slot: 0, nodeId: nodeId('n3'), desiredState: 'ready', status }),
    );
  });
  swarm.advance(10);
  const made = swarm
    .live('web')
    .filter((task) => task.specVersion === service.specVersion)
    .map((task) => task.nodeId);
  expect(made.toSorted()).toEqual(['n1', 'n2', 'n3']);
});

describe('restarts and updates', () => {
  test('a failed task is replaced on its node after the delay', () => {
    const swarm = globalSwarm();
    swarm.report(swarm.tasks('web')[1]!, 'failed');
    swarm.advance(4_900);
    expect(where(swarm)).toContain('n2 ready/ready');
    swarm.advance(1_000);
    expect(where(swarm)).toEqual([...ON_ALL, 'n2 shutdown/failed'].toSorted());
  });

  test('a failed task that may not be restarted blocks its node until the spec changes', () => {
    const swarm = globalSwarm({ RestartPolicy: { Condition: 'none' } });
    swarm.report(swarm.tasks('web')[1]!, 'failed');
    swarm.advance(1_000);
    swarm.label('n2', { any: 'change' });
    swarm.advance(30_000);
    expect(where(swarm)).toEqual([
      'n1 running/running',
      'n2 shutdown/failed',
      'n3 running/running',
    ]);
    swarm.template('web', { ForceUpdate: 1 });
    swarm.converge('web');
  });

  test('attempts are counted by node', () => {
    const swarm = globalSwarm({ RestartPolicy: { MaxAttempts: 1, Delay: 0 } });
    for (const node of ['n1', 'n2']) {
      swarm.report(
        swarm.live('web').find((task) => task.nodeId === node)!,
        'failed',
      );
      swarm.advance(10);
      swarm.converge('web');
    }
    swarm.report(
      swarm.live('web').find((task) => task.nodeId === 'n1')!,
      'failed',
    );
    swarm.advance(10_000);
    expect(
      swarm
        .live('web')
        .map((task) => task.nodeId)
        .toSorted(),
    ).toEqual(['n2', 'n3']);
  });

  test('a label that makes a node unfit: the task is rejected, shut down and not replaced', () => {
    const swarm = globalSwarm({ Placement: { Constraints: ['node.labels.x!=1'] } });
    swarm.label('n2', { x: '1' });
    swarm.advance(30_000);
    expect(where(swarm)).toEqual([
      'n1 running/running',
      'n2 shutdown/rejected',
      'n3 running/running',
    ]);
    swarm.label('n2', {});
    swarm.advance(1_000);
    expect(where(swarm)).toEqual([...ON_ALL, 'n2 shutdown/rejected'].toSorted());
  });

  test('U1 an update takes one node at a time', () => {
    const swarm = globalSwarm();
    const begin = swarm.now;
    swarm.image('web', 'v2');
    swarm.until('update is over', () => swarm.service('web').updateStatus?.state === 'completed');
    const stops = swarm.when(begin, (task) => task.status.state === 'shutdown');
    expect(stops).toHaveLength(3);
    expect(stops[1]! - stops[0]!).toBeGreaterThan(1_300);
    expect(
      swarm
        .live('web')
        .map((task) => task.nodeId)
        .toSorted(),
    ).toEqual(['n1', 'n2', 'n3']);
  });

  test('removing the service removes its tasks', () => {
    const swarm = globalSwarm();
    swarm.removeService('web');
    swarm.until('records are gone', () => swarm.tasks('web').length === 0, 5_000);
  });
});

test('a new leader shuts down what is on invalid nodes, restarts what failed and fills what is missing', () => {
  const swarm = globalSwarm();
  swarm.loops.stop();
  swarm.lose('n2');
  swarm.report(
    swarm.tasks('web').find((task) => task.nodeId === 'n3')!,
    'failed',
  );
  swarm.addNode('n4');
  swarm.loops = createOrchestrationLoops(swarm.ports, swarm.store);
  swarm.loops.start();
  swarm.advance(10_000);
  expect(where(swarm)).toEqual([
    'n1 running/running',
    'n2 shutdown/running',
    'n3 running/running',
    'n3 shutdown/failed',
    'n4 running/running',
  ]);
});

test('a new leader shuts down what waits on a lost node without starting it before', () => {
  const swarm = globalSwarm();
  swarm.report(swarm.tasks('web')[1]!, 'failed');
  swarm.advance(10);
  const waiting = swarm.live('web').find((task) => task.desiredState === 'ready')!;
  swarm.loops.stop();
  swarm.lose(waiting.nodeId);
  swarm.advance(10_000);
  swarm.loops = createOrchestrationLoops(swarm.ports, swarm.store);
  swarm.loops.start();
  swarm.advance(10);
  const desired = swarm.events
    .filter((event) => event.kind === 'task' && event.object.id === waiting.id)
    .map(({ object }) => (object as Task).desiredState);
  expect([...new Set(desired)]).toEqual(['ready', 'shutdown']);
});

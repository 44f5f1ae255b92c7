import { describe, expect, test } from '@jest/globals';
import { nodeId, taskId } from '../../model/ids.ts';
import type { Task } from '../../model/objects.ts';
import { createOrchestrationLoops } from './loops.ts';
import { Rehearsal, SECOND, taskDraft } from './rehearsal.ts';

/** A swarm of three nodes whose loops run, with one converged service. */
function swarmWith(replicas = 3, nodes = 3): Rehearsal {
  const swarm = new Rehearsal(nodes);
  swarm.loops.start();
  swarm.createService('web', { Mode: { Replicated: { Replicas: replicas } } });
  swarm.converge('web', replicas);
  return swarm;
}

const slots = (tasks: readonly Task[]): readonly number[] =>
  tasks.map((task) => task.slot).toSorted((a, b) => a - b);

const nodeOf = (swarm: Rehearsal, slot: number): string =>
  swarm.live('web').find((task) => task.slot === slot)!.nodeId;

describe('slots', () => {
  test('S1 a service gets one task for each slot from 1, made from its spec', () => {
    const swarm = swarmWith(3);
    expect(slots(swarm.live('web'))).toEqual([1, 2, 3]);
    const [task] = swarm.tasks('web');
    expect(task).toMatchObject({
      serviceName: 'web',
      specVersion: 0,
      spec: { ContainerSpec: { Image: 'v1' } },
    });
    expect(task!.id).toMatch(/^[0-9a-z]{25}$/);
  });

  test('a service of 500 replicas is made in several transactions, each slot once', () => {
    const swarm = new Rehearsal(3);
    swarm.loops.start();
    swarm.createService('web', { Mode: { Replicated: { Replicas: 500 } } });
    swarm.advance(20);
    expect(slots(swarm.live('web'))).toEqual(Array.from({ length: 500 }, (_, at) => at + 1));
  });

  test('scale-up reuses the lowest free slot numbers and keeps their history', () => {
    const swarm = swarmWith(4);
    swarm.scale('web', 2);
    swarm.converge('web', 2);
    swarm.scale('web', 3);
    swarm.converge('web', 3);
    expect(slots(swarm.live('web'))).toEqual([1, 2, 3]);
  });

  test('scale-down keeps the spread, and on each node its lowest slots', () => {
    const swarm = swarmWith(12);
    const before = swarm.live('web');
    swarm.scale('web', 6);
    swarm.converge('web', 6);
    for (const node of ['n1', 'n2', 'n3']) {
      const had = slots(before.filter((task) => task.nodeId === node));
      const kept = slots(swarm.live('web').filter((task) => task.nodeId === node));
      expect(kept).toEqual(had.slice(0, 2));
    }
  });

  test('a task that scale-down takes away is to be removed and its record vanishes once it stopped', () => {
    const swarm = swarmWith(3);
    swarm.scale('web', 1);
    swarm.advance(10);
    expect(swarm.tasks('web').filter((task) => task.desiredState === 'remove')).toHaveLength(2);
    swarm.until('records are gone', () => swarm.tasks('web').length === 1);
    expect(slots(swarm.tasks('web'))).toEqual([1]);
  });

  test('scale-down takes tasks without a node first', () => {
    const swarm = swarmWith(2);
    for (const node of ['n1', 'n2', 'n3']) swarm.availability(node, 'pause');
    swarm.scale('web', 4);
    swarm.advance(100);
    swarm.scale('web', 2);
    swarm.advance(2_000);
    expect(slots(swarm.live('web'))).toEqual([1, 2]);
  });

  test('scale-down prefers slots that run, whatever their number', () => {
    const swarm = swarmWith(2, 1);
    swarm.report(
      swarm.live('web').find((task) => task.slot === 1)!,
      'failed',
    );
    swarm.advance(1_000);
    swarm.scale('web', 1);
    swarm.converge('web', 1);
    expect(slots(swarm.live('web'))).toEqual([2]);
  });

  test('a slot that scale-down freed keeps the history it had when it is filled again', () => {
    const swarm = swarmWith(3);
    swarm.report(
      swarm.live('web').find((task) => task.slot === 3)!,
      'failed',
    );
    swarm.advance(10);
    swarm.converge('web', 3);
    swarm.scale('web', 2);
    swarm.advance(3_000);
    expect(swarm.states('web', 3)).toEqual(['shutdown/failed']);
    swarm.scale('web', 3);
    swarm.converge('web', 3);
    expect(swarm.states('web', 3)).toEqual(['shutdown/failed', 'running/running']);
  });

  test('a freed slot that is not filled again loses its history at the next change of the service', () => {
    const swarm = swarmWith(3);
    swarm.report(
      swarm.live('web').find((task) => task.slot === 3)!,
      'failed',
    );
    swarm.advance(10);
    swarm.converge('web', 3);
    swarm.scale('web', 2);
    swarm.advance(3_000);
    swarm.updateService('web', (spec) => ({ ...spec, Labels: { any: 'change' } }));
    swarm.advance(10);
    expect(swarm.states('web', 3)).toEqual([]);
  });

  test('a live task whose record vanishes is made anew at the next commit', () => {
    const swarm = swarmWith(3);
    const gone = swarm.live('web')[1]!;
    swarm.change((transaction) => {
      transaction.remove('task', gone.id);
    });
    swarm.converge('web', 3);
    expect(slots(swarm.live('web'))).toEqual([1, 2, 3]);
  });

  test('removing a service leaves no record once its tasks stopped', () => {
    const swarm = swarmWith(3);
    swarm.removeService('web');
    swarm.advance(10);
    expect(swarm.tasks('web').map((task) => task.desiredState)).toEqual(Array(3).fill('remove'));
    swarm.until('records are gone', () => swarm.tasks('web').length === 0, 5_000);
  });
});

describe('lost nodes', () => {
  test('R1 R2 a lost node: each of its slots is filled elsewhere while the old task reads running', () => {
    const swarm = swarmWith(6);
    const lost = slots(swarm.live('web').filter((task) => task.nodeId === 'n2'));
    expect(lost).toHaveLength(2);
    swarm.lose('n2');
    for (const slot of lost)
      expect(swarm.states('web', slot)).toEqual(['shutdown/running', 'ready/new']);
    swarm.converge('web', 6);
    for (const slot of lost) {
      expect(swarm.states('web', slot)).toEqual(['shutdown/running', 'running/running']);
      expect(nodeOf(swarm, slot)).not.toBe('n2');
    }
  });

  test('R3 R5 N1 a node that returns: its stale task ends, nothing moves back', () => {
    const swarm = swarmWith(3);
    const slot = swarm.live('web').find((task) => task.nodeId === 'n2')!.slot;
    swarm.lose('n2');
    swarm.converge('web', 3);
    const placed = swarm.live('web');
    swarm.comeBack('n2');
    swarm.advance(60_000);
    expect(swarm.states('web', slot)).toEqual(['shutdown/failed', 'running/running']);
    expect(swarm.live('web').map((task) => task.id)).toEqual(placed.map((task) => task.id));
  });

  test.each(['unknown', 'disconnected'] as const)('a node that is %s keeps its tasks', (state) => {
    const swarm = swarmWith(3);
    const before = swarm.live('web');
    swarm.nodeState('n2', state);
    swarm.advance(30_000);
    expect(swarm.live('web').map((task) => task.id)).toEqual(before.map((task) => task.id));
  });

  test('a removed node loses its tasks like one that is down', () => {
    const swarm = swarmWith(3);
    const slot = swarm.live('web').find((task) => task.nodeId === 'n2')!.slot;
    swarm.removeNode('n2');
    swarm.converge('web', 3);
    expect(nodeOf(swarm, slot)).not.toBe('n2');
  });

  test('N3 N5 new slots go to the emptiest node, the returned one first', () => {
    const swarm = swarmWith(3);
    swarm.lose('n2');
    swarm.converge('web', 3);
    swarm.comeBack('n2');
    swarm.scale('web', 4);
    swarm.converge('web', 4);
    expect(nodeOf(swarm, 4)).toBe('n2');
    swarm.scale('web', 1);
    swarm.converge('web', 1);
    swarm.scale('web', 3);
    swarm.converge('web', 3);
    expect(new Set(swarm.live('web').map((task) => task.nodeId)).size).toBe(3);
  });
});

describe('drain and pause', () => {
  test('D1 drain: every task of the node is shut down at the same instant and its slot filled elsewhere', () => {
    const swarm = swarmWith(9);
    const drained = slots(swarm.live('web').filter((task) => task.nodeId === 'n1'));
    const begin = swarm.now;
    swarm.availability('n1', 'drain');
    for (const slot of drained)
      expect(swarm.states('web', slot)).toEqual(['shutdown/running', 'ready/new']);
    swarm.converge('web', 9);
    // No restart delay: only the old tasks' stop is waited for.
    expect(swarm.now - begin).toBeLessThan(2_500);
    expect(swarm.live('web').filter((task) => task.nodeId === 'n1')).toEqual([]);
  });

  test('a replacement on drain waits for a task that ignores the stop', () => {
    const swarm = new Rehearsal();
    swarm.loops.start();
    swarm.createService('web', { template: { ContainerSpec: { Image: 'stubborn' } } });
    swarm.converge('web');
    swarm.availability('n1', 'drain');
    const tookMs = swarm.converge('web');
    expect(tookMs).toBeGreaterThan(11_250);
    expect(tookMs).toBeLessThan(12_000);
  });

  test('N2 a drained node made active again gets nothing back', () => {
    const swarm = swarmWith(3);
    swarm.availability('n1', 'drain');
    swarm.converge('web');
    swarm.availability('n1', 'active');
    swarm.advance(60_000);
    expect(swarm.live('web').filter((task) => task.nodeId === 'n1')).toEqual([]);
  });

  test('D3 pause keeps what runs', () => {
    const swarm = swarmWith(3);
    const before = swarm.live('web');
    swarm.availability('n1', 'pause');
    swarm.advance(10_000);
    expect(swarm.live('web')).toEqual(before);
  });

  test('with condition none a drained node loses the replica until the spec changes', () => {
    const swarm = new Rehearsal();
    swarm.loops.start();
    swarm.createService('web', { template: { RestartPolicy: { Condition: 'none' } } });
    swarm.converge('web');
    swarm.availability('n1', 'drain');
    swarm.advance(60_000);
    expect(swarm.live('web')).toHaveLength(2);
    swarm.template('web', { ForceUpdate: 1 });
    swarm.converge('web');
  });
});

describe('a new leader', () => {
  /** Makes the store's state without loops, then starts them as a new leader does. */
  function inherited(prepare: (swarm: Rehearsal) => void): Rehearsal {
    const swarm = new Rehearsal();
    swarm.createService('web', { Mode: { Replicated: { Replicas: 1 } } });
    prepare(swarm);
    swarm.loops = createOrchestrationLoops(swarm.ports, swarm.store);
    swarm.loops.start();
    return swarm;
  }

  test('removes tasks whose service is gone', () => {
    const swarm = inherited((before) => {
      const service = before.service('web');
      before.change((transaction) => {
        transaction.create('task', taskDraft(service, {}));
        transaction.remove('service', service.id);
      });
    });
    swarm.advance(10);
    expect(swarm.store.read.all('task')).toEqual([]);
  });

  test('replaces what failed, or lost its node, while nobody led', () => {
    const swarm = inherited((before) => {
      before.change((transaction) => {
        transaction.create('task', taskDraft(before.service('web'), { nodeId: nodeId('n9') }));
      });
    });
    swarm.advance(10);
    expect(swarm.states('web', 1)).toEqual(['shutdown/running', 'ready/new']);
  });

  test('resumes a task left in desired ready after the rest of its delay, not waiting for the old one', () => {
    const swarm = inherited((before) => {
      const service = before.service('web');
      before.change((transaction) => {
        const old = { id: taskId('old'), desiredState: 'shutdown', nodeId: nodeId('n2') } as const;
        transaction.create('task', taskDraft(service, old));
        const status = {
          state: 'ready',
          timestamp: before.now - 3_000,
          message: '',
          err: '',
        } as const;
        transaction.create('task', taskDraft(service, { desiredState: 'ready', status }));
      });
      before.lose('n2');
    });
    swarm.advance(1_900);
    expect(swarm.states('web', 1)).toEqual(['shutdown/running', 'ready/ready']);
    swarm.advance(200);
    expect(swarm.slot('web', 1)[1]).toMatchObject({ desiredState: 'running' });
  });

  test('starts at once what has waited long enough', () => {
    const swarm = inherited((before) => {
      before.change((transaction) => {
        const status = { state: 'ready', timestamp: 0, message: '', err: '' } as const;
        const draft = taskDraft(before.service('web'), { desiredState: 'ready', status });
        transaction.create('task', draft);
      });
    });
    swarm.advance(10);
    expect(swarm.states('web', 1)).toEqual(['running/ready']);
  });

  test('starts what waited on a lost node and replaces it in transactions of their own, each under its version', () => {
    const swarm = inherited((before) => {
      before.change((transaction) => {
        const status = { state: 'ready', timestamp: 0, message: '', err: '' } as const;
        const draft = taskDraft(before.service('web'), { desiredState: 'ready', status });
        transaction.create('task', draft);
      });
      before.lose('n1');
    });
    swarm.advance(10);
    const writes = swarm.events
      .filter((event) => event.kind === 'task' && event.object.id === 'task')
      .map(({ object }) => object as Task);
    expect(writes.map((task) => task.desiredState)).toEqual(['ready', 'running', 'shutdown']);
    expect(new Set(writes.map((task) => task.meta.version)).size).toBe(3);
  });

  test('makes the missing slots, and a second service is not touched', () => {
    const swarm = inherited(() => undefined);
    swarm.converge('web', 1);
    swarm.createService('other');
    swarm.converge('other');
    expect(swarm.live('web')).toHaveLength(1);
  });

  test('rebuilds the restart history, so that no attempt is granted twice', () => {
    const swarm = new Rehearsal();
    swarm.createService('web', {
      Mode: { Replicated: { Replicas: 1 } },
      template: {
        ContainerSpec: { Image: 'fails' },
        RestartPolicy: { MaxAttempts: 2, Delay: 0 },
      },
    });
    swarm.loops.start();
    swarm.until('two restarts', () => swarm.tasks('web').length === 3);
    swarm.loops.stop();
    swarm.loops = createOrchestrationLoops(swarm.ports, swarm.store);
    swarm.loops.start();
    const before = swarm.tasks('web').map((task) => task.id);
    swarm.advance(30_000);
    expect(swarm.states('web', 1)).toEqual(Array(3).fill('shutdown/failed'));
    expect(swarm.tasks('web').map((task) => task.id)).toEqual(before);
  });
});

test('after stop nothing is written and no timer is left', () => {
  const swarm = swarmWith(3);
  swarm.lose('n2');
  swarm.advance(1_000);
  swarm.image('web', 'v2');
  swarm.loops.stop();
  // What was proposed already is committed all the same.
  swarm.advance(1);
  const tasks = swarm.store.read.all('task');
  swarm.createService('late');
  swarm.availability('n1', 'drain');
  swarm.advance(60_000);
  const desired = (list: readonly Task[]): readonly string[] =>
    list.map((task) => `${task.id} ${task.desiredState}`);
  expect(desired(swarm.store.read.all('task'))).toEqual(desired(tasks));
  expect(swarm.time.armed).toBe(0);
});

test('a node that is drained and emptied with a thousand bystanders costs a handful of transactions', () => {
  const swarm = swarmWith(900, 3);
  const commits = swarm.commits.length;
  swarm.availability('n1', 'drain');
  swarm.advance(5);
  expect(swarm.live('web').filter((task) => task.desiredState === 'ready')).toHaveLength(300);
  expect(swarm.commits.length - commits).toBeLessThan(6);
});

test('replacements that fall due at one instant are started together', () => {
  const swarm = swarmWith(900, 3);
  swarm.lose('n1');
  swarm.advance(4_990);
  const commits = swarm.commits.length;
  swarm.advance(20);
  expect(swarm.live('web').every((task) => task.desiredState === 'running')).toBe(true);
  expect(swarm.commits.length - commits).toBeLessThan(6);
});

test('durations of a policy are nanoseconds', () => {
  const swarm = new Rehearsal();
  swarm.loops.start();
  swarm.createService('web', {
    template: { ContainerSpec: { Image: 'fails' }, RestartPolicy: { Delay: 2 * SECOND } },
  });
  swarm.converge('web');
  const begin = swarm.now;
  swarm.until(
    'a replacement runs',
    () => swarm.when(begin + 400, (task) => task.status.state === 'running').length > 0,
  );
  expect(swarm.now - begin).toBeGreaterThan(2_000);
  expect(swarm.now - begin).toBeLessThan(3_500);
});

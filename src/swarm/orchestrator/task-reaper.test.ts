import { describe, expect, test } from '@jest/globals';
import { nodeId, serviceId, taskId } from '../../model/ids.ts';
import { createOrchestrationLoops } from './loops.ts';
import { Rehearsal, taskDraft } from './rehearsal.ts';

function limited(limit: number | undefined, attempts = 0): Rehearsal {
  const swarm = new Rehearsal();
  swarm.loops.start();
  setLimit(swarm, limit);
  swarm.createService('web', {
    Mode: { Replicated: { Replicas: 1 } },
    template: { RestartPolicy: { Delay: 0, MaxAttempts: attempts } },
  });
  swarm.converge('web', 1);
  return swarm;
}

function setLimit(swarm: Rehearsal, limit: number | undefined): void {
  swarm.change((transaction) => {
    const cluster = transaction.all('cluster')[0]!;
    const Orchestration = limit === undefined ? {} : { TaskHistoryRetentionLimit: limit };
    transaction.update('cluster', { ...cluster, spec: { ...cluster.spec, Orchestration } });
  });
}

/** Lets the slot's task fail and be replaced so often; answers how many records are left. */
function after(swarm: Rehearsal, failures: number): number {
  for (let failure = 0; failure < failures; failure += 1) {
    swarm.report(swarm.live('web')[0]!, 'failed');
    swarm.advance(2_000);
  }
  return swarm.tasks('web').length;
}

describe('U8 history limit (measured: E7)', () => {
  test.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [5, 5],
    [undefined, 5],
    [-1, 9],
  ])('limit %s keeps %i records of a slot, the live one included', (limit, kept) => {
    const swarm = limited(limit);
    expect(after(swarm, 8)).toBe(kept);
    expect(swarm.live('web')).toHaveLength(1);
  });

  test('the oldest go first', () => {
    const swarm = limited(2);
    const first = swarm.tasks('web')[0]!.id;
    after(swarm, 1);
    expect(swarm.tasks('web')[0]!.id).toBe(first);
    after(swarm, 1);
    expect(swarm.tasks('web').map((task) => task.id)).not.toContain(first);
  });

  test('a limit of attempts keeps one record more, whatever the limit', () => {
    expect(after(limited(100, 2), 2)).toBe(3);
    expect(after(limited(1, 4), 4)).toBe(5);
  });

  test('a lower limit takes effect when the next task is made in the slot, not at once', () => {
    const swarm = limited(5);
    expect(after(swarm, 6)).toBe(5);
    setLimit(swarm, 2);
    swarm.advance(10_000);
    expect(swarm.tasks('web')).toHaveLength(5);
    expect(after(swarm, 1)).toBe(2);
  });

  test('records go 250 ms after the task that is too many was made', () => {
    const swarm = limited(1);
    swarm.report(swarm.live('web')[0]!, 'failed');
    swarm.advance(240);
    expect(swarm.tasks('web')).toHaveLength(2);
    swarm.advance(20);
    expect(swarm.tasks('web')).toHaveLength(1);
  });

  test('a slot in which two tasks still live is looked at again later', () => {
    const swarm = limited(1);
    swarm.image('web', 'v2');
    swarm.advance(400);
    expect(swarm.tasks('web')).toHaveLength(2);
    swarm.until('the old one is gone', () => swarm.tasks('web').length === 1, 5_000);
  });

  test('more than 1000 waiting slots are not waited for', () => {
    const swarm = new Rehearsal();
    swarm.loops.start();
    swarm.createService('web', { Mode: { Replicated: { Replicas: 0 } } });
    swarm.change((transaction) => {
      const service = swarm.service('web');
      for (let slot = 1; slot <= 1_001; slot += 1)
        for (const copy of ['a', 'b', 'c', 'd', 'e', 'f']) {
          const status = { state: 'failed', timestamp: 0, message: '', err: '' } as const;
          const patch = {
            id: taskId(`${copy}${slot}`),
            slot,
            desiredState: 'shutdown',
            status,
          } as const;
          transaction.create('task', taskDraft(service, patch));
        }
    });
    swarm.advance(20);
    expect(swarm.tasks('web')).toHaveLength(5 * 1_001);
  });
});

describe('what is to be removed', () => {
  test('a task without a node goes at once, one that runs when it has stopped', () => {
    const swarm = limited(5);
    const [task] = swarm.live('web');
    swarm.silence(task!.nodeId);
    swarm.scale('web', 0);
    swarm.advance(5_000);
    expect(swarm.states('web', 1)).toEqual(['remove/running']);
    swarm.report(task!, 'shutdown');
    swarm.advance(300);
    expect(swarm.tasks('web')).toEqual([]);
  });

  test('a new leader clears away what the old one left, and orphans without a service', () => {
    const swarm = limited(5);
    swarm.loops.stop();
    swarm.change((transaction) => {
      const service = swarm.service('web');
      const orphaned = { state: 'orphaned', timestamp: 0, message: '', err: '' } as const;
      transaction.create(
        'task',
        taskDraft(service, { id: taskId('lone'), serviceId: serviceId(''), status: orphaned }),
      );
      const failed = { state: 'failed', timestamp: 0, message: '', err: '' } as const;
      const removed = {
        slot: 2,
        nodeId: nodeId('n1'),
        desiredState: 'remove',
        status: failed,
      } as const;
      transaction.create('task', taskDraft(service, { id: taskId('left'), ...removed }));
    });
    swarm.loops = createOrchestrationLoops(swarm.ports, swarm.store);
    swarm.loops.start();
    swarm.advance(10);
    expect(swarm.store.read.get('task', 'lone')).toBeUndefined();
    expect(swarm.store.read.get('task', 'left')).toBeUndefined();
  });
});

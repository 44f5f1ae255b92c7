import { expect, test } from '@jest/globals';
import { taskId } from '../../model/ids.ts';
import type { Service, Task } from '../../model/objects.ts';
import { World } from '../world.ts';
import { HeldUpdates } from './held-updates.ts';

/** A swarm that follows what a leader writes, and a global service with a task on w1. */
function followed(): {
  swarm: World;
  held: HeldUpdates;
  task: Task;
  readonly isHeld: () => boolean;
} {
  const swarm = World.of(1, 1, 'held');
  const held = new HeldUpdates(swarm);
  swarm.time.onEvent(() => {
    held.look();
  });
  swarm.createService('web', 1, { Mode: { Global: {} } });
  swarm.until('both run', () => swarm.running('web').length === 2);
  const w1 = swarm.machine('w1').node.nodeId();
  const task = swarm.tasks('web').find(({ nodeId }) => nodeId === w1)!;
  const store = swarm.machine('m1').node.manager!.store.read;
  const updating: Pick<Service, 'updateStatus'> = {
    updateStatus: { state: 'updating', startedAt: 0, message: '' },
  };
  const isHeld = (): boolean => held.has(store, { ...swarm.service('web')!, ...updating });
  return { swarm, held, task, isHeld };
}

/** What the leader writes, each list in a transaction of its own. */
function write(swarm: World, ...tasks: readonly Task[]): void {
  swarm.machine('m1').node.manager?.store.update((transaction) => {
    for (const task of tasks)
      if (transaction.get('task', task.id) === undefined) transaction.create('task', task);
      else transaction.update('task', task);
  });
  swarm.advance(10);
}

const beside = (task: Task): Task => ({
  ...{ ...task, id: taskId('beside'), desiredState: 'ready' },
  status: { ...task.status, state: 'new' },
});

test('an update start-first waits for the task that it made beside one that runs, also when their node is lost', () => {
  const { swarm, task, isHeld } = followed();
  expect(isHeld()).toBe(false);
  write(swarm, beside(task));
  expect(isHeld()).toBe(false);
  swarm.machine('w1').crash();
  swarm.until('w1 is down', () => swarm.nodeOf('w1').status.state === 'down');
  swarm.advance(1000);
  expect(isHeld()).toBe(true);
});

test('nobody waits for a task that a restart made', () => {
  const { swarm, task, isHeld } = followed();
  write(swarm, { ...task, desiredState: 'shutdown' }, beside(task));
  swarm.machine('w1').crash();
  swarm.until('w1 is down', () => swarm.nodeOf('w1').status.state === 'down');
  swarm.advance(1000);
  expect(isHeld()).toBe(false);
});

/** What is left of an update of which the service says that. */
const saying = (swarm: World, state: 'rollback_paused' | 'completed'): Service => ({
  ...swarm.service('web')!,
  updateStatus: { state, startedAt: 0, message: '' },
});

test('a task of a look at a node beside that of an update is left where the update was paused; where it is complete one of them is owed', () => {
  const { swarm, held, task } = followed();
  write(swarm, beside(task));
  const store = swarm.machine('m1').node.manager!.store.read;
  expect(held.leavesTwice(store, saying(swarm, 'rollback_paused'))).toBe(true);
  expect(held.leavesTwice(store, saying(swarm, 'completed'))).toBe(false);
});

test('two tasks in a slot in which an update start-first was broken off are left where the next is paused', () => {
  const { swarm, held, task } = followed();
  const manager = swarm.machine('m1').node.manager!;
  const started = { startedAt: 0, message: '' };
  const UpdateConfig = { Parallelism: 1, MaxFailureRatio: 0, Order: 'start-first' } as const;
  manager.store.update((transaction) => {
    const service = swarm.service('web')!;
    const spec = { ...service.spec, UpdateConfig };
    transaction.create('task', beside(task));
    transaction.update('service', {
      ...service,
      spec,
      updateStatus: { state: 'updating', ...started },
    });
  });
  manager.store.update((transaction) => {
    const service = transaction.get('service', task.serviceId)!;
    const spec = { ...service.spec, Labels: { other: 'spec' } };
    transaction.update('service', {
      ...service,
      spec,
      updateStatus: { state: 'rollback_paused', ...started },
    });
  });
  swarm.advance(20);
  const { read } = manager.store;
  expect(held.leavesBrokenOff(read, swarm.service('web')!)).toBe(true);
  expect(held.leavesBrokenOff(read, saying(swarm, 'completed'))).toBe(false);
  write(swarm, { ...task, desiredState: 'shutdown' });
  expect(held.leavesBrokenOff(read, swarm.service('web')!)).toBe(false);
});

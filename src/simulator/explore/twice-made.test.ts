import { expect, test } from '@jest/globals';
import { nodeId, taskId } from '../../model/ids.ts';
import type { Node, Service, Task } from '../../model/objects.ts';
import type { Reader } from '../../swarm/tables.ts';
import { World } from '../world.ts';
import { TwiceMade } from './twice-made.ts';

/** A global service with a task on w1, and what a leader makes there beside it. */
function followed(): {
  twice: TwiceMade;
  node: Node;
  make: (id: string, desiredState: Task['desiredState'], stopped?: readonly Task[]) => Task;
  has: (...tasks: readonly Task[]) => boolean;
} {
  const swarm = World.of(1, 1, 'twice');
  swarm.createService('web', 1, { Mode: { Global: {} } });
  swarm.until('both run', () => swarm.running('web').length === 2);
  const node = swarm.nodeOf('w1');
  const seen = swarm.tasks('web').find(({ nodeId }) => nodeId === node.id)!;
  const service: Service = swarm.service('web')!;
  const twice = new TwiceMade();
  const make = (
    id: string,
    desiredState: Task['desiredState'],
    stopped: readonly Task[] = [],
  ): Task => {
    const task = { ...seen, id: taskId(id), desiredState };
    twice.made(task, stopped);
    return task;
  };
  const has = (...tasks: readonly Task[]): boolean =>
    twice.has({ tasksOfService: () => tasks } as unknown as Reader, service);
  return { twice, node, make, has };
}

test('a task of an update beside one of a look at the node is left, in either order', () => {
  for (const [first, second] of [
    ['running', 'ready'],
    ['ready', 'running'],
  ] as const) {
    const { make, has } = followed();
    expect(has(make('first', first), make('second', second))).toBe(true);
  }
});

test('two tasks of one maker are owed, a restart included', () => {
  const { make, has } = followed();
  const first = make('first', 'running');
  expect(has(first, make('second', 'running'))).toBe(false);
  const restart = make('restart', 'ready', [{ ...first, desiredState: 'shutdown' }]);
  expect(has(restart, make('third', 'running'))).toBe(false);
});

test('a look at the node after both were made owes one of them, unless it takes no tasks', () => {
  const { twice, node, make, has } = followed();
  const both = [make('first', 'ready'), make('second', 'running')] as const;
  twice.lookedAt({ ...node, spec: { ...node.spec, Availability: 'pause' } });
  expect(has(...both)).toBe(true);
  twice.lookedAt(node);
  expect(has(...both)).toBe(false);
});

test('another leader owes one of them, unless the update is paused', () => {
  const { twice, make, has } = followed();
  const both = [make('first', 'ready'), make('second', 'running')] as const;
  twice.clear(() => true);
  expect(has(...both)).toBe(true);
  twice.clear(() => false);
  expect(has(...both)).toBe(false);
});

test('one that was told to end before the other was made, or the only one left, is none of two', () => {
  const { twice, make, has } = followed();
  const first = make('first', 'running');
  twice.changed({ ...first, desiredState: 'shutdown' });
  expect(has(first, make('second', 'ready'))).toBe(false);
  const third = make('third', 'running');
  expect(has({ ...first, desiredState: 'shutdown' }, third)).toBe(false);
});

/** A replicated service's task in slot 1, and what a leader makes in the slot beside it. */
function inSlot(): {
  old: Task;
  make: (id: string, stopped?: readonly Task[]) => Task;
  has: (...tasks: readonly Task[]) => boolean;
} {
  const swarm = World.of(1, 1, 'slot');
  swarm.createService('web', 1);
  swarm.until('it runs', () => swarm.running('web').length === 1);
  const [old] = swarm.tasks('web') as [Task];
  const service: Service = swarm.service('web')!;
  const twice = new TwiceMade();
  const make = (id: string, stopped: readonly Task[] = []): Task => {
    const task: Task = { ...old, id: taskId(id), desiredState: 'ready', nodeId: nodeId('') };
    twice.made(task, stopped);
    return task;
  };
  const has = (...tasks: readonly Task[]): boolean =>
    twice.has({ tasksOfService: () => tasks } as unknown as Reader, service);
  return { old: { ...old, desiredState: 'shutdown' }, make, has };
}

test('a task of an update start-first beside one with which a task from before it was restarted is left, in either order', () => {
  const before = inSlot();
  expect(before.has(before.make('restart', [before.old]), before.make('update'))).toBe(true);
  const after = inSlot();
  expect(after.has(after.make('update'), after.make('restart', [after.old]))).toBe(true);
});

test('a restart of the task that the update made is none beside it, nor is a second task of the update', () => {
  const { old, make, has } = inSlot();
  const update = make('update');
  const restart = make('restart', [{ ...update, desiredState: 'shutdown' }]);
  expect(has(restart, make('again'))).toBe(false);
  const other = inSlot();
  expect(other.has(other.make('one', [old]), other.make('two', [old]))).toBe(false);
});

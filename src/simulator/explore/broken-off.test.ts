import { expect, test } from '@jest/globals';
import { taskId } from '../../model/ids.ts';
import type { Service, Task } from '../../model/objects.ts';
import type { ServiceSpec, UpdateConfig } from '../../model/specs.ts';
import type { Reader } from '../../swarm/tables.ts';
import { World } from '../world.ts';
import { BrokenOff } from './broken-off.ts';

type State = NonNullable<Service['updateStatus']>['state'];

const config = (Order: 'start-first' | 'stop-first'): UpdateConfig => ({
  Parallelism: 1,
  MaxFailureRatio: 0,
  Order,
});

/** A service with a task in slot 1 and one beside it, whose spec, with that in it, is replaced while its update is so far. */
function replaced(
  state: State | undefined,
  spec: Pick<ServiceSpec, 'UpdateConfig' | 'RollbackConfig'>,
  isSilenced = false,
): { old: Task; change: (...tasks: readonly Task[]) => void; has: () => boolean } {
  const swarm = World.of(1, 0, 'broken off');
  swarm.createService('web', 1);
  swarm.until('it runs', () => swarm.running('web').length === 1);
  const [old] = swarm.tasks('web') as [Task];
  const now: Service = swarm.service('web')!;
  const before: Service = { ...now, spec: { ...now.spec, ...spec } };
  const brokenOff = new BrokenOff();
  let tasks: readonly Task[] = [old, { ...old, id: taskId('beside'), desiredState: 'ready' }];
  const read = { tasksOfService: () => tasks } as unknown as Reader;
  const status = { startedAt: 0, message: '' };
  brokenOff.replaced(
    read,
    state === undefined ? before : { ...before, updateStatus: { state, ...status } },
    isSilenced,
  );
  const change = (...changed: readonly Task[]): void => {
    tasks = changed;
    for (const task of changed) brokenOff.changed(read, task);
  };
  return { old, change, has: () => brokenOff.has(read, now) };
}

const UPDATE = { UpdateConfig: config('start-first') };
const ROLLBACK = { RollbackConfig: config('start-first') };

test('two tasks in a slot are left where an update start-first is broken off, or a rollback, or one that was silenced', () => {
  expect(replaced('updating', UPDATE).has()).toBe(true);
  expect(replaced('rollback_started', ROLLBACK).has()).toBe(true);
  expect(replaced(undefined, UPDATE, true).has()).toBe(true);
});

test('nobody is broken off that went stop-first, or was not under way', () => {
  expect(replaced('updating', ROLLBACK).has()).toBe(false);
  expect(replaced('rollback_started', UPDATE).has()).toBe(false);
  expect(replaced(undefined, { UpdateConfig: config('stop-first') }, true).has()).toBe(false);
  expect(replaced('completed', UPDATE).has()).toBe(false);
  expect(replaced(undefined, UPDATE).has()).toBe(false);
});

test('a restart of one of the two leaves two; once one was alone in the slot, another beside it is one too many', () => {
  const { old, change, has } = replaced('updating', UPDATE);
  const ended = { ...old, id: taskId('beside'), desiredState: 'shutdown' } as const;
  const again = { ...old, id: taskId('again'), desiredState: 'ready' } as const;
  change(old, ended, again);
  expect(has()).toBe(true);
  change(old, ended);
  expect(has()).toBe(false);
  change(old, ended, again);
  expect(has()).toBe(false);
});

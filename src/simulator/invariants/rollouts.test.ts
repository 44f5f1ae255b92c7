import { expect, test } from '@jest/globals';
import type { Task } from '../../model/objects.ts';
import type { UpdateConfig } from '../../model/specs.ts';
import { Rollouts } from './rollouts.ts';
import { ToldLedger } from './told-ledger.ts';

const ready = { desiredState: 'ready' } as const;

/** Two slots on `n1`, and of each a task that is to be replaced while it is well. */
function twoSlots(
  between: (told: ToldLedger) => void = () => undefined,
  image = 'workload:v1',
): readonly string[] {
  const told = new ToldLedger(({ ledger }) => new Rollouts(ledger.sight));
  const spec = { Mode: { Replicated: { Replicas: 2 } } };
  const [first, second] = [told.task('a1'), told.task('b1', { slot: 2 })];
  told.commit(0, told.service(spec), told.node('n1', 'ready'), first, second);
  between(told);
  const stopped = (task: Task): Task => ({ ...task, desiredState: 'shutdown' });
  const taskSpec = { ...first.spec, ContainerSpec: { Image: image } };
  const a2 = told.task('a2', { ...ready, status: fresh(first), spec: taskSpec });
  told.commit(1000, stopped(first), a2);
  const status = fresh(second);
  told.commit(1000, stopped(second), told.task('b2', { slot: 2, ...ready, status }));
  return told.broken;
}

const fresh = ({ status }: Task): Task['status'] => ({ ...status, state: 'new' });

test('two slots whose tasks are well are replaced at once: one more than the default parallelism', () => {
  expect(twoSlots()).toEqual(['update-parallelism']);
});

test('a task of another spec is of the update before, which was writing it when the spec changed', () => {
  expect(twoSlots(undefined, 'workload:v2')).toEqual([]);
});

test('restarts that waited for a delay while their node was down, and are made when it is back, are no update', () => {
  const broken = twoSlots((told) => {
    told.commit(1000, told.node('n1', 'down'));
    told.commit(1000, told.node('n1', 'ready'));
  });
  expect(broken).toEqual([]);
});

/** Two slots of four are replaced while a rollback with room for two goes on under the status of an update with room for one. */
function afterEqualSpec(changesSpec: boolean): readonly string[] {
  const told = new ToldLedger(({ ledger }) => new Rollouts(ledger.sight));
  const config = (Parallelism: number): UpdateConfig => ({ Parallelism, MaxFailureRatio: 0 });
  const base = { UpdateConfig: config(1), RollbackConfig: config(2) };
  const updateStatus = { state: 'rollback_started', message: '' } as const;
  const [first, second] = [told.task('a1'), told.task('b1', { slot: 2 })];
  told.commit(0, told.service({ ...base, Labels: { v: '2' } }), told.node('n1', 'ready'));
  told.commit(0, first, second);
  told.commit(1000, told.service(base, { updateStatus }));
  told.commit(1000, told.service(changesSpec ? { ...base, Labels: { v: '3' } } : base));
  for (const [old, slot] of [
    [first, 1],
    [second, 2],
  ] as const)
    told.commit(
      1000,
      { ...old, desiredState: 'shutdown' },
      told.task(`new${slot}`, { slot, ...ready, status: fresh(old) }),
    );
  return told.broken;
}

test('an update to an equal spec lets the rollback under way go on with its own parallelism', () => {
  expect(afterEqualSpec(false)).toEqual([]);
  expect(afterEqualSpec(true)).toEqual(['update-parallelism']);
});

/** Two slots of four are replaced after a rollback, with room for one, under whose status they were not reached; updates have room for two. */
function afterRollback(state: 'rollback_started' | 'rollback_completed'): readonly string[] {
  const told = new ToldLedger(({ ledger }) => new Rollouts(ledger.sight));
  const config = (Parallelism: number): UpdateConfig => ({ Parallelism, MaxFailureRatio: 0 });
  const base = { UpdateConfig: config(2), RollbackConfig: config(1) };
  const [first, second] = [told.task('a1'), told.task('b1', { slot: 2 })];
  told.commit(0, told.service({ ...base, Labels: { v: '2' } }), told.node('n1', 'ready'));
  told.commit(0, first, second);
  const service = told.service(base, {
    updateStatus: { state: 'rollback_started', startedAt: 0, message: '' },
  });
  told.commit(1000, service);
  told.commit(1000, { ...service, updateStatus: { state, startedAt: 0, message: '' } });
  for (const [old, slot] of [
    [first, 1],
    [second, 2],
  ] as const)
    told.commit(
      1000,
      { ...old, desiredState: 'shutdown' },
      told.task(`new${slot}`, { slot, ...ready, status: fresh(old) }),
    );
  return told.broken;
}

test('what a rollback left to be replaced is updated with the parallelism of updates once it is complete', () => {
  expect(afterRollback('rollback_completed')).toEqual([]);
  expect(afterRollback('rollback_started')).toEqual(['update-parallelism']);
});

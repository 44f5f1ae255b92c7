import { expect, test } from '@jest/globals';
import type { Task } from '../../model/objects.ts';
import type { RestartPolicy } from '../../model/specs.ts';
import { Moves } from './moves.ts';
import { ToldLedger } from './told-ledger.ts';

/** Two slots: of the first the task ended and is not restarted, the second works; then the second is to be removed. */
function removed(replicas: number, policy: RestartPolicy): readonly string[] {
  const told = new ToldLedger(({ ledger }) => new Moves(ledger.sight));
  const spec = { ...told.service().spec.TaskTemplate, RestartPolicy: policy };
  const [done, working] = [told.task('a', { spec }), told.task('b', { slot: 2, spec })];
  const mode = (count: number) => ({
    Mode: { Replicated: { Replicas: count } },
    TaskTemplate: spec,
  });
  told.commit(0, told.node('n1', 'ready'), told.service(mode(2)), done, working);
  told.commit(1000, { ...told.ended(done), status: { ...done.status, state: 'complete' } });
  told.commit(1000, told.service(mode(replicas)));
  const gone: Task = { ...working, desiredState: 'remove' };
  told.commit(10, gone);
  return told.broken;
}

test('a scale-down may take a slot that works and keep one whose task ended for good', () => {
  expect(removed(1, { Condition: 'none' })).toEqual([]);
});

test('without a scale-down nobody takes a slot that works', () => {
  expect(removed(2, { Condition: 'none' })).toEqual(['no-move-without-cause']);
});

test('a task that ended and is to be replaced holds no slot', () => {
  expect(removed(1, { Condition: 'any' })).toEqual(['no-move-without-cause']);
});

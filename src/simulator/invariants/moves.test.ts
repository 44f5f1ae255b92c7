import { describe, expect, test } from '@jest/globals';
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

describe('of two tasks of a global service on a node', () => {
  const Global = { Mode: { Global: {} } } as const;
  const updating = { updateStatus: { state: 'updating', startedAt: 0, message: '' } } as const;
  const completed = { updateStatus: { ...updating.updateStatus, state: 'completed' } } as const;

  /** The service is written with both there, the look at the node stops one, then something happens, and then the other is stopped. */
  function stopped(
    between: (told: ToldLedger) => void = () => undefined,
    beginsWith: 1 | 2 = 2,
  ): readonly string[] {
    const told = new ToldLedger(({ ledger }) => new Moves(ledger.sight));
    told.commit(0, told.node('n1', 'ready'), told.service(Global));
    const [one, other] = [told.task('a', { slot: 0 }), told.task('b', { slot: 0 })];
    told.commit(1000, one, ...(beginsWith === 2 ? [other] : []));
    told.commit(1000, told.service(Global, updating));
    if (beginsWith === 1) told.commit(10, other);
    told.commit(10, { ...one, desiredState: 'shutdown' });
    between(told);
    told.commit(10, { ...other, desiredState: 'shutdown' });
    return told.broken;
  }

  test('an update that has found both may stop the one that the look at the node has left', () => {
    expect(stopped()).toEqual([]);
  });

  test('one that began with another may not, nor may anybody once it is over or the spec is another', () => {
    expect(stopped(undefined, 1)).toEqual(['no-move-without-cause']);
    const over = (told: ToldLedger): void => {
      told.commit(10, told.service(Global, completed));
    };
    const other = (told: ToldLedger): void => {
      told.commit(10, told.service({ ...Global, Labels: { a: 'b' } }, updating));
    };
    for (const between of [over, other])
      expect(stopped(between)).toEqual(['no-move-without-cause']);
  });

  test('another leader begins its update with what it finds', () => {
    const led = (told: ToldLedger): void => {
      told.term += 1;
      told.commit(10, told.node('n2', 'ready'));
    };
    expect(stopped(led)).toEqual(['no-move-without-cause']);
  });
});

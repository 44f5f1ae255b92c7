import { expect, test } from '@jest/globals';
import type { Task } from '../../model/objects.ts';
import { Slots } from './slots.ts';
import { ToldLedger } from './told-ledger.ts';

const bound = (told: ToldLedger, id: string, patch: Partial<Task> = {}): Task =>
  told.task(id, { slot: 0, ...patch });

/** A task that is to run, and in its slot another one, made by `second`, that is then to run too. */
function twoInOneSlot(slot: number, second: Task['desiredState']): readonly string[] {
  const told = new ToldLedger(({ ledger }) => new Slots(ledger.sight));
  told.commit(0, told.node('n1', 'ready'), told.service(), told.task('a', { slot }));
  told.commit(1000, told.task('b', { slot, desiredState: second }));
  if (second === 'ready') told.commit(1000, told.task('b', { slot }));
  return told.broken;
}

test('an update and the look at a node may each make a task of a global service, for neither knows of the other', () => {
  expect(twoInOneSlot(0, 'ready')).toEqual([]);
});

test('two looks make one too many', () => {
  expect(twoInOneSlot(0, 'running')).toEqual(['one-running-per-slot']);
});

test('of a replicated service a second one is too many, whoever made it', () => {
  expect(twoInOneSlot(1, 'ready')).toEqual(['one-running-per-slot']);
});

/** A slot whose task has ended before its service gets another spec, or after; a look at the service fills it, and then the update does, which may stop another task with that. */
function filledTwice(
  Condition: 'none' | 'any',
  { endsLate = false, stops = false, isRollback = false } = {},
): readonly string[] {
  const told = new ToldLedger(({ ledger }) => new Slots(ledger.sight));
  const { spec, ...old } = told.ended(told.task('old'));
  const ended = { ...old, spec: { ...spec, RestartPolicy: { Condition } } };
  const other = told.service({ Labels: { other: 'spec' } });
  const updateStatus = { state: 'updating', startedAt: 0, message: '' } as const;
  const rolledBack = { ...updateStatus, state: 'rollback_started' } as const;
  told.commit(0, told.service(), endsLate ? { ...ended, desiredState: 'running' } : ended);
  told.commit(1000, isRollback ? { ...other, updateStatus: rolledBack } : other);
  told.commit(10, { ...other, updateStatus: isRollback ? rolledBack : updateStatus });
  told.commit(1000, ended);
  told.commit(1000, told.task('look'));
  const update = told.task('update', { desiredState: 'ready' });
  told.commit(1000, update, ...(stops ? [{ ...ended }] : []));
  told.broken.length = 0;
  told.commit(1000, { ...update, desiredState: 'running' });
  return told.broken;
}

test('a look at a replicated service and its update may each fill a slot that was given up when the update began', () => {
  expect(filledTwice('none')).toEqual([]);
});

test('neither does where the slot was filled again, or given up only later, by a rollback, or with something to stop', () => {
  const broken = ['one-running-per-slot'];
  expect(filledTwice('any')).toEqual(broken);
  expect(filledTwice('none', { endsLate: true })).toEqual(broken);
  expect(filledTwice('none', { isRollback: true })).toEqual(broken);
  expect(filledTwice('none', { stops: true })).toEqual(broken);
});

test('a restart takes the place of whom it replaces, and not of another', () => {
  const told = new ToldLedger(({ ledger }) => new Slots(ledger.sight));
  told.commit(0, told.node('n1', 'ready'), told.service(), bound(told, 'a'), bound(told, 'x'));
  told.broken.length = 0;
  told.commit(1, told.ended(bound(told, 'a')), bound(told, 'b', { desiredState: 'ready' }));
  told.commit(6000, bound(told, 'b'));
  expect(told.broken).toEqual(['one-running-per-slot']);
});

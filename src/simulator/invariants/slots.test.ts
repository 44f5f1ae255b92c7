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

test('a restart takes the place of whom it replaces, and not of another', () => {
  const told = new ToldLedger(({ ledger }) => new Slots(ledger.sight));
  told.commit(0, told.node('n1', 'ready'), told.service(), bound(told, 'a'), bound(told, 'x'));
  told.broken.length = 0;
  told.commit(1, told.ended(bound(told, 'a')), bound(told, 'b', { desiredState: 'ready' }));
  told.commit(6000, bound(told, 'b'));
  expect(told.broken).toEqual(['one-running-per-slot']);
});

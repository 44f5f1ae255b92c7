import { expect, test } from '@jest/globals';
import { Slots } from './slots.ts';
import { ToldLedger } from './told-ledger.ts';

/** Two tasks of a global service on one node that are both to run, with so many entries between them. */
function twoOnOneNode(between: number, slot = 0): readonly string[] {
  const told = new ToldLedger(({ ledger }) => new Slots(ledger.sight));
  told.commit(0, told.node('n1', 'ready'), told.service(), told.task('a', { slot }));
  for (let n = 0; n < between; n += 1) told.commit(1, told.node(`other-${n}`, 'ready'));
  told.commit(1, told.task('b', { slot }));
  return told.broken;
}

test('an update and the look at a node may each make a task of a global service before they see the other’s', () => {
  expect(twoOnOneNode(2)).toEqual([]);
});

test('later the second one is one too many', () => {
  expect(twoOnOneNode(20)).toEqual(['one-running-per-slot']);
});

test('two of one slot are one too many at any time', () => {
  expect(twoOnOneNode(0, 1)).toEqual(['one-running-per-slot']);
});

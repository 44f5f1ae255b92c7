import { expect, test } from '@jest/globals';
import { isWellFormed } from './message-form.ts';
import type { Entry, Message } from './messages.ts';

const app: Message<string, string> = {
  type: 'app',
  to: '1',
  from: '2',
  term: 3,
  index: 4,
  logTerm: 2,
  entries: [entry(5, 2), entry(6, 3)],
  commit: 4,
};
const snap: Message<string, string> = {
  type: 'snap',
  to: '1',
  from: '2',
  term: 3,
  snapshot: { index: 4, term: 3, members: ['1'], data: '' },
};

test('honest messages are well formed', () => {
  for (const message of [app, snap]) expect(isWellFormed(message, '1')).toBe(true);
});

test.each<[string, object]>([
  ['for another receiver', { ...app, to: '3' }],
  ['from nobody', { ...app, from: '' }],
  ['from the receiver itself', { ...app, from: '1' }],
  ['without a term', { ...app, term: 0 }],
  ['with a term that is no whole number', { ...app, term: 1.5 }],
  ['with a negative index', { ...app, index: -1, entries: [] }],
  ['with a gap before its entries', { ...app, index: 3 }],
  ['with a gap among its entries', { ...app, entries: [entry(5, 2), entry(7, 2)] }],
  ['with terms that fall', { ...app, entries: [entry(5, 3), entry(6, 2)] }],
  ['with entries older than the one before', { ...app, entries: [entry(5, 1)] }],
  ['with entries of a later term than its own', { ...app, entries: [entry(5, 4)] }],
  ['with an empty snapshot', { ...snap, snapshot: { index: 0, term: 0, members: [], data: '' } }],
  ['of an unknown type', { ...app, type: 'prop' }],
])('a message %s is malformed', (_, message) => {
  expect(isWellFormed(message as Message<string, string>, '1')).toBe(false);
});

function entry(index: number, term: number): Entry<string> {
  return { index, term, kind: 'normal', payload: '' };
}

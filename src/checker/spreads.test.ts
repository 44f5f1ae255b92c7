import { expect, test } from '@jest/globals';
import type { Subject } from '../model/history.ts';
import type { Timing } from '../model/verdict.ts';
import { spreadsOf } from './spreads.ts';

const time = (subject: Subject, ms: number | null, change: Partial<Timing> = {}): Timing => ({
  ...{ name: 'to down', fault: 'lost', subject, ms },
  ...change,
});
const plays = (left: readonly number[], right: readonly number[]): readonly (readonly Timing[])[] =>
  left.map((ms, at) => [time('swarm', ms), time('twin', right[at] ?? null)]);

test('the times of all plays stand together, each subject tested against the first', () => {
  const [spread, ...others] = spreadsOf(plays([5, 4, 3, 2, 1], [16, 17, 18, 19, 20]));
  expect(others).toEqual([]);
  expect(spread?.sides).toMatchObject([
    { subject: 'swarm', ms: [1, 2, 3, 4, 5] },
    { subject: 'twin', ms: [16, 17, 18, 19, 20], test: { says: 'differ', effect: 1 } },
  ]);
  expect(spread?.sides[0]).not.toHaveProperty('test');
});

test('few plays decide nothing, and what was not seen is no time', () => {
  const [spread] = spreadsOf([...plays([1, 2], [9, 9]), [time('twin', null)]]);
  expect(spread?.sides[1]).toMatchObject({ ms: [9, 9], test: { says: 'too few' } });
});

test('slots of an update count together, updates and faults do not, and the widest range is shown', () => {
  const slot = (name: string, fault: string): Timing =>
    time('twin', 7, { name: 'slot updated', fault, slot: name });
  const range = (highMs: number) => ({ range: { lowMs: 0, highMs, formula: `${highMs}` } });
  const spreads = spreadsOf([
    [slot('web.1', 'one'), slot('web.2', 'one'), slot('web.1', 'two')],
    [time('twin', 1, range(5)), time('twin', 2, range(9))],
  ]);
  expect(spreads.map(({ fault, sides }) => [fault, sides[0]?.ms])).toEqual([
    ['one', [7, 7]],
    ['two', [7]],
    ['lost', [1, 2]],
  ]);
  expect(spreads[2]?.range?.highMs).toBe(9);
});

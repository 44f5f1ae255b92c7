import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRandom } from '../model/random.ts';
import { rankTest } from './rank-test.ts';

describe('the rank test', () => {
  test('has the chances that the tables have', () => {
    // U = 0 of 5 and 5: 2 of 252 orders. U = 2 of 5 and 5: 2 x (1 + 1 + 2) of 252.
    expect(rankTest([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]).p).toBeCloseTo(2 / 252, 10);
    expect(rankTest([1, 2, 3, 4, 7], [5, 6, 8, 9, 10]).p).toBeCloseTo(8 / 252, 10);
    expect(rankTest([1, 3, 5, 7, 9], [2, 4, 6, 8, 10]).p).toBeGreaterThan(0.5);
  });

  test('says that five clearly longer times differ, and how much', () => {
    const { says, effect } = rankTest([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]);
    expect([says, effect]).toEqual(['differ', 1]);
    expect(rankTest([6, 7, 8, 9, 10], [1, 2, 3, 4, 5])).toMatchObject({
      says: 'differ',
      effect: -1,
    });
  });

  test('says that mixed times are alike', () => {
    expect(rankTest([1, 3, 5, 7, 9], [2, 4, 6, 8, 10]).says).toBe('alike');
  });

  test('does not judge what no order could show', () => {
    expect(rankTest([1, 2, 3, 4], [5, 6, 7, 8]).says).toBe('too few');
    expect(rankTest([1], []).says).toBe('too few');
  });

  test('takes a small difference for none, however sure it is', () => {
    const left = Array.from({ length: 2000 }, (_, at) => at);
    expect(
      rankTest(
        left,
        left.map((ms) => ms + 150.5),
      ),
    ).toMatchObject({ says: 'alike' });
    expect(
      rankTest(
        left,
        left.map((ms) => ms + 1200.5),
      ),
    ).toMatchObject({ says: 'differ' });
  });

  test('counts equal times as what they are', () => {
    expect(rankTest([1, 1, 1, 1, 1], [2, 2, 2, 2, 2])).toMatchObject({ says: 'differ', effect: 1 });
    // Of 252 ways 2 are as far from the middle.
    expect(rankTest([1, 1, 1, 2, 2], [3, 3, 4, 4, 4]).p).toBeCloseTo(2 / 252, 10);
  });

  test('judges equal times too', () => {
    expect(rankTest([5, 5, 5, 5, 5, 5], [5, 5, 5, 5, 5, 5])).toMatchObject({ says: 'alike', p: 1 });
    expect(rankTest([1, 1, 1, 1, 1, 1], [2, 2, 2, 2, 2, 2]).says).toBe('differ');
  });

  test('gives the same chance whichever side is first', () => {
    const times = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 5, maxLength: 15 });
    fc.assert(
      fc.property(times, times, (a, b) => {
        const [there, back] = [rankTest(a, b), rankTest(b, a)];
        return Math.abs(there.p - back.p) < 1e-9 && Math.abs(there.effect + back.effect) < 1e-9;
      }),
    );
  });

  test('is wrong about equal machines once in a hundred times at most', () => {
    const random = createRandom('ranks');
    const draw = (): number[] => Array.from({ length: 8 }, () => random.next());
    const alarms = Array.from({ length: 2000 }, () => rankTest(draw(), draw()).says).filter(
      (says) => says === 'differ',
    );
    expect(alarms.length).toBeLessThan(40);
    expect(alarms.length).toBeGreaterThan(2);
  });
});

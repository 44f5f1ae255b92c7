import { expect, test } from '@jest/globals';
import { wilson } from './interval.ts';

const text = (right: number, of: number): string => {
  const { low, high } = wilson(right, of);
  return `${low.toFixed(4)} to ${high.toFixed(4)}`;
};

// Newcombe, Statistics in Medicine 17 (1998), table I, method 3, without continuity correction.
test.each([
  [81, 263, '0.2553 to 0.3662'],
  [15, 148, '0.0624 to 0.1605'],
  [0, 20, '0.0000 to 0.1611'],
  [1, 29, '0.0061 to 0.1718'],
])('the interval of %i in %i is the published one, %s', (right, of, published) => {
  expect(text(right, of)).toBe(published);
});

test('all right is not certainty', () => {
  expect(text(20, 20)).toBe('0.8389 to 1.0000');
});

test('no runs say nothing', () => {
  expect(wilson(0, 0)).toEqual({ right: 0, of: 0, low: 0, high: 1 });
});

test('more runs with the same share say more', () => {
  const few = wilson(9, 10);
  const many = wilson(90, 100);
  expect(many.high - many.low).toBeLessThan(few.high - few.low);
});

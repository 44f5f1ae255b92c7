import { expect, test } from '@jest/globals';
import { median, quantile } from './statistics.ts';

test('a quantile is always a sample, by nearest rank', () => {
  const samples = Array.from({ length: 200 }, (_, at) => 200 - at);
  expect(quantile(samples, 0.5)).toBe(100);
  expect(quantile(samples, 0.99)).toBe(198);
  expect(quantile([7], 0.99)).toBe(7);
});

test('a median of five is the third, of four the middle of the second and third', () => {
  expect(median([5, 1, 4, 2, 30])).toBe(4);
  expect(median([1, 2, 4, 30])).toBe(3);
});

test('no samples have no median', () => {
  expect(() => median([])).toThrow(RangeError);
  expect(() => quantile([], 0.5)).toThrow(RangeError);
});

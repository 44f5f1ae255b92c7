import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { realTimers } from './real-ports.ts';

const DAY_MS = 86_400_000;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('a timer of more days than Node can count rings when they are over, and not at once', () => {
  const rung: string[] = [];
  realTimers.after(60 * DAY_MS, () => rung.push('sixty'));
  const never = realTimers.after(60 * DAY_MS, () => rung.push('cancelled'));
  realTimers.after(5, () => rung.push('five ms'));
  jest.advanceTimersByTime(59 * DAY_MS);
  expect(rung).toEqual(['five ms']);
  never.cancel();
  jest.advanceTimersByTime(DAY_MS);
  expect(rung).toEqual(['five ms', 'sixty']);
});

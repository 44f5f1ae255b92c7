import { describe, expect, test } from '@jest/globals';
import { majority, majorityIndex, tally } from './quorum.ts';

test.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
  [5, 3],
  [7, 4],
])('of %i members a majority is %i', (count, needed) => {
  expect(majority(count)).toBe(needed);
});

describe('the majority index', () => {
  test('is what the median member has reached', () => {
    expect(majorityIndex([7, 3, 5])).toBe(5);
    expect(majorityIndex([9, 1, 1, 8, 7])).toBe(7);
  });
  test('of an even group is what the lower of the middle two has reached', () => {
    expect(majorityIndex([9, 8, 2, 1])).toBe(2);
    expect(majorityIndex([5, 3])).toBe(3);
  });
  test('sorts as numbers, not as text', () => {
    expect(majorityIndex([9, 10, 100])).toBe(10);
  });
  test('of nobody is 0, so an empty group commits nothing', () => {
    expect(majorityIndex([])).toBe(0);
  });
});

describe('an election', () => {
  const members = ['1', '2', '3', '4'];
  test('is won by more than half, not by half', () => {
    expect(tally(members, votes('1', '2'))).toBe('pending');
    expect(tally(members, votes('1', '2', '3'))).toBe('won');
  });
  test('is lost once the votes left cannot make a majority', () => {
    expect(tally(members, votes('1', '-2'))).toBe('pending');
    expect(tally(members, votes('1', '-2', '-3'))).toBe('lost');
  });
  test('counts nobody who is not a member', () => {
    expect(tally(['1', '2', '3'], votes('1', '8', '9'))).toBe('pending');
  });
  test('without members is lost', () => {
    expect(tally([], votes('1'))).toBe('lost');
  });
});

/** '2' grants, '-2' refuses. */
function votes(...given: string[]): Map<string, boolean> {
  return new Map(given.map((vote) => [vote.replace('-', ''), !vote.startsWith('-')]));
}

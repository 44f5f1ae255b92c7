import { expect, test } from '@jest/globals';
import { tokenMark } from './token-mark.ts';

const ROOT = '3'.repeat(50);
const SECRET = '1a2b3c4d5e6f7g8h9i0j1k2l3';

test('a token is known again by its mark, and its secret is not in it', () => {
  const mark = tokenMark(`SWMTKN-1-${ROOT}-${SECRET}`);
  expect(mark).toMatch(/^SWMTKN-1-3{50}-\(25 characters, digest [0-9a-f]{16}\)$/);
  expect(mark).not.toContain(SECRET);
  expect(tokenMark(`SWMTKN-1-${ROOT}-${SECRET}`)).toBe(mark);
  expect(tokenMark(`SWMTKN-1-${ROOT}-${'z'.repeat(25)}`)).not.toBe(mark);
});

test('what has another form than a join token is only said to have', () => {
  expect(tokenMark('SWMTKN-1-short-secret')).toBe('no join token, 21 characters');
});

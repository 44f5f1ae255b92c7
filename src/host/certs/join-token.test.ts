import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { createJoinToken, parseJoinToken, roleOfToken, rootDigest } from './join-token.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

test('a token has Swarm’s form and carries the digest of the very PEM bytes', () => {
  const token = createJoinToken(PEM);
  expect(token).toMatch(/^SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}$/);
  const hex = createHash('sha256').update(Buffer.from(PEM)).digest('hex');
  expect(rootDigest(PEM)).toBe(hex);
  expect(parseJoinToken(token)).toEqual({ digest: hex, secret: token.slice(-25) });
});

test('a digest that begins with zeros keeps its length', () => {
  const token = `SWMTKN-1-${'0'.repeat(49)}z-${'a'.repeat(25)}`;
  expect(parseJoinToken(token).digest).toBe(`${'0'.repeat(62)}23`);
});

test('two tokens of one root differ in the secret only', () => {
  const [a, b] = [createJoinToken(PEM), createJoinToken(PEM)];
  expect(a.slice(0, 60)).toBe(b.slice(0, 60));
  expect(a).not.toBe(b);
});

test.each([
  '',
  'SWMTKN-1-short-short',
  `SWMTKN-2-${'a'.repeat(50)}-${'a'.repeat(25)}`,
  `SWMTKN-1-${'A'.repeat(50)}-${'a'.repeat(25)}`,
  `SWMTKN-1-${'z'.repeat(50)}-${'a'.repeat(25)}`,
  `SWMTKN-1-${'a'.repeat(50)}-${'a'.repeat(25)}-x`,
  `SWMTKN-1-${'a'.repeat(50)}-${'a'.repeat(25)}\n`,
])('%j is an invalid join token', (token) => {
  expect(() => parseJoinToken(token)).toThrow(
    expect.objectContaining({
      code: 'InvalidArgument',
      message: 'invalid join token',
    }),
  );
});

test('the token decides the role, and an empty one decides nothing', () => {
  const tokens = { worker: createJoinToken(PEM), manager: createJoinToken(PEM) };
  expect(roleOfToken(tokens.worker, tokens)).toBe('worker');
  expect(roleOfToken(tokens.manager, tokens)).toBe('manager');
  expect(roleOfToken(createJoinToken(PEM), tokens)).toBeNull();
  expect(roleOfToken('', { worker: '', manager: '' })).toBeNull();
});

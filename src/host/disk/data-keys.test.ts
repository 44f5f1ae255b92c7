import { expect, test } from '@jest/globals';
import { newKey, seal, sealingKey, unseal, unsealWithAny } from './data-keys.ts';

const text = Buffer.from('a secret');
const problem = { name: 'SealProblem' };

test('what is sealed opens with its key, differs each time, and shows nothing', () => {
  const key = newKey();
  const sealed = seal(key, text);
  expect(unseal(key, sealed)).toEqual(text);
  expect(seal(key, text)).not.toEqual(sealed);
  expect(sealed.includes(text)).toBe(false);
});

test('neither another key nor a changed byte opens it', () => {
  const key = newKey();
  const sealed = seal(key, text);
  expect(() => unseal(newKey(), sealed)).toThrow(expect.objectContaining(problem));
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => unseal(key, changed)).toThrow(expect.objectContaining(problem));
  }
  expect(() => unseal(key, sealed.subarray(0, 20))).toThrow(expect.objectContaining(problem));
});

test('while a key is pending it seals, and both open', () => {
  const [current, pending] = [newKey(), newKey()];
  expect(sealingKey({ current, pending })).toBe(pending);
  expect(sealingKey({ current, pending: null })).toBe(current);
  for (const key of [current, pending])
    expect(unsealWithAny({ current, pending }, seal(key, text))).toEqual(text);
  expect(() => unsealWithAny({ current, pending }, seal(newKey(), text))).toThrow();
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { contentKey, folderParts } from './content-key.ts';

test('the same parts give the same key, in any order', () => {
  expect(contentKey({ a: '1', b: '2' })).toBe(contentKey({ b: '2', a: '1' }));
  expect(contentKey({ a: '1' })).toMatch(/^[0-9a-f]{12}$/);
});

test('any change of a text or a name changes the key', () => {
  const key = contentKey({ a: '1', b: '2' });
  expect(contentKey({ a: '1', b: '3' })).not.toBe(key);
  expect(contentKey({ a: '1', c: '2' })).not.toBe(key);
  expect(contentKey({ a: '1' })).not.toBe(key);
});

test('text that moves from one part to another changes the key', () => {
  expect(contentKey({ a: 'xy', b: '' })).not.toBe(contentKey({ a: 'x', b: 'y' }));
});

test('a folder counts with every file but what is for people', () => {
  const folder = mkdtempSync(join(tmpdir(), 'content-key-'));
  try {
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch');
    writeFileSync(join(folder, 'README.md'), 'words');
    expect(folderParts(folder)).toEqual({ Dockerfile: 'FROM scratch' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

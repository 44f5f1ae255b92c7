import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { newKey } from '../disk/data-keys.ts';
import { generateKey, keyToPem } from './certificate.ts';
import { freshDataKeys, isLocked, readNodeKey, writeNodeKey, type NodeKey } from './node-key.ts';

const LOCK = { key: randomBytes(32).toString('base64').replace(/=+$/, ''), version: 7 };
const OPEN = { key: null, version: 3 };
const nodeKey: NodeKey = {
  key: keyToPem(generateKey()),
  dataKeys: { current: newKey(), pending: newKey() },
  needsRotation: true,
};

const bytes = ({ dataKeys, ...rest }: NodeKey): unknown => ({
  ...rest,
  current: dataKeys === null ? null : Buffer.from(dataKeys.current).toString('hex'),
  pending: dataKeys?.pending == null ? null : Buffer.from(dataKeys.pending).toString('hex'),
});

describe('a node’s key on the disk', () => {
  test.each([
    ['in the clear', OPEN],
    ['locked', LOCK],
  ])('comes back as it was written, %s', (_title, lock) => {
    for (const one of [
      nodeKey,
      { ...nodeKey, dataKeys: null, needsRotation: false },
      { ...nodeKey, dataKeys: freshDataKeys() },
    ]) {
      const text = writeNodeKey(one, lock);
      const read = readNodeKey(text, lock.key);
      expect(isLocked(text)).toBe(lock.key !== null);
      expect(read?.lock).toEqual(lock);
      expect(read === null ? null : bytes(read.nodeKey)).toEqual(bytes(one));
    }
  });

  test('without a lock is what it always was, for a node of an earlier version', () => {
    expect(readNodeKey(nodeKey.key, null)).toEqual({
      nodeKey: { key: nodeKey.key, dataKeys: null, needsRotation: false },
      lock: { key: null, version: 0 },
    });
  });

  test('holds no secret that its lock does not cover', () => {
    const text = writeNodeKey(nodeKey, LOCK);
    const { dataKeys } = nodeKey;
    for (const secret of [dataKeys?.current, dataKeys?.pending])
      expect(text).not.toContain(Buffer.from(secret ?? []).toString('base64'));
    expect(text).not.toContain(nodeKey.key.split('\n')[1]);
    expect(text).not.toContain(LOCK.key);
  });

  test.each([
    ['another key', randomBytes(32).toString('base64')],
    ['a key of another length', 'c2hvcnQ='],
    ['an empty one', ''],
    ['none', null],
  ])('does not open with %s', (_title, key) => {
    expect(readNodeKey(writeNodeKey(nodeKey, LOCK), key)).toBeNull();
  });

  test('that is none is refused without being quoted', () => {
    const junk = nodeKey.key.replace('BEGIN', 'BEGUN');
    expect(() => readNodeKey(junk, null)).toThrow(/^the node key is no PEM of this node$/);
  });
});

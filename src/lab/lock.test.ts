import { expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from './lock.ts';

const name = `test-${process.pid}`;

test('two holders of one lock come one after the other', async () => {
  const seen: string[] = [];
  const hold = (who: string): Promise<void> =>
    withLock(name, 5000, async () => {
      seen.push(`${who} in`);
      await sleep(30);
      seen.push(`${who} out`);
    });
  await Promise.all([hold('a'), hold('b')]);
  expect(seen.map((each) => each.slice(2))).toEqual(['in', 'out', 'in', 'out']);
});

test('a lock that stays held is told as a deadline', async () => {
  await withLock(name, 1000, () =>
    expect(withLock(name, 60, () => Promise.resolve())).rejects.toMatchObject({ code: 'deadline' }),
  );
});

test('a lock is free again after its work failed', async () => {
  await expect(withLock(name, 1000, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
  await expect(withLock(name, 1000, () => Promise.resolve(1))).resolves.toBe(1);
});

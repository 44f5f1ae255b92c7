import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DependencyFiles } from './dependency-files.ts';

const MEMORY = '/dev/shm';
const isInMemory = statfsSync(MEMORY).type === 0x0102_1994;
if (!isInMemory)
  process.stderr.write(
    `skipped: ${MEMORY} of this machine is not in memory, and a unit test mounts nothing\n`,
  );
const inMemory = isInMemory ? test : test.skip;

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(MEMORY, 'swarmtwin-dependencies-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const file = (id: string, text: string) => ({
  id,
  path: `/run/secrets/${id}`,
  data: Buffer.from(text).toString('base64'),
  uid: process.getuid?.() ?? 0,
  gid: process.getgid?.() ?? 0,
  mode: 0o440,
});

inMemory(
  'files are there, empty, before the container is, and the same files are filled',
  async () => {
    const files = new DependencyFiles(root);
    const paths = await files.place('t1', ['s1', 'c1']);
    expect([...paths.values()].map((path) => readFileSync(path, 'utf8'))).toEqual(['', '']);
    const before = statSync(paths.get('s1') ?? '').ino;
    await files.fill('t1', [file('s1', 'a secret'), file('c1', 'a config')]);
    const after = statSync(paths.get('s1') ?? '');
    expect(readFileSync(paths.get('s1') ?? '', 'utf8')).toBe('a secret');
    expect(after.ino).toBe(before);
    expect(after.mode & 0o777).toBe(0o440);
    expect(statSync(join(root, 't1')).mode & 0o777).toBe(0o700);
  },
);

inMemory('placing again, as a new process does, takes nothing away', async () => {
  const files = new DependencyFiles(root);
  await files.place('t1', ['s1']);
  await files.fill('t1', [file('s1', 'a secret')]);
  const paths = await new DependencyFiles(root).place('t1', ['s1']);
  expect(readFileSync(paths.get('s1') ?? '', 'utf8')).toBe('a secret');
});

inMemory('they go with their task, and what no task claims goes too', async () => {
  const files = new DependencyFiles(root);
  for (const task of ['t1', 't2', 't3']) await files.place(task, ['s1']);
  await files.remove('t1');
  await files.remove('t1');
  expect(readdirSync(root)).toEqual(['t2', 't3']);
  await files.keepOnly(['t3', 't9']);
  expect(readdirSync(root)).toEqual(['t3']);
  await new DependencyFiles(join(root, 'nowhere')).keepOnly([]);
});

inMemory("a file that cannot be written is dockerd's failure to start", async () => {
  await expect(new DependencyFiles(root).fill('t1', [file('s1', 'x')])).rejects.toMatchObject({
    code: 'Unknown',
    message: expect.stringMatching(/^starting container failed: error injecting secret: /),
  });
});

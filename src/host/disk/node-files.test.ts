import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { StoredTask } from '../../swarm/agent/storage.ts';
import { NodeFiles } from './node-files.ts';
import { PayloadCodec } from './payload-codec.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'swarmtwin-node-files-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const storage = (): ReturnType<NodeFiles['agentStorage']> =>
  new NodeFiles(root, new PayloadCodec()).agentStorage();
const stored = (id: string, state: string): StoredTask =>
  ({ task: { id }, status: { state }, assigned: true }) as unknown as StoredTask;
const fileOf = (name: string): string => join(root, 'tasks', name);
const loaded = (): readonly unknown[] =>
  storage()
    .load()
    .tasks.map(({ task, status }) => [task.id, status.state]);

test('the newest record of each task is there after a restart, and nothing else', () => {
  const before = storage();
  before.saveTask(stored('a', 'starting'));
  before.saveTask(stored('a', 'running'));
  before.saveTask(stored('b', 'running'));
  before.removeTask('b' as StoredTask['task']['id']);
  expect(loaded()).toEqual([['a', 'running']]);
  expect(readdirSync(fileOf('.'))).toEqual(['a.json']);
});

test('a record whose old version is gone and whose new one is not named yet is taken up', () => {
  storage().saveTask(stored('a', 'starting'));
  rmSync(fileOf('a.json'));
  writeFileSync(fileOf('a.json.next'), JSON.stringify(stored('a', 'running')));
  expect(loaded()).toEqual([['a', 'running']]);
  expect(existsSync(fileOf('a.json.next'))).toBe(false);
});

test('a half-written record loses against the old one, and a task that has no other is forgotten', () => {
  storage().saveTask(stored('a', 'starting'));
  writeFileSync(fileOf('a.json.next'), '{"task":{"id":"a"},"sta');
  writeFileSync(fileOf('b.json.next'), '');
  expect(loaded()).toEqual([['a', 'starting']]);
  expect(readdirSync(fileOf('.'))).toEqual(['a.json']);
});

test.each([0, 1, 20])(
  'a record of which a power cut left %i bytes is forgotten, and the others are not',
  (bytes) => {
    storage().saveTask(stored('a', 'running'));
    storage().saveTask(stored('b', 'running'));
    truncateSync(fileOf('b.json'), bytes);
    expect(loaded()).toEqual([['a', 'running']]);
    expect(readdirSync(fileOf('.'))).toEqual(['a.json']);
  },
);

test('wherever a process dies while it records a task, the task is there in its old or its new state', () => {
  const older = JSON.stringify(stored('a', 'starting'));
  const newer = JSON.stringify(stored('a', 'running'));
  const crashes: readonly Readonly<Record<string, string>>[] = [
    ...Array.from({ length: newer.length + 1 }, (_, bytes) => ({
      'a.json': older,
      'a.json.next': newer.slice(0, bytes),
    })),
    { 'a.json.next': newer },
    { 'a.json': newer },
  ];
  for (const files of crashes) {
    storage();
    for (const [name, content] of Object.entries(files)) writeFileSync(fileOf(name), content);
    expect([[['a', 'starting']], [['a', 'running']]]).toContainEqual(loaded());
    rmSync(fileOf('.'), { recursive: true });
  }
});

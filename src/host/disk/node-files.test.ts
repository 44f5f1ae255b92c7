import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

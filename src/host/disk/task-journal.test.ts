import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { StoredTask } from '../../swarm/agent/storage.ts';
import { NodeFiles } from './node-files.ts';
import { PayloadCodec } from './payload-codec.ts';
import { TaskJournal } from './task-journal.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'swarmtwin-tasks-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const storage = (): ReturnType<NodeFiles['agentStorage']> =>
  new NodeFiles(root, new PayloadCodec()).agentStorage();
const stored = (id: string, state: string): StoredTask =>
  ({ task: { id }, status: { state }, assigned: true }) as unknown as StoredTask;
const idOf = (id: string): StoredTask['task']['id'] => stored(id, '').task.id;
const fileOf = (name: string): string => join(root, 'tasks', name);
const loaded = (from = storage()): readonly unknown[] =>
  from.load().tasks.map(({ task, status }) => [task.id, status.state]);

test('the newest record of each task is there after a restart, and nothing else', () => {
  const before = storage();
  before.saveTask(stored('a', 'starting'));
  before.saveTask(stored('a', 'running'));
  before.saveTask(stored('b', 'running'));
  before.removeTask(idOf('b'));
  expect(loaded()).toEqual([['a', 'running']]);
  expect(readdirSync(fileOf('.'))).toEqual(['journal']);
  expect(readFileSync(fileOf('journal'), 'utf8').trim().split('\n')).toHaveLength(1);
  expect(statSync(fileOf('journal')).mode & 0o777).toBe(0o600);
});

test('wherever a process dies while it records a task, the task is there in its old or its new state, and all others are', () => {
  storage().saveTask(stored('a', 'starting'));
  storage().saveTask(stored('b', 'running'));
  const before = statSync(fileOf('journal')).size;
  storage().saveTask(stored('a', 'running'));
  const whole = readFileSync(fileOf('journal'));
  for (let bytes = before; bytes <= whole.length; bytes += 1) {
    writeFileSync(fileOf('journal'), whole.subarray(0, bytes));
    const isNew = bytes >= whole.length - 1;
    expect(new Map(loaded() as [string, string][])).toEqual(
      new Map([
        ['a', isNew ? 'running' : 'starting'],
        ['b', 'running'],
      ]),
    );
  }
});

test('wherever a process dies while it writes the file anew, the tasks are there', () => {
  const tasks = [stored('a', 'running'), stored('b', 'running')];
  for (const task of tasks) storage().saveTask(task);
  const whole = readFileSync(fileOf('journal'));
  const die = (files: Readonly<Record<string, Buffer>>): void => {
    rmSync(fileOf('.'), { recursive: true });
    storage();
    for (const [name, content] of Object.entries(files)) writeFileSync(fileOf(name), content);
    for (const time of ['at once', 'again'])
      expect([time, loaded()]).toEqual([
        time,
        [
          ['a', 'running'],
          ['b', 'running'],
        ],
      ]);
    expect(existsSync(fileOf('journal.next'))).toBe(false);
  };
  for (let bytes = 0; bytes <= whole.length; bytes += 1)
    die({ journal: whole, 'journal.next': whole.subarray(0, bytes) });
  die({ 'journal.next': whole });
});

test('what a power cut or a full disk leaves of a line takes no other along', () => {
  storage().saveTask(stored('a', 'running'));
  storage().saveTask(stored('b', 'running'));
  truncateSync(fileOf('journal'), statSync(fileOf('journal')).size - 5);
  storage().saveTask(stored('c', 'running'));
  appendFileSync(fileOf('journal'), Buffer.alloc(100));
  storage().saveTask(stored('d', 'running'));
  expect(loaded()).toEqual([
    ['a', 'running'],
    ['c', 'running'],
    ['d', 'running'],
  ]);
});

test('the file is written anew before what is out of date fills the disk', () => {
  const journal = new TaskJournal(join(root, 'tasks'), 2000);
  journal.saveTask(stored('kept', 'running'));
  let most = 0;
  for (let turn = 0; turn < 500; turn += 1) {
    journal.saveTask(stored(`t${turn}`, 'running'));
    if (turn > 2) journal.removeTask(idOf(`t${turn - 3}`));
    most = Math.max(most, statSync(fileOf('journal')).size);
  }
  expect(most).toBeLessThan(2200);
  const left = ['kept', 't497', 't498', 't499'];
  expect(loaded()).toEqual(left.map((id) => [id, 'running']));
});

test('one that is told of after the folder was emptied is recorded all the same', () => {
  const journal = storage();
  rmSync(fileOf('.'), { recursive: true });
  journal.saveTask(stored('a', 'running'));
  expect(loaded()).toEqual([['a', 'running']]);
});

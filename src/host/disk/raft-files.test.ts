import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { newKey, type DataKeys } from './data-keys.ts';
import type { HardState } from '../../raft/messages.ts';
import type { Payload, State } from '../../swarm/manager/consensus-ports.ts';
import { PayloadCodec } from './payload-codec.ts';
import { RaftFiles } from './raft-files.ts';

const KEYS: DataKeys = { current: newKey(), pending: null };
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'swarmtwin-raft-files-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

const opened = (keys = KEYS): ReturnType<typeof RaftFiles.open> =>
  RaftFiles.open(root, false, new PayloadCodec(), keys);

/** Which files are synced, and how long each is then. */
async function watchSyncs(): Promise<readonly number[]> {
  const sizes: number[] = [];
  const handle = await open(root, 'r');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const sync = Object.getOwnPropertyDescriptor(prototype, 'sync')?.value as (
    this: FileHandle,
  ) => Promise<void>;
  jest.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
    const stat = await this.stat();
    if (stat.isFile()) sizes.push(stat.size);
    return sync.call(this);
  });
  return sizes;
}

/** A vote that its process did not live to sync; the answer says how many bytes it left in the log. */
async function killedAfterVoting(): Promise<number> {
  const { disk } = await opened();
  await new Promise<void>((resolve) => {
    const parcel = { hardState: { term: 3, vote: 'a', commit: 0 }, entries: [], mustSync: false };
    disk.save(parcel, () => {
      resolve();
    });
  });
  await disk.close();
  const log = await open(join(root, 'log'), 'r');
  const { size } = await log.stat();
  await log.close();
  return size;
}

test('a vote that a killed process wrote and did not sync is on the disk before it is given again', async () => {
  const written = await killedAfterVoting();
  const synced = await watchSyncs();
  const { disk, stored } = await opened();
  expect(stored.hardState.vote).toBe('a');
  expect(synced).toEqual([written]);
  await disk.close();
});

test('a torn tail is cut off before the rest is synced', async () => {
  const whole = await killedAfterVoting();
  truncateSync(join(root, 'log'), whole - 1);
  const synced = await watchSyncs();
  const { disk, stored } = await opened();
  expect(stored.hardState.vote).toBe('');
  expect(synced).toEqual([0]);
  await disk.close();
});

const TEXT = 'correct horse battery staple';
const files = (): readonly Buffer[] =>
  ['log', 'snapshot'].map((name) => readFileSync(join(root, name)));

/** A snapshot and an entry that hold a secret. */
async function keepSecrets(): Promise<void> {
  const actions = [{ kind: 'secret', action: 'create', object: { id: 's', spec: { Data: TEXT } } }];
  const payload = { actions } as unknown as Payload;
  const { disk } = await opened();
  const entries = [{ index: 1, term: 1, kind: 'normal' as const, payload }];
  await done((answer) => {
    disk.save({ entries, mustSync: true }, answer);
  });
  const data = { secret: [actions[0]?.object] } as unknown as State;
  disk.compact({ index: 1, term: 1, members: ['a'], data }, 1);
  await disk.close();
}

const done = (ask: (answer: (error: unknown) => void) => void): Promise<unknown> =>
  new Promise((resolve) => {
    ask(resolve);
  });

test('what the log and the snapshot hold cannot be read off the disk', async () => {
  await keepSecrets();
  for (const file of files()) expect(file.includes(TEXT)).toBe(false);
  const { disk, stored } = await opened();
  expect(JSON.stringify(stored.snapshot)).toContain(TEXT);
  await disk.close();
});

test('a log that another key sealed is refused', async () => {
  await keepSecrets();
  await expect(opened({ current: newKey(), pending: null })).rejects.toMatchObject({
    code: 'disk-corrupt',
  });
});

test('after a rotation the old key opens nothing, and amid one both are needed', async () => {
  await keepSecrets();
  const pending = newKey();
  const amid = await opened({ ...KEYS, pending });
  const entries = [{ index: 2, term: 1, kind: 'normal' as const, payload: null }];
  await done((answer) => {
    amid.disk.save({ entries, mustSync: true }, answer);
  });
  await amid.disk.close();
  for (const current of [KEYS.current, pending])
    await expect(opened({ current, pending: null })).rejects.toMatchObject({
      code: 'disk-corrupt',
    });
  const { disk } = await opened({ ...KEYS, pending });
  expect(
    await done((answer) => {
      disk.rotate(pending, answer);
    }),
  ).toBeNull();
  await disk.close();
  await expect(opened()).rejects.toMatchObject({ code: 'disk-corrupt' });
  const after = await opened({ current: pending, pending: null });
  expect(JSON.stringify(after.stored.snapshot)).toContain(TEXT);
  expect(after.stored.entries).toHaveLength(1);
  await after.disk.close();
});

test('an entry is told saved only when it is synced', async () => {
  const { disk } = await opened();
  const handle = await open(root, 'r');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  let release: () => void = () => undefined;
  const synced = new Promise<void>((resolve) => {
    release = resolve;
  });
  jest.spyOn(prototype, 'datasync').mockImplementation(() => synced);
  let isSaved = false;
  const entries = [{ index: 1, term: 1, kind: 'normal' as const, payload: null }];
  const saved = done((answer) => {
    disk.save({ entries, mustSync: true }, (error) => {
      isSaved = true;
      answer(error);
    });
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isSaved).toBe(false);
  release();
  expect(await saved).toBeNull();
  await disk.close();
});

test('that more is committed goes with the next entries, or by itself a little later, and a stop forgets none of it', async () => {
  const size = (): number => readFileSync(join(root, 'log')).findLastIndex((byte) => byte !== 0);
  const commit = (at: number): HardState => ({ term: 1, vote: 'a', commit: at });
  const { disk } = await opened();
  const save = (parcel: Parameters<typeof disk.save>[0]): Promise<unknown> =>
    done((answer) => {
      disk.save(parcel, answer);
    });
  const entries = [{ index: 1, term: 1, kind: 'normal' as const, payload: null }];
  await save({ entries, hardState: commit(0), mustSync: true });
  const before = size();
  await save({ entries: [], hardState: commit(1), mustSync: false });
  expect(size()).toBe(before);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(size()).toBeGreaterThan(before);
  await save({ entries: [{ ...entries[0], index: 2 }] as typeof entries, mustSync: true });
  await save({ entries: [], hardState: commit(2), mustSync: false });
  await disk.close();
  const again = await opened();
  expect(again.stored.hardState).toEqual(commit(2));
  await again.disk.close();
});

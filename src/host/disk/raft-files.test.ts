import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { PayloadCodec } from './payload-codec.ts';
import { RaftFiles } from './raft-files.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'swarmtwin-raft-files-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

const opened = (): ReturnType<typeof RaftFiles.open> =>
  RaftFiles.open(root, false, new PayloadCodec());

/** Which files are synced, and how long each is then. */
async function watchSyncs(): Promise<readonly number[]> {
  const sizes: number[] = [];
  const handle = await open(root, 'r');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const sync = prototype.sync;
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

/** The log's file with room at its end, as a dying process and a dying machine leave it. */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { LogFile } from './log-file.ts';

const SECTOR = 512;
const RUNS = { numRuns: 50, seed: 4004 };
const TIMEOUT_MS = 60_000;

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'swarmtwin-log-file-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

/** What is written between two syncs, as sizes of bodies; large enough to lie across several sectors. */
const group = fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 3 });
const groups = fc.array(group, { maxLength: 5 });

interface Left {
  /** The file as the process left it: it was not closed. */
  readonly file: Buffer;
  readonly synced: readonly Buffer[];
  readonly syncedBytes: number;
  readonly unsynced: readonly Buffer[];
}

async function leftBehind(
  synced: readonly (readonly number[])[],
  unsynced: readonly number[],
): Promise<Left> {
  const path = join(root, 'log');
  rmSync(path, { force: true });
  const { file } = await LogFile.open(path);
  const bodies: Buffer[] = [];
  const append = async (size: number): Promise<Buffer> => {
    const body = randomBytes(size);
    await file.append(body);
    return body;
  };
  for (const sizes of synced) {
    for (const size of sizes) bodies.push(await append(size));
    await file.sync();
  }
  const syncedBytes = usedBytes(readFileSync(path));
  const lost: Buffer[] = [];
  for (const size of unsynced) lost.push(await append(size));
  const left = readFileSync(path);
  await file.close();
  return { file: left, synced: bodies, syncedBytes, unsynced: lost };
}

/** A record fills its last unit with something else than zeros. */
const usedBytes = (file: Buffer): number =>
  Math.ceil((file.findLastIndex((byte) => byte !== 0) + 1) / 16) * 16;

/** What a start finds in a file like that. */
async function found(content: Buffer): Promise<readonly Buffer[]> {
  const path = join(root, 'left');
  writeFileSync(path, content);
  const { file, bodies } = await LogFile.open(path);
  await file.close();
  return bodies.map((body) => Buffer.from(body));
}

test('a killed process loses nothing, and the log goes on behind its last record', async () => {
  const { file, synced, unsynced } = await leftBehind([[100], [700]], [300]);
  expect(file.length).toBeGreaterThan(usedBytes(file));
  expect(await found(file)).toEqual([...synced, ...unsynced]);
  const path = join(root, 'left');
  const { file: again } = await LogFile.open(path);
  const more = randomBytes(50);
  await again.append(more);
  await again.sync();
  cpSync(path, join(root, 'copy'));
  await again.close();
  expect(await found(readFileSync(join(root, 'copy')))).toEqual([...synced, ...unsynced, more]);
});

test(
  'whichever sectors of what was not synced a crash leaves out, all that was synced is back',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        groups,
        group,
        fc.infiniteStream(fc.boolean()),
        async (before, last, dice) => {
          const { file, synced, syncedBytes, unsynced } = await leftBehind(before, last);
          const end = usedBytes(file);
          for (let at = syncedBytes; at < end; at = (Math.floor(at / SECTOR) + 1) * SECTOR) {
            const next = (Math.floor(at / SECTOR) + 1) * SECTOR;
            if (dice.next().value === true) file.fill(0, at, Math.min(next, end));
          }
          const bodies = await found(file);
          expect(bodies.slice(0, synced.length)).toEqual(synced);
          const others = bodies.slice(synced.length);
          expect(others).toEqual(unsynced.slice(0, others.length));
        },
      ),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'one rotten bit in a record is refused, with room behind it too',
  async () => {
    const some = fc.array(group, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(some, fc.nat(), fc.nat({ max: 7 }), async (before, place, bit) => {
        const { file } = await leftBehind(before, []);
        const at = place % usedBytes(file);
        file[at] = (file[at] ?? 0) ^ (1 << bit);
        await expect(found(file)).rejects.toMatchObject({ code: 'disk-corrupt' });
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test('a lost sector is refused where a later record tells that it was synced', async () => {
  const { file, syncedBytes } = await leftBehind([[2500], [10]], []);
  expect(syncedBytes).toBeGreaterThan(4 * SECTOR);
  file.fill(0, 2 * SECTOR, 3 * SECTOR);
  await expect(found(file)).rejects.toMatchObject({ code: 'disk-corrupt' });
});

test('a record lands in zeros that are there already, and the file is no longer than its records when it is closed', async () => {
  const path = join(root, 'log');
  const { file } = await LogFile.open(path);
  await file.append(randomBytes(900));
  await file.sync();
  await file.append(randomBytes(900));
  const { size } = statSync(path);
  for (let count = 0; count < 20; count += 1) {
    await file.append(randomBytes(900));
    await file.sync();
    expect(statSync(path).size).toBe(size);
  }
  await file.close();
  expect(statSync(path).size).toBe(usedBytes(readFileSync(path)));
});

test('on a disk without room for zeros it writes record by record', async () => {
  const handle = await open(root, 'r');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  jest.spyOn(prototype, 'write').mockRejectedValue(new Error('ENOSPC: no space left on device'));
  const path = join(root, 'log');
  const { file } = await LogFile.open(path);
  const bodies = [900, 40].map((size) => randomBytes(size));
  for (const body of bodies) {
    await file.append(body);
    await file.sync();
  }
  await file.close();
  expect(await found(readFileSync(path))).toEqual(bodies);
});

/** The raft log on real files: whatever a crash or a rotten bit does to them, all that was acknowledged is back, or the load refuses. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Log } from '../../raft/log.ts';
import type { Entry, HardState, Snapshot } from '../../raft/messages.ts';
import type { Payload, RaftStored, State } from '../../swarm/manager/consensus-ports.ts';
import { newKey } from './data-keys.ts';
import { PayloadCodec } from './payload-codec.ts';
import { RaftFiles } from './raft-files.ts';

const KEYS = { current: newKey(), pending: null };
let root = '';
let runs = 0;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'swarmtwin-raft-files-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** What a replica may ask of its disk, in numbers that are made to fit what is there. */
type Step =
  | { do: 'append'; back: number; sizes: number[]; newTerm: boolean; sync: boolean }
  | { do: 'commit'; by: number }
  | { do: 'compact'; keep: number }
  | { do: 'install'; ahead: number };

const small = fc.nat({ max: 9 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      back: small,
      sizes: fc.array(fc.nat({ max: 700 }), { minLength: 1, maxLength: 4 }),
      newTerm: fc.boolean(),
      sync: fc.constant(true),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('commit' as const), by: small }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compact' as const), keep: small }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('install' as const), ahead: small }) },
);
const steps = fc.array(step, { minLength: 1, maxLength: 12 });
const append = fc.record({
  do: fc.constant('append' as const),
  back: small,
  sizes: fc.array(fc.nat({ max: 700 }), { minLength: 1, maxLength: 4 }),
  newTerm: fc.boolean(),
  sync: fc.constant(true),
});

/** A plain list of what should be on the disk. */
interface Model {
  hardState: HardState;
  snapshot: Snapshot<State> | null;
  entries: Entry<Payload>[];
}

type Disk = RaftFiles;
const save = (disk: Disk, parcel: Parameters<Disk['save']>[0]): Promise<void> =>
  new Promise((resolve, reject) => {
    disk.save(parcel, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });

const lastIndexOf = (model: Model): number =>
  model.entries.at(-1)?.index ?? model.snapshot?.index ?? 0;
const nothing: Model = {
  hardState: { term: 0, vote: '', commit: 0 },
  snapshot: null,
  entries: [],
};
const snapshotAt = (index: number, term: number): Snapshot<State> => ({
  ...{ index, term, members: ['1'] },
  data: { tables: {}, members: [], removed: [] } as unknown as State,
});
const bodyOf = (index: number, term: number, size: number): Entry<Payload> =>
  size % 7 === 0
    ? { index, term, kind: 'conf', change: { type: 'add', raftId: '7', context: 'x' } }
    : {
        ...{ index, term, kind: 'normal' },
        payload: size % 5 === 0 ? null : ({ actions: ['y'.repeat(size)] } as unknown as Payload),
      };

/** Does one step on the disk and answers what should be there afterwards. */
async function take(disk: Disk, model: Model, next: Step): Promise<Model> {
  const { hardState, entries, snapshot } = model;
  const last = lastIndexOf(model);
  if (next.do === 'append') {
    // As a replica does: a torn write may have kept an entry, or a snapshot, and lost the term it came with.
    const known = Math.max(hardState.term, entries.at(-1)?.term ?? 0, snapshot?.term ?? 1);
    const term = known + (next.newTerm ? 1 : 0);
    const from = Math.max(hardState.commit, last - (next.newTerm ? next.back : 0)) + 1;
    const added = next.sizes.map((size, at) => bodyOf(from + at, term, size));
    const newer = { ...hardState, term, vote: String(term) };
    await save(disk, { entries: added, hardState: newer, mustSync: next.sync });
    return {
      ...{ hardState: newer, snapshot },
      entries: [...entries.filter(({ index }) => index < from), ...added],
    };
  }
  if (next.do === 'commit') {
    const newer = { ...hardState, commit: Math.min(last, hardState.commit + next.by) };
    await save(disk, { entries: [], hardState: newer, mustSync: false });
    return { ...model, hardState: newer };
  }
  if (next.do === 'compact') {
    const at = entries.find(({ index }) => index === hardState.commit);
    if (at === undefined) return model;
    const taken = snapshotAt(at.index, at.term);
    disk.compact(taken, Math.max(1, at.index - next.keep));
    return { ...model, snapshot: taken, entries: entries.filter(({ index }) => index > at.index) };
  }
  // A leader's snapshot comes where our log is another one than its: it is of a later term.
  const term = hardState.term + 1;
  const taken = snapshotAt(hardState.commit + 1 + next.ahead, term);
  const newer = { term, vote: '', commit: taken.index };
  await save(disk, { entries: [], hardState: newer, snapshot: taken, mustSync: true });
  return { hardState: newer, snapshot: taken, entries: [] };
}

const open = (folder: string): ReturnType<typeof RaftFiles.open> =>
  RaftFiles.open(folder, false, new PayloadCodec(), KEYS);

async function load(folder: string): Promise<RaftStored> {
  const { disk, stored } = await open(folder);
  await disk.close();
  // A replica must be able to begin on it.
  new Log(stored, stored.snapshot?.index ?? 0);
  return stored;
}

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

/** The steps on a new folder; the answer is what is there. */
async function written(
  taken: readonly Step[],
): Promise<{ folder: string; log: string; model: Model }> {
  const folder = join(root, String((runs += 1)));
  const { disk } = await open(folder);
  let model = nothing;
  for (const next of taken) model = await take(disk, model, next);
  await disk.close();
  return { folder, log: join(folder, 'log'), model };
}

function expectAll(stored: RaftStored, model: Model): void {
  expect(stored.entries).toEqual(model.entries);
  expect(stored.snapshot).toEqual(model.snapshot);
  const { term, vote } = model.hardState;
  expect(stored.hardState).toMatchObject({ term, vote });
}

const RUNS = { numRuns: 60, seed: 3003 };
const TIMEOUT_MS = 60_000;

test(
  'what was saved is back, in whatever order it was appended, replaced, compacted and installed',
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const { folder, model } = await written(taken);
        const stored = await load(folder);
        expectAll(stored, model);
        expect(stored.hardState.commit).toBe(
          Math.max(model.hardState.commit, model.snapshot?.index ?? 0),
        );
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'a crash at any byte of a write takes nothing that was acknowledged, and the log goes on from there',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        append,
        fc.double({ min: 0, max: 1, noNaN: true }),
        append,
        async (taken, torn, part, after) => {
          const { folder, log, model } = await written(taken);
          const acknowledged = sizeOf(log);
          const { disk } = await open(folder);
          const whole = await take(disk, model, torn);
          await disk.close();
          const cut = acknowledged + Math.floor(part * (sizeOf(log) - acknowledged));
          truncateSync(log, cut);
          const { disk: again, stored } = await open(folder);
          new Log(stored, stored.snapshot?.index ?? 0);
          // Some of the write's own entries may be there, each whole and in order; then only may older ones be replaced.
          const kept = whole.entries.filter((entry) =>
            stored.entries.some(
              (other) => other.index === entry.index && other.term === entry.term,
            ),
          );
          const first = kept.find(
            (entry) =>
              !model.entries.some(
                (other) => other.index === entry.index && other.term === entry.term,
              ),
          );
          const expected =
            first === undefined
              ? model.entries
              : [
                  ...model.entries.filter(({ index }) => index < first.index),
                  ...kept.filter(({ index }) => index >= first.index),
                ];
          expect(stored.entries).toEqual(expected);
          expect([model.hardState, whole.hardState].map(({ term }) => term)).toContain(
            stored.hardState.term,
          );
          const goesOn = await take(again, { ...stored, entries: [...stored.entries] }, after);
          await again.close();
          expectAll(await load(folder), goesOn);
        },
      ),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'zeros where a write had not reached the disk yet are cut off',
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 3000 }), async (taken, zeros) => {
        const { folder, log, model } = await written(taken);
        writeFileSync(log, Buffer.alloc(zeros), { flag: 'a' });
        expectAll(await load(folder), model);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'one rotten bit anywhere in the log or in the snapshot is refused',
  async () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 7 })), {
      minLength: 20,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(
        steps,
        flips,
        fc.constantFrom('log', 'snapshot'),
        async (taken, all, name) => {
          const { folder } = await written(taken);
          const path = join(folder, name);
          if (sizeOf(path) === 0) return;
          const whole = readFileSync(path);
          for (const [place, bit] of all) {
            const bytes = Buffer.from(whole);
            const at = place % bytes.length;
            bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
            writeFileSync(path, bytes);
            await expect(load(folder)).rejects.toMatchObject({ code: 'disk-corrupt' });
          }
        },
      ),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'a crash between the snapshot and the rewriting of the log leaves one that can be gone on from',
  async () => {
    const rewriting = fc.oneof(
      fc.record({ do: fc.constant('compact' as const), keep: small }),
      fc.record({ do: fc.constant('install' as const), ahead: small }),
    );
    await fc.assert(
      fc.asyncProperty(
        steps,
        rewriting,
        append,
        fc.nat({ max: 300 }),
        async (taken, last, after, garbage) => {
          const { folder, log, model } = await written(taken);
          const old = `${folder}-old`;
          mkdirSync(old);
          cpSync(log, join(old, 'log'));
          const { disk } = await open(folder);
          const done = await take(disk, model, last);
          await disk.close();
          cpSync(join(old, 'log'), log);
          writeFileSync(`${log}.next`, Buffer.alloc(garbage, 1));
          const { disk: again, stored } = await open(folder);
          new Log(stored, stored.snapshot?.index ?? 0);
          expect(stored.entries).toEqual(done.entries);
          expect(stored.snapshot).toEqual(done.snapshot);
          const goesOn = await take(again, { ...stored, entries: [...stored.entries] }, after);
          await again.close();
          expectAll(await load(folder), goesOn);
        },
      ),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test('a log that could not be rewritten takes no more entries: its open file may be nowhere', async () => {
  const { folder, log } = await written([
    { do: 'append', back: 0, sizes: [3], newTerm: true, sync: true },
  ]);
  const { disk } = await open(folder);
  mkdirSync(`${log}.next`);
  disk.compact(snapshotAt(1, 1), 1);
  const entries = [bodyOf(2, 1, 3)];
  await expect(save(disk, { entries, mustSync: true })).rejects.toMatchObject({
    code: 'disk-full',
  });
  await disk.close();
});

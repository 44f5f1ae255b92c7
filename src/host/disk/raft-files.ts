/** The log and the snapshot of one raft member on disk: every record sealed, with a checksum, and synced before anything is promised. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SwarmtwinError } from '../../model/errors.ts';
import type { Entry, HardState } from '../../raft/messages.ts';
import type {
  Payload,
  RaftDisk,
  RaftReady,
  RaftStored,
  State,
} from '../../swarm/manager/consensus-ports.ts';
import { replaceFile } from './atomic-file.ts';
import { seal, SealProblem, sealingKey, unsealWithAny, type DataKeys } from './data-keys.ts';
import { corrupt, LogFile, readIfThere } from './log-file.ts';
import type { PayloadCodec } from './payload-codec.ts';
import { parsePrivate } from './private-json.ts';
import { frame, scan } from './record.ts';
import { WorkQueue } from './work-queue.ts';

type Parcel = Pick<RaftReady, 'hardState' | 'entries' | 'snapshot' | 'mustSync'>;
type Snapshot = NonNullable<RaftReady['snapshot']>;

const NO_HARD_STATE: HardState = { term: 0, vote: '', commit: 0 };
/** How long it may stay unwritten that more is committed. Nobody is promised that, a leader finds it out anew, and most often the next entries take it along. */
const COMMIT_LAG_MS = 50;
/** The first byte of a record's body. */
const HARD_STATE = 1;
const NORMAL_ENTRY = 2;
const CONF_ENTRY = 3;
/** Several of the others, each with its length before it: what is saved together is one record, whole or not there. */
const SEVERAL = 4;
const LENGTH_BYTES = 4;

export interface OpenedRaft {
  readonly disk: RaftFiles;
  readonly stored: RaftStored;
}

export class RaftFiles implements RaftDisk {
  readonly #folder: string;
  readonly #codec: PayloadCodec;
  readonly #queue: WorkQueue;
  #keys: DataKeys;
  #log: LogFile;
  #hardState: HardState;
  /** Set while the log does not yet say how much is committed. */
  #commitLag: NodeJS.Timeout | null = null;
  /** What the log file holds, for a rewrite when it is compacted. */
  #entries: Entry<Payload>[];
  /** Why the log could not be rewritten. The open file may have no name any more, so nothing that goes there would be found again. */
  #broken: Error | null = null;

  private constructor(
    folder: string,
    codec: PayloadCodec,
    keys: DataKeys,
    log: LogFile,
    stored: RaftStored,
  ) {
    this.#folder = folder;
    this.#codec = codec;
    this.#queue = new WorkQueue(
      `writing the raft log in ${folder}`,
      'Make room on that disk and start the daemon again.',
    );
    this.#keys = keys;
    this.#log = log;
    this.#hardState = stored.hardState;
    this.#entries = [...stored.entries];
  }

  /**
   * Reads what is there, cuts off a torn tail and syncs the rest. Errors: `disk-corrupt` where a record is damaged in a way that no crash does, or the snapshot is:
   * such a member must not go on, it has forgotten what it promised. What no key opens is damaged too.
   */
  static async open(
    folder: string,
    fresh: boolean,
    codec: PayloadCodec,
    keys: DataKeys,
  ): Promise<OpenedRaft> {
    if (fresh) await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const snapshot = await readSnapshot(join(folder, 'snapshot'), keys);
    const path = join(folder, 'log');
    const { file, bodies } = await LogFile.open(path);
    try {
      const unsealed = bodies.flatMap((body) => each(opened(path, body, keys)));
      const stored = replay(unsealed, snapshot, codec);
      return { disk: new RaftFiles(folder, codec, keys, file, stored), stored };
    } catch (caught) {
      await file.close();
      throw caught;
    }
  }

  save(parcel: Parcel, done: (error: SwarmtwinError | null) => void): void {
    this.#queue.add(() => this.#save(parcel), done);
  }

  compact(snapshot: Snapshot, keepFrom: number): void {
    this.#queue.add(async () => {
      await this.#writeSnapshot(snapshot);
      await this.#rewriteLog(this.#entries.filter((entry) => entry.index >= keepFrom));
    }, ignored);
  }

  /** Writes all there is anew under that key, which seals from then on; `done` when nothing on the disk needs another one. */
  rotate(key: Uint8Array, done: (error: SwarmtwinError | null) => void): void {
    this.#queue.add(async () => {
      const snapshot = await readSnapshot(join(this.#folder, 'snapshot'), this.#keys);
      this.#keys = { current: key, pending: null };
      if (snapshot !== null) await this.#writeSnapshot(snapshot);
      await this.#rewriteLog(this.#entries);
    }, done);
  }

  sizeOf(payload: Payload | null): number {
    return payload === null ? 0 : this.#codec.encode(payload).length;
  }

  /** Resolves when everything asked for is done and the file is closed. */
  async close(): Promise<void> {
    await this.#queue.settled();
    await this.#writeCommit();
    await this.#log.close();
  }

  async #save(parcel: Parcel): Promise<void> {
    if (this.#broken !== null) throw this.#broken;
    if (parcel.snapshot !== undefined) {
      await this.#writeSnapshot(parcel.snapshot);
      this.#hardState = parcel.hardState ?? this.#hardState;
      await this.#rewriteLog([...parcel.entries]);
      return;
    }
    const before = this.#hardState;
    this.#hardState = parcel.hardState ?? before;
    if (parcel.entries.length === 0 && !parcel.mustSync && hasSameVote(before, this.#hardState)) {
      if (this.#hardState !== before) this.#writeCommitLater();
      return;
    }
    const bodies = parcel.entries.map((entry) => this.#encodeEntry(entry));
    if (this.#hardState !== before || this.#commitLag !== null)
      bodies.push(encodeHardState(this.#hardState));
    this.#endCommitLag();
    if (bodies.length > 0) await this.#log.append(this.#sealed(together(bodies)));
    if (parcel.mustSync) await this.#log.sync();
    append(this.#entries, parcel.entries);
  }

  #writeCommitLater(): void {
    this.#commitLag ??= setTimeout(() => {
      this.#queue.add(() => this.#writeCommit(), ignored);
    }, COMMIT_LAG_MS);
  }

  async #writeCommit(): Promise<void> {
    if (this.#commitLag === null) return;
    this.#endCommitLag();
    await this.#log.append(this.#sealed(encodeHardState(this.#hardState)));
  }

  #endCommitLag(): void {
    if (this.#commitLag !== null) clearTimeout(this.#commitLag);
    this.#commitLag = null;
  }

  async #writeSnapshot(snapshot: Snapshot): Promise<void> {
    const body = Buffer.from(JSON.stringify(snapshot));
    await replaceFile(join(this.#folder, 'snapshot'), frame(this.#sealed(body), true));
  }

  async #rewriteLog(entries: Entry<Payload>[]): Promise<void> {
    this.#endCommitLag();
    const bodies = [
      encodeHardState(this.#hardState),
      ...entries.map((entry) => this.#encodeEntry(entry)),
    ];
    const path = join(this.#folder, 'log');
    const content = Buffer.concat(bodies.map((body) => frame(this.#sealed(body), true)));
    try {
      await replaceFile(path, content);
      await this.#log.close();
      this.#log = await LogFile.goOn(path, content.length);
    } catch (caught) {
      this.#broken = caught as Error;
      throw caught;
    }
    this.#entries = entries;
  }

  #encodeEntry(entry: Entry<Payload>): Buffer {
    const conf = entry.kind === 'conf';
    const head = Buffer.alloc(17);
    head.writeUInt8(conf ? CONF_ENTRY : NORMAL_ENTRY, 0);
    head.writeBigUInt64BE(BigInt(entry.index), 1);
    head.writeBigUInt64BE(BigInt(entry.term), 9);
    const tail = conf
      ? Buffer.from(JSON.stringify(entry.change))
      : this.#encodePayload(entry.payload);
    return Buffer.concat([head, tail]);
  }

  #sealed(body: Buffer): Buffer {
    return seal(sealingKey(this.#keys), body);
  }

  #encodePayload(payload: Payload | null): Buffer {
    return payload === null ? Buffer.alloc(0) : this.#codec.encode(payload);
  }
}

const encodeHardState = (state: HardState): Buffer =>
  Buffer.concat([Buffer.from([HARD_STATE]), Buffer.from(JSON.stringify(state))]);

const hasSameVote = (one: HardState, other: HardState): boolean =>
  one.term === other.term && one.vote === other.vote;

/** A failure is told by the next save. */
const ignored = (): undefined => undefined;

/** One body of several, as it is where it is alone. */
function together(bodies: readonly Buffer[]): Buffer {
  const [first, ...others] = bodies;
  if (first !== undefined && others.length === 0) return first;
  const parts = bodies.flatMap((body) => {
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(body.length);
    return [length, body];
  });
  return Buffer.concat([Buffer.from([SEVERAL]), ...parts]);
}

/** The bodies that `together` made one of. */
function each(body: Buffer): readonly Buffer[] {
  if (body.readUInt8(0) !== SEVERAL) return [body];
  const found: Buffer[] = [];
  for (let at = 1; at < body.length;) {
    const from = at + LENGTH_BYTES;
    at = from + body.readUInt32BE(at);
    found.push(body.subarray(from, at));
  }
  return found;
}

// An append at an index replaces what was there from that index on.
function append(entries: Entry<Payload>[], added: readonly Entry<Payload>[]): void {
  const [first] = added;
  if (first === undefined) return;
  const at = entries.findLastIndex((entry) => entry.index < first.index);
  entries.splice(at + 1, entries.length, ...added);
}

function replay(
  bodies: readonly Buffer[],
  snapshot: Snapshot | null,
  codec: PayloadCodec,
): RaftStored {
  let hardState = NO_HARD_STATE;
  const entries: Entry<Payload>[] = [];
  for (const body of bodies) {
    const type = body.readUInt8(0);
    if (type === HARD_STATE) hardState = JSON.parse(body.subarray(1).toString()) as HardState;
    else append(entries, [decodeEntry(type, body, codec)]);
  }
  const base = snapshot?.index ?? 0;
  const commit = Math.max(hardState.commit, base);
  // What the snapshot covers is not replayed; followers that need it get the snapshot. Older terms after it are of a log that the snapshot took the
  // place of: the process died before that log was rewritten.
  return {
    hardState: { ...hardState, commit },
    snapshot,
    entries: entries.filter(({ index, term }) => index > base && term >= (snapshot?.term ?? 0)),
  };
}

function decodeEntry(type: number, body: Buffer, codec: PayloadCodec): Entry<Payload> {
  const index = Number(body.readBigUInt64BE(1));
  const term = Number(body.readBigUInt64BE(9));
  const tail = body.subarray(17);
  if (type === CONF_ENTRY) {
    const change = JSON.parse(tail.toString()) as Extract<
      Entry<Payload>,
      { kind: 'conf' }
    >['change'];
    return { index, term, kind: 'conf', change };
  }
  return { index, term, kind: 'normal', payload: tail.length === 0 ? null : codec.decode(tail) };
}

async function readSnapshot(path: string, keys: DataKeys): Promise<Snapshot | null> {
  const file = await readIfThere(path);
  const { bodies, goodBytes } = scan(file);
  if (goodBytes < file.length) throw corrupt(path, 'its checksum does not match');
  const [body] = bodies;
  if (body === undefined) return null;
  const text = opened(path, body, keys).toString();
  return parsePrivate(text, path) as { data: State } & Snapshot;
}

function opened(path: string, sealed: Buffer, keys: DataKeys): Buffer {
  try {
    return unsealWithAny(keys, sealed);
  } catch (caught) {
    if (!(caught instanceof SealProblem)) throw caught;
    throw corrupt(path, "this node's data key does not open a record");
  }
}

/** What a simulated disk holds, file by file, and what a starting daemon reads from it: the rules are those of `host/disk`. */
import { SwarmtwinError } from '../model/errors.ts';
import type { Random } from '../model/random.ts';
import type { Entry, HardState } from '../raft/messages.ts';
import type { Payload, RaftReady, RaftStored } from '../swarm/manager/consensus-ports.ts';

export type Snapshot = NonNullable<RaftReady['snapshot']>;
type LogRecord = HardState | Entry<Payload>;

const NO_HARD_STATE: HardState = { term: 0, vote: '', commit: 0 };
const FOLDER = '/var/lib/swarmtwin/swarm';
/** The frame of a record: magic, length, and two checksums. */
const HEADER_BYTES = 16;

/** What is on a disk for sure. A log that was only appended to keeps its list: what was on the disk at this moment are the first `count` of it. */
export interface DurableRaft extends RaftStored {
  readonly count: number;
}

const NOTHING_STORED = { hardState: NO_HARD_STATE, snapshot: null, entries: [], count: 0 } as const;

export const diskFull = (what: string): SwarmtwinError =>
  new SwarmtwinError(
    'disk-full',
    `writing ${what} in ${FOLDER}: ENOSPC: no space left on device, write`,
    'Make room on that disk and start the daemon again.',
  );

export const syncFailed = (): SwarmtwinError =>
  new SwarmtwinError(
    'disk-full',
    `writing the raft log in ${FOLDER}/raft: EIO: i/o error, fdatasync`,
    'Make room on that disk and start the daemon again.',
  );

export const corruptState = (): SwarmtwinError =>
  new SwarmtwinError(
    'disk-corrupt',
    `reading ${FOLDER}/state.json: Unexpected token in JSON`,
    'Remove that folder and let the node join again.',
  );

const corrupt = (file: string, found: string): SwarmtwinError =>
  new SwarmtwinError(
    'disk-corrupt',
    `${FOLDER}/raft/${file} is damaged: ${found}`,
    'Demote and remove this manager on another one, wipe its data folder and let it join again.',
  );

/** Where in the log something was appended. */
export interface Appended {
  readonly from: number;
  readonly upTo: number;
  /** Of the file: a log that was rewritten is another one. */
  readonly generation: number;
}

/** The raft folder: a log that is appended to, of which some was synced, and a snapshot that is replaced in one step. */
export class RaftFolder {
  #records: LogRecord[] = [];
  #synced = 0;
  /** Counts rewrites, so that a sync of the file before counts for nothing. */
  #generation = 0;
  #snapshot: Snapshot | null = null;
  #rottenRecord: number | null = null;
  #isSnapshotRotten = false;
  /** What the synced part says, and how many of its records are in that already. */
  #durable: DurableRaft = NOTHING_STORED;
  /** Its list, to be appended to. */
  #entries: Entry<Payload>[] = [];
  #seen = 0;
  #isBroken = false;

  /** What is on the disk for sure, rotten or not; the same object until that changes. */
  get durable(): DurableRaft {
    if (this.#seen === this.#synced && this.#durable.snapshot === this.#snapshot)
      return this.#durable;
    let { hardState } = this.#durable;
    for (; this.#seen < this.#synced; this.#seen += 1) {
      const record = this.#records[this.#seen];
      if (record === undefined) break;
      if (!('index' in record)) hardState = record;
      else {
        const isNext = (this.#entries.at(-1)?.index ?? -Infinity) < record.index;
        if (!isNext) this.#entries = this.#entries.filter(({ index }) => index < record.index);
        this.#entries.push(record);
      }
    }
    const entries = this.#entries;
    this.#durable = { hardState, entries, count: entries.length, snapshot: this.#snapshot };
    return this.#durable;
  }

  get rotten(): readonly string[] {
    return [
      ...(this.#rottenRecord === null ? [] : ['log']),
      ...(this.#isSnapshotRotten ? ['snapshot'] : []),
    ];
  }

  /** A rewrite failed: the open log may have no name any more, and nothing that goes there would be found again. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  break(): void {
    this.#isBroken = true;
  }

  /** Appends to the page cache. What it answers says where, for `synced` and `undo`. */
  append(entries: readonly Entry<Payload>[], hardState: HardState | undefined): Appended {
    const from = this.#records.length;
    for (const entry of entries) this.#records.push(entry);
    if (hardState !== undefined) this.#records.push(hardState);
    return { from, upTo: this.#records.length, generation: this.#generation };
  }

  /** That much of the log is on the disk now. */
  synced({ upTo, generation }: Appended): void {
    if (generation === this.#generation) this.#synced = Math.max(this.#synced, upTo);
  }

  /** What could not be written is not there. */
  undo({ from, generation }: Appended): void {
    if (generation === this.#generation) this.#truncate(Math.max(from, this.#synced));
  }

  replaceSnapshot(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#isSnapshotRotten = false;
  }

  /** Replaces the log by the hard state in force and these entries, all of it synced. */
  rewrite(entries: readonly Entry<Payload>[], hardState = this.#all().hardState): void {
    this.#begin([hardState, ...entries]);
  }

  dropBefore(index: number): void {
    this.rewrite(this.#all().entries.filter((entry) => entry.index >= index));
  }

  clear(): void {
    this.#begin([]);
    this.#snapshot = null;
    this.#isSnapshotRotten = false;
  }

  /** The power is gone: of what was not synced the disk holds as much from the beginning as chance will have it; a torn record is no record. */
  losePower(random: Random): void {
    const loose = this.#records.length - this.#synced;
    if (loose > 0) this.#truncate(this.#synced + random.below(loose + 1));
    this.#synced = this.#records.length;
  }

  /** Turns a bit of one record or of the snapshot; false where there is none. */
  rot(what: 'log' | 'snapshot', random: Random): boolean {
    if (what === 'snapshot') this.#isSnapshotRotten = this.#snapshot !== null;
    else if (this.#records.length > 0) this.#rottenRecord = random.below(this.#records.length);
    return what === 'snapshot' ? this.#isSnapshotRotten : this.#rottenRecord !== null;
  }

  /** As the daemon opens it, and syncs what it finds. A rotten record is refused: such a member has forgotten what it promised. */
  open(): RaftStored | SwarmtwinError {
    if (this.#isSnapshotRotten) return corrupt('snapshot', 'its checksum does not match');
    const rotten = this.#rottenRecord;
    if (rotten !== null) {
      const bytes = this.#records
        .slice(0, rotten)
        .reduce((sum, record) => sum + HEADER_BYTES + JSON.stringify(record).length, 0);
      return corrupt('log', `the record at byte ${bytes} was whole once and is not any more`);
    }
    this.#isBroken = false;
    this.#synced = this.#records.length;
    const { hardState, entries } = this.#all();
    const { index: base, term: baseTerm } = this.#snapshot ?? { index: 0, term: 0 };
    const commit = Math.max(hardState.commit, base);
    // Older terms after the snapshot are of a log that the snapshot took the place of: the process died before that log was rewritten.
    return {
      hardState: { ...hardState, commit },
      snapshot: this.#snapshot,
      entries: entries.filter(({ index, term }) => index > base && term >= baseTerm),
    };
  }

  #begin(records: LogRecord[]): void {
    this.#records = records;
    this.#synced = records.length;
    this.#generation += 1;
    this.#rottenRecord = null;
    this.#isBroken = false;
    this.#forget();
  }

  #forget(): void {
    this.#durable = NOTHING_STORED;
    this.#entries = [];
    this.#seen = 0;
  }

  #truncate(length: number): void {
    this.#records.length = length;
    this.#synced = Math.min(this.#synced, length);
    if (this.#seen > this.#synced) this.#forget();
    if (this.#rottenRecord !== null && this.#rottenRecord >= length) this.#rottenRecord = null;
  }

  /** What all records together say, synced or not. */
  #all(): Pick<RaftStored, 'hardState' | 'entries'> {
    let hardState = NO_HARD_STATE;
    const entries: Entry<Payload>[] = [];
    for (const record of this.#records) {
      if (!('index' in record)) hardState = record;
      else {
        // An append at an index replaces what was there from that index on.
        while ((entries.at(-1)?.index ?? 0) >= record.index) entries.pop();
        entries.push(record);
      }
    }
    return { hardState, entries };
  }
}

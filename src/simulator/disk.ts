import type { SwarmtwinError } from '../model/errors.ts';
import type { Task } from '../model/objects.ts';
import { createRandom, type Random } from '../model/random.ts';
import { MemoryAgentStorage, type AgentStorage, type StoredTask } from '../swarm/agent/storage.ts';
import type { Payload, RaftDisk } from '../swarm/manager/consensus-ports.ts';
import { lockChange, UNLOCKED } from '../swarm/node/lock-change.ts';
import type { Lock, NodeState, NodeStorage, StoredNode } from '../swarm/node/node-ports.ts';
import type { Timers } from '../swarm/ports.ts';
import {
  corruptState,
  diskFull,
  RaftFolder,
  syncFailed,
  type Appended,
  type DurableRaft,
  type Snapshot,
} from './disk-files.ts';
import type { HardState } from '../raft/messages.ts';

/** The kernel writes back in its own time; the last few records are what a power failure can take. */
const LOOSE_RECORDS = 4;

type Written = (error: SwarmtwinError | null) => void;

/** One write that a crash happens before, after or in the middle of, never in two places at once. */
interface Write {
  readonly syncs: boolean;
  bytes(): number;
  /** Into the page cache, at once. */
  begin?(): void;
  /** On the disk, when it is done. */
  end(): void;
  undo?(): void;
}

/** a machine's disk. What was written and not synced may be gone after a power failure; what was promised is not. */
export class SimulatedDisk {
  /** How long a sync takes. */
  syncMs = 1;
  /** What every write from now on answers. */
  failure: SwarmtwinError | null = null;
  /** Whether every sync fails; what was written stays in the page cache and is on the disk only by chance. */
  failsSyncs = false;
  tasks: TaskRecords;
  /** The disk's machine loses its power in the middle of a write. */
  powerFails: () => void = () => undefined;
  readonly #random: Random;
  readonly #raft = new RaftFolder();
  #state: NodeState | null = null;
  #isStateRotten = false;
  #lock = UNLOCKED;
  /** Bytes that are left, while the disk is being filled. */
  #freeBytes: number | null = null;
  /** The number of the write in whose middle the power fails. */
  #crashesAt: number | null = null;
  #written = 0;
  #failed = 0;

  constructor(random: Random = createRandom('disk')) {
    this.#random = random;
    this.tasks = this.#newTasks();
  }

  /** The node's state as it is on the disk, whether a bit of it turned or not. */
  load(): NodeState | null {
    return this.#state;
  }

  /** The state that a starting process finds. Errors: `disk-corrupt`, and then the daemon does not start. */
  boot(): StoredNode {
    if (this.#isStateRotten) throw corruptState();
    if (this.#state === null || this.#lock.key === null) return this.#state;
    return { isLocked: true, advertiseAddr: this.#state.advertiseAddr };
  }

  /** What the node's keys are encrypted with. */
  get lock(): Lock {
    return this.#lock;
  }

  /** What is on the disk of the raft log for sure; the same object until that changes. */
  get raft(): DurableRaft {
    return this.#raft.durable;
  }

  /** How many writes there were so far. */
  get writes(): number {
    return this.#written;
  }

  /** Infinity while nobody fills it. */
  get freeBytes(): number {
    return this.#freeBytes ?? Infinity;
  }

  /** What has a turned bit. */
  get rotten(): readonly string[] {
    return [...this.#raft.rotten, ...(this.#isStateRotten ? ['state'] : [])];
  }

  /** How many writes failed so far, told or not: a machine that stands still hears of it later. What a daemon makes of the first one is final. */
  get failedWrites(): number {
    return this.#failed;
  }

  /** The power fails. */
  crash(): void {
    this.#raft.losePower(this.#random);
    this.tasks.losePower(this.#random);
    this.#crashesAt = null;
  }

  /** The power will fail in the middle of the n-th write from now; 0 takes that back, also where that write has begun. */
  crashAtWrite(n: number): void {
    this.#crashesAt = n > 0 ? this.#written + n : null;
  }

  /** Leaves room for so many bytes; Infinity makes room again, and what failed before may be tried again. */
  fill(freeBytes: number): void {
    this.#freeBytes = freeBytes === Infinity ? null : freeBytes;
  }

  /** Turns a bit on the disk; a running process does not notice, the next one does. False where there is nothing to rot. */
  rot(what: 'log' | 'snapshot' | 'state'): boolean {
    if (what !== 'state') return this.#raft.rot(what, this.#random);
    this.#isStateRotten = this.#state !== null;
    return this.#isStateRotten;
  }

  /** Empties it. */
  wipe(): void {
    this.#state = null;
    this.#lock = UNLOCKED;
    this.#isStateRotten = false;
    this.#raft.clear();
    this.tasks = this.#newTasks();
  }

  /** The disk as one process sees it; `timers` stop with the process, and with them whatever it was about to write. */
  storage(timers: Timers): NodeStorage {
    const queue = new WriteQueue((write, done) => {
      this.#perform(timers, write, done);
    });
    return {
      save: (state, done) => {
        const end = (): void => {
          this.#state = state;
          this.#isStateRotten = false;
        };
        queue.push([replacement(end, () => sizeOf(state))], done);
      },
      wipe: (done) => {
        const end = (): void => {
          this.wipe();
        };
        queue.push([replacement(end, () => 0)], done);
      },
      lock: (lock, done) => {
        const change = lockChange(this.#lock, lock);
        if (typeof change !== 'string') done(change);
        else if (change === 'none') done({ isNewlyLocked: false });
        else
          queue.push([this.#locking(lock ?? UNLOCKED)], (error) => {
            done(error ?? { isNewlyLocked: change === 'newly-locked' });
          });
      },
      unlock: (key, done) => {
        timers.after(0, () => {
          done(key === this.#lock.key ? this.#state : null);
        });
      },
      openRaft: (fresh, done) => {
        const end = (): void => {
          if (fresh) this.#raft.clear();
        };
        queue.push([replacement(end, () => 0)], (error) => {
          const stored = error ?? this.#raft.open();
          done('code' in stored ? stored : { disk: this.#raftDisk(queue), stored });
        });
      },
      agentStorage: (): AgentStorage => this.tasks,
    };
  }

  #locking(lock: Lock): Write {
    const end = (): void => {
      this.#lock = lock;
    };
    return replacement(end, () => sizeOf(this.#state));
  }

  #raftDisk(queue: WriteQueue): RaftDisk {
    return {
      save: ({ snapshot, entries, hardState, mustSync }, done) => {
        if (snapshot === undefined) queue.push(this.#appending(entries, hardState, mustSync), done);
        else {
          const rewrite = (): void => {
            this.#raft.rewrite(entries, hardState);
          };
          queue.push(this.#replacing(snapshot, rewrite), done);
        }
      },
      compact: (snapshot, keepFrom) => {
        const rewrite = (): void => {
          this.#raft.dropBefore(keepFrom);
        };
        // A failure is told by the next save.
        queue.push(this.#replacing(snapshot, rewrite), () => undefined);
      },
      sizeOf: payloadBytes,
    };
  }

  #appending(
    entries: Parameters<RaftFolder['append']>[0],
    hardState: Parameters<RaftFolder['append']>[1],
    syncs: boolean,
  ): readonly Write[] {
    if (entries.length === 0 && hardState === undefined) return NOTHING;
    return [new Append(this.#raft, entries, hardState, syncs)];
  }

  /** The new snapshot is whole on the disk before the log is replaced. */
  #replacing(snapshot: Snapshot, rewriteLog: () => void): readonly Write[] {
    const end = (): void => {
      this.#raft.replaceSnapshot(snapshot);
    };
    const undo = (): void => {
      this.#raft.break();
    };
    return [
      replacement(end, () => sizeOf(snapshot)),
      { ...replacement(rewriteLog, () => 0), undo },
    ];
  }

  #perform(timers: Timers, write: Write, done: Written): void {
    const number = (this.#written += 1);
    const refused = this.#refusal(write);
    if (refused === null) write.begin?.();
    else this.#failed += 1;
    timers.after(write.syncs ? this.syncMs : 0, () => {
      if (number === this.#crashesAt) {
        this.powerFails();
        return;
      }
      const error =
        refused ?? this.failure ?? (write.syncs && this.failsSyncs ? syncFailed() : null);
      if (error === null) {
        write.end();
        done(null);
        return;
      }
      if (refused === null) this.#failed += 1;
      // A failed sync leaves what was written in the page cache, as Linux does.
      if (!this.failsSyncs || this.failure !== null) write.undo?.();
      done(error);
    });
  }

  #refusal(write: Pick<Write, 'bytes'>): SwarmtwinError | null {
    if (this.failure !== null) return this.failure;
    if (this.#raft.isBroken) return diskFull('the raft log');
    if (this.#freeBytes === null) return null;
    const bytes = write.bytes();
    if (bytes > this.#freeBytes) return diskFull('the raft log');
    this.#freeBytes -= bytes;
    return null;
  }

  #newTasks(): TaskRecords {
    return new TaskRecords((stored) => {
      const refused = this.#refusal({ bytes: () => sizeOf(stored) });
      if (refused !== null) this.#failed += 1;
      return refused;
    });
  }
}

/** The agent's record: one file a task, written at once and never synced. On a full disk the write throws, and the live daemon ends of it. */
class TaskRecords extends MemoryAgentStorage {
  readonly #refusal: (stored: StoredTask) => SwarmtwinError | null;
  /** Written since the power last failed, not known to be on the disk. */
  readonly #loose = new Set<Task['id']>();

  constructor(refusal: (stored: StoredTask) => SwarmtwinError | null) {
    super();
    this.#refusal = refusal;
  }

  override saveTask(stored: StoredTask): void {
    const refused = this.#refusal(stored);
    if (refused !== null) throw refused;
    super.saveTask(stored);
    this.#loose.add(stored.task.id);
    const [oldest] = this.#loose;
    if (this.#loose.size > LOOSE_RECORDS && oldest !== undefined) this.#loose.delete(oldest);
  }

  losePower(random: Random): void {
    for (const id of this.#loose) if (random.below(2) === 0) this.removeTask(id);
    this.#loose.clear();
  }
}

/** Some records at the end of the log. */
class Append implements Write {
  readonly syncs: boolean;
  readonly #raft: RaftFolder;
  readonly #entries: Parameters<RaftFolder['append']>[0];
  readonly #hardState: HardState | undefined;
  #appended: Appended | null = null;

  constructor(
    raft: RaftFolder,
    entries: Parameters<RaftFolder['append']>[0],
    hardState: HardState | undefined,
    syncs: boolean,
  ) {
    this.#raft = raft;
    this.#entries = entries;
    this.#hardState = hardState;
    this.syncs = syncs;
  }

  bytes(): number {
    return sizeOf(this.#entries) + sizeOf(this.#hardState ?? '');
  }

  begin(): void {
    if (!this.#raft.isBroken) this.#appended = this.#raft.append(this.#entries, this.#hardState);
  }

  end(): void {
    if (this.syncs && this.#appended !== null) this.#raft.synced(this.#appended);
  }

  undo(): void {
    if (this.#appended !== null) this.#raft.undo(this.#appended);
  }
}

const NOTHING: readonly Write[] = [{ syncs: false, bytes: () => 0, end: () => undefined }];

interface Job {
  readonly writes: readonly Write[];
  readonly done: Written;
}

/** Writes one after the other, in the order they were asked for. */
class WriteQueue {
  readonly #perform: (write: Write, done: Written) => void;
  readonly #waiting: Job[] = [];
  #job: Job | null = null;
  /** How many writes of the job are done. */
  #written = 0;

  constructor(perform: (write: Write, done: Written) => void) {
    this.#perform = perform;
  }

  push(writes: readonly Write[], done: Written): void {
    const job = { writes, done };
    if (this.#job === null) this.#begin(job);
    else this.#waiting.push(job);
  }

  #begin(job: Job | null): void {
    this.#job = job;
    this.#written = 0;
    this.#next();
  }

  #next(): void {
    const write = this.#job?.writes[this.#written];
    if (write !== undefined) this.#perform(write, this.#done);
  }

  readonly #done: Written = (error) => {
    const job = this.#job;
    if (job === null) return;
    this.#written += 1;
    if (error === null && this.#written < job.writes.length) {
      this.#next();
      return;
    }
    this.#begin(this.#waiting.shift() ?? null);
    job.done(error);
  };
}

/** A file that is replaced: it is the old one or the new one, whole and on the disk. */
const replacement = (end: () => void, bytes: () => number): Write => ({ syncs: true, bytes, end });

const payloadSizes = new WeakMap<Payload, number>();

function payloadBytes(payload: Payload | null): number {
  if (payload === null) return 0;
  let bytes = payloadSizes.get(payload);
  if (bytes === undefined) payloadSizes.set(payload, (bytes = sizeOf(payload)));
  return bytes;
}

const sizeOf = (value: unknown): number => JSON.stringify(value).length;

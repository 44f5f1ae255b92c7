import type { SwarmtwinError } from '../../model/errors.ts';
import type { StoreAction } from '../../model/objects.ts';
import { failed, ok, type Done } from '../../model/result.ts';
import type { ConfChange, Entry, RaftId } from '../../raft/messages.ts';
import { Replica } from '../../raft/replica.ts';
import type { Status } from '../../raft/status.ts';
import type { Ports, Timer } from '../ports.ts';
import { lostLeader, tooLarge } from '../store.ts';
import type {
  Payload,
  RaftDisk,
  RaftMessage,
  RaftReady,
  RaftStored,
  State,
} from './consensus-ports.ts';

/** SwarmKit: one tick a second, a heartbeat each tick, an election after 10 to 19 ticks without a leader. */
const TICK_MS = 1000;
const ELECTION_TICKS = 10;
const HEARTBEAT_TICKS = 1;
const MAX_INFLIGHT = 256;
const MAX_MESSAGE_BYTES = 65_535;
/** SwarmKit: store.MaxTransactionBytes, and far below what a message between managers may hold. */
const MAX_TRANSACTION_BYTES = 1.5 * 1024 * 1024;

/** What the manager does with what consensus decides. */
export interface RaftEvents {
  /** A committed transaction, in order, on every member alike. */
  apply(actions: readonly StoreAction[]): void;
  applyConf(change: ConfChange): void;
  restore(state: State): void;
  /** The state to put into a snapshot. */
  state(): State;
  send(message: RaftMessage): void;
  /** After every parcel: who leads, what is applied. */
  advanced(status: Status): void;
  /** Each tick, before the replica's. */
  ticked(): void;
  /** The disk failed: this member can promise nothing any more. */
  diskFailed(error: SwarmtwinError): void;
}

export interface RaftNodeOptions {
  readonly raftId: RaftId;
  readonly stored: RaftStored;
  /** Entries between snapshots, and how many older ones stay for slow followers. 0 entries: no periodic snapshot. */
  snapshotInterval(): number;
  keepEntries(): number;
}

interface Waiter {
  readonly term: number;
  readonly done: Done<null>;
}

/** Drives one replica: ticks it, keeps the order "save, then send, then apply", and answers proposals when their entry is applied. */
export class RaftNode {
  readonly #ports: Ports;
  readonly #disk: RaftDisk;
  readonly #events: RaftEvents;
  readonly #options: RaftNodeOptions;
  readonly #replica: Replica<Payload, State>;
  readonly #waiters = new Map<number, Waiter>();
  #tick: Timer | null = null;
  /** The parcel that is being saved. */
  #parcel: RaftReady | null = null;
  #isInLoop = false;
  #stopped = false;
  /** A member that starts alone stands for election as soon as it knows that it is (SwarmKit: campaignWhenAble). */
  #mayBeAlone: boolean;
  #snapshotIndex: number;
  #appliedTerm: number;

  constructor(ports: Ports, disk: RaftDisk, events: RaftEvents, options: RaftNodeOptions) {
    this.#ports = ports;
    this.#disk = disk;
    this.#events = events;
    this.#options = options;
    const { snapshot } = options.stored;
    this.#mayBeAlone = options.stored.entries.length > 0 || snapshot !== null;
    this.#snapshotIndex = snapshot?.index ?? 0;
    this.#appliedTerm = snapshot?.term ?? 0;
    if (snapshot !== null) events.restore(snapshot.data);
    this.#replica = new Replica<Payload, State>(
      {
        id: options.raftId,
        random: () => ports.random.next(),
        electionTicks: ELECTION_TICKS,
        heartbeatTicks: HEARTBEAT_TICKS,
        maxInflight: MAX_INFLIGHT,
        maxSizePerMsgBytes: MAX_MESSAGE_BYTES,
        sizeOf: (payload) => disk.sizeOf(payload),
        checkQuorum: true,
        preVote: false,
        applied: this.#snapshotIndex,
      },
      options.stored,
    );
  }

  /** Begins ticking. `found` starts a new group with these members and stands for election at once. */
  start(found: readonly ConfChange[] = []): void {
    if (found.length > 0) {
      this.#replica.bootstrap(found);
      this.#mayBeAlone = true;
    }
    // What is committed is applied first: it may say that there are others.
    if (this.#options.stored.hardState.commit <= this.#snapshotIndex) this.#campaignIfAlone();
    this.#process();
    this.#armTick();
  }

  stop(): void {
    this.#stopped = true;
    this.#tick?.cancel();
    this.failWaiters();
  }

  status(): Status {
    return this.#replica.status();
  }

  /** Ahead of `status()` while a parcel is applied: a transaction that begins then sees its predecessor counted. */
  commitIndex(): number {
    return this.#replica.commit;
  }

  receive(message: RaftMessage): void {
    this.#replica.step(message);
    this.#process();
  }

  /** Commits a transaction; `done` after it is applied here, or with why it may not have been. */
  propose(actions: readonly StoreAction[], done: Done<null>): void {
    const payload = { actions };
    // A member that cannot be sent an entry gets none that follows it either.
    if (this.#disk.sizeOf(payload) > MAX_TRANSACTION_BYTES) done(failed(tooLarge()));
    else this.#await(this.#replica.propose(payload), done);
  }

  proposeConfChange(change: ConfChange, done: Done<null>): void {
    this.#await(this.#replica.proposeConfChange(change), done);
  }

  transferLeadership(to: RaftId): void {
    this.#replica.transferLeadership(to);
    this.#process();
  }

  reportUnreachable(id: RaftId): void {
    this.#replica.reportUnreachable(id);
  }

  reportSnapshot(id: RaftId, delivered: boolean): void {
    this.#replica.reportSnapshot(id, delivered);
    this.#process();
  }

  /** Whoever waits for a commit is told that the lead was lost; the entry may still be committed by a later leader. */
  failWaiters(): void {
    if (this.#waiters.size === 0) return;
    const waiters = [...this.#waiters.values()];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.done(failed(lostLeader()));
  }

  #await(
    position: { readonly index: number; readonly term: number } | null,
    done: Done<null>,
  ): void {
    if (position === null || this.#stopped) {
      done(failed(lostLeader()));
      return;
    }
    this.#waiters.set(position.index, { term: position.term, done });
    this.#process();
  }

  #armTick(): void {
    this.#tick = this.#ports.timers.after(TICK_MS, () => {
      if (this.#stopped) return;
      this.#armTick();
      this.#events.ticked();
      this.#replica.tick();
      this.#process();
    });
  }

  // One parcel is out at a time. A disk that answers at once must not deepen the stack, hence the loop.
  #process(): void {
    while (this.#parcel === null && !this.#stopped && this.#replica.hasReady()) {
      const parcel = this.#replica.ready();
      this.#parcel = parcel;
      for (const message of parcel.messages)
        if (mayPrecedeSave(message)) this.#events.send(message);
      this.#isInLoop = true;
      this.#disk.save(parcel, this.#saved);
      this.#isInLoop = false;
    }
  }

  readonly #saved = (error: SwarmtwinError | null): void => {
    const parcel = this.#parcel;
    if (this.#stopped || parcel === null) return;
    if (error !== null) {
      this.stop();
      this.#events.diskFailed(error);
      return;
    }
    const isInLoop = this.#isInLoop;
    this.#finish(parcel);
    this.#parcel = null;
    if (!isInLoop) this.#process();
  };

  #finish(parcel: RaftReady): void {
    for (const message of parcel.messages) if (!mayPrecedeSave(message)) this.#events.send(message);
    if (parcel.snapshot !== undefined) {
      this.#snapshotIndex = parcel.snapshot.index;
      this.#appliedTerm = parcel.snapshot.term;
      this.#events.restore(parcel.snapshot.data);
    }
    for (const entry of parcel.committed) this.#apply(entry);
    this.#replica.advance(parcel);
    this.#campaignIfAlone();
    const status = this.#replica.status();
    this.#events.advanced(status);
    this.#maybeSnapshot(status);
  }

  #campaignIfAlone(): void {
    if (!this.#mayBeAlone) return;
    const { members } = this.#replica.status();
    if (members.length === 0) return;
    this.#mayBeAlone = false;
    if (members.length === 1 && members[0] === this.#options.raftId) this.#replica.campaign();
  }

  #apply(entry: Entry<Payload>): void {
    this.#appliedTerm = entry.term;
    if (entry.kind === 'conf') {
      this.#replica.applyConfChange(entry.change);
      this.#events.applyConf(entry.change);
    } else if (entry.payload !== null) {
      this.#events.apply(entry.payload.actions);
    }
    const waiter = this.#waiters.get(entry.index);
    if (waiter === undefined) return;
    this.#waiters.delete(entry.index);
    waiter.done(waiter.term === entry.term ? ok(null) : failed(lostLeader()));
  }

  #maybeSnapshot(status: Status): void {
    const sinceSnapshot = status.applied - this.#snapshotIndex;
    if (sinceSnapshot === 0) return;
    const interval = this.#options.snapshotInterval();
    if (interval === 0 || sinceSnapshot < interval) return;
    const keepFrom = Math.max(status.firstIndex, status.applied - this.#options.keepEntries() + 1);
    const { applied, members } = status;
    const snapshot = {
      index: applied,
      term: this.#appliedTerm,
      members,
      data: this.#events.state(),
    };
    this.#replica.compact(keepFrom - 1, snapshot);
    this.#disk.compact(snapshot, keepFrom);
    this.#snapshotIndex = applied;
  }
}

// A leader may write to its disk while its followers write to theirs: it counts its own copy only after `advance`, and a crash before that
// takes nothing back that anybody was promised (Ongaro's thesis, 10.2.1). Votes and acknowledgements promise, so they wait for the disk.
const mayPrecedeSave = ({ type }: RaftMessage): boolean => type === 'app' || type === 'heartbeat';

import { SwarmError, isSwarmError } from '../model/errors.ts';
import type { StoreAction } from '../model/objects.ts';
import { failed, ok, type Done } from '../model/result.ts';
import type { Clock } from './ports.ts';
import type { StoreEvent, Watcher } from './store-watch.ts';
import { CommittedTables, type Reader, type TablesData } from './tables.ts';
import { Transaction } from './transaction.ts';

/** Hands a transaction's actions to consensus and answers once they are committed, or with why they are not known to be. */
export interface Proposer {
  propose(actions: readonly StoreAction[], done: Done<null>): void;
  /** The raft commit index now; the version of whatever a transaction that begins now will write. */
  commitIndex(): number;
}

interface Pending {
  readonly change: (transaction: Transaction) => unknown;
  readonly done: Done<unknown>;
}

/** SwarmKit: at most 200 changes in one transaction of a batch. */
const MAX_CHANGES_PER_BATCH = 200;

/**
 * The replicated store. Reads see the committed state. Writes are queued: one transaction is in flight at a time, each begins when the one
 * before is committed and applied, so a transaction always reads the newest state (SwarmKit: store.MemoryStore).
 */
export class Store {
  readonly read: Reader;
  readonly #tables = new CommittedTables();
  readonly #watchers = new Set<Watcher>();
  readonly #queue: Pending[] = [];
  readonly #clock: Clock;
  #proposer: Proposer | null = null;
  #inFlight = false;
  #draining = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.read = this.#tables;
  }

  /** A leader sets its proposer; null, when leadership ends, fails whatever is queued. */
  setProposer(proposer: Proposer | null): void {
    this.#proposer = proposer;
    this.#inFlight = false;
    if (proposer !== null) return;
    for (const pending of this.#queue.splice(0)) pending.done(failed(lostLeader()));
  }

  /**
   * Runs `change` on the newest state and commits what it did; `done` gets what it returned. When it throws a SwarmError nothing is written and
   * `done` gets the error. A transaction without changes is not proposed.
   */
  update<T>(change: (transaction: Transaction) => T, done: Done<T> = () => undefined): void {
    if (this.#proposer === null) {
      done(failed(lostLeader()));
      return;
    }
    this.#queue.push({ change, done: done as Done<unknown> });
    this.#drain();
  }

  /** Runs many small changes in as few transactions as the limit of 200 changes allows. A change that throws is left out. */
  batch(
    changes: readonly ((transaction: Transaction) => void)[],
    done: Done<null> = () => undefined,
  ): void {
    this.#batchFrom(changes, 0, done);
  }

  /** Adds a watcher of committed transactions; the answer removes it. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Applies committed actions, on every member alike, and tells the watchers. */
  apply(actions: readonly StoreAction[]): void {
    const events: StoreEvent[] = [];
    for (const action of actions) {
      const event = this.#tables.apply(action);
      if (event !== null) events.push(event);
    }
    if (events.length > 0) for (const watcher of [...this.#watchers]) watcher(events);
  }

  snapshot(): TablesData {
    return this.#tables.data();
  }

  /** Takes a snapshot's state. Watchers are not told: only followers restore, and they have no loops. */
  restore(data: TablesData): void {
    this.#tables.restore(data);
  }

  // What is too large for one transaction is tried in smaller ones.
  #batchFrom(
    changes: readonly ((transaction: Transaction) => void)[],
    from: number,
    done: Done<null>,
    most = MAX_CHANGES_PER_BATCH,
  ): void {
    if (from >= changes.length) {
      done(ok(null));
      return;
    }
    this.update(
      (transaction) => {
        let next = from;
        while (next < changes.length && transaction.actions.length < most) {
          attempt(changes[next], transaction);
          next += 1;
        }
        return next;
      },
      (result) => {
        if (result.ok) this.#batchFrom(changes, result.value, done, most);
        else if (result.error.message === TOO_LARGE && most > 1)
          this.#batchFrom(changes, from, done, Math.ceil(most / 8));
        else done(result);
      },
    );
  }

  // A loop and not a recursion: changes that need no commit, or are committed at once, must not deepen the stack.
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      while (this.#next());
    } finally {
      this.#draining = false;
    }
  }

  /** Begins the next transaction; false where there is none, or it has to wait. */
  #next(): boolean {
    const proposer = this.#proposer;
    if (this.#inFlight || proposer === null) return false;
    const pending = this.#queue.shift();
    if (pending === undefined) return false;
    this.#inFlight = true;
    const transaction = new Transaction(this.#tables, proposer.commitIndex(), this.#clock.now());
    const outcome = run(pending.change, transaction);
    const finish: Done<null> = (result) => {
      // A late answer for a leadership that is over must not release the queue of a new one.
      if (this.#proposer === proposer) this.#inFlight = false;
      pending.done(result.ok ? outcome : result);
      if (this.#proposer === proposer) this.#drain();
    };
    if (!outcome.ok) finish(outcome);
    else if (transaction.actions.length === 0) finish(ok(null));
    else proposer.propose(transaction.actions, finish);
    return true;
  }
}

const TOO_LARGE = "raft: raft message is too large and can't be sent";

/** SwarmKit: ErrRequestTooLarge. Nothing was written. */
export const tooLarge = (): SwarmError => new SwarmError('Unknown', TOO_LARGE);

/** SwarmKit: the answer to a write that was accepted by a leader which then lost the lead. Whether it happened is unknown. */
export const lostLeader = (): SwarmError =>
  new SwarmError('Unknown', 'raft: failed to process the request: node lost leader status');

function run(
  change: (transaction: Transaction) => unknown,
  transaction: Transaction,
): ReturnType<typeof ok<unknown>> | ReturnType<typeof failed> {
  try {
    return ok(change(transaction));
  } catch (caught) {
    if (isSwarmError(caught)) return failed(caught);
    throw caught;
  }
}

// One change of a batch that no longer fits (its object is gone or newer) is left out; its loop sees the newer state and decides again.
function attempt(
  change: ((transaction: Transaction) => void) | undefined,
  transaction: Transaction,
): void {
  const outcome = run((inner) => change?.(inner), transaction);
  if (
    !outcome.ok &&
    outcome.error.code !== 'NotFound' &&
    outcome.error.message !== 'update out of sequence'
  )
    throw outcome.error;
}

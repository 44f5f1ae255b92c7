/**
 * The replicated log in memory: what is stored, what still has to be, what is committed, what is
 * applied. Invariants:
 *
 *   offset <= applied <= commit <= lastIndex        (but while a snapshot waits to be saved,
 *   offset <= stable  <= lastIndex                   applied may lag behind offset)
 */
import type { Entry, Snapshot } from './messages.ts';
import type { Stored } from './ready.ts';

/** What most parcels hold of entries. */
const NONE: readonly never[] = [];

export class Log<P, S> {
  /** entries[i] has index offset + 1 + i. */
  #entries: Entry<P>[] = [];
  /** The entry just before the first kept one: compacted away, its term still known. */
  #offset = 0;
  #offsetTerm = 0;
  #stable = 0;
  #commit = 0;
  #applied: number;
  #snapshot: Snapshot<S> | null;
  #incoming: Snapshot<S> | null = null;

  /** `applied` is how far the host's state machine already is; at least the snapshot's index. */
  constructor(stored: Stored<P, S>, applied: number) {
    this.#snapshot = stored.snapshot;
    this.#offset = stored.snapshot?.index ?? 0;
    this.#offsetTerm = stored.snapshot?.term ?? 0;
    for (const entry of stored.entries) {
      if (entry.index <= this.#offset) continue;
      requireThat(entry.index === this.lastIndex + 1, `stored entry ${entry.index} leaves a gap`);
      requireThat(entry.term >= this.lastTerm, `stored entry ${entry.index} is of an older log`);
      this.#entries.push(entry);
    }
    this.#stable = this.lastIndex;
    this.#commit = Math.max(stored.hardState.commit, this.#offset);
    this.#applied = Math.max(applied, this.#offset);
    requireThat(this.#commit <= this.lastIndex, `commit ${this.#commit} is past the stored log`);
    requireThat(this.#applied <= this.#commit, `applied ${applied} is past the commit index`);
  }

  get firstIndex(): number {
    return this.#offset + 1;
  }
  get lastIndex(): number {
    return this.#offset + this.#entries.length;
  }
  get lastTerm(): number {
    return this.termAt(this.lastIndex) ?? 0;
  }
  /** The last index the host reported stored. */
  get stable(): number {
    return this.#stable;
  }
  get commit(): number {
    return this.#commit;
  }
  get applied(): number {
    return this.#applied;
  }
  /** The newest snapshot, for followers that are too far behind. */
  get snapshot(): Snapshot<S> | null {
    return this.#snapshot;
  }
  /** A snapshot received but not yet stored by the host. */
  get incoming(): Snapshot<S> | null {
    return this.#incoming;
  }

  /** The term of an entry, or null where the log does not reach. */
  termAt(index: number): number | null {
    if (index === this.#offset) return this.#offsetTerm;
    return this.#entries[index - this.#offset - 1]?.term ?? null;
  }

  matches(index: number, term: number): boolean {
    return this.termAt(index) === term;
  }

  /** Whether a log ending in (index, term) holds at least all that this one may have committed. */
  isUpToDate(index: number, term: number): boolean {
    return term > this.lastTerm || (term === this.lastTerm && index >= this.lastIndex);
  }

  /**
   * The last index, not above `index`, whose term is at most `term`: all between cannot be in a
   * log that has `term` at `index`, so a refusal skips whole terms instead of single entries.
   */
  lastIndexUpToTerm(index: number, term: number): number {
    let at = index;
    for (; at > 0; at--) {
      const own = this.termAt(at);
      if (own === null || own <= term) break;
    }
    return at;
  }

  append(entry: Entry<P>): void {
    requireThat(entry.index === this.lastIndex + 1, `entry ${entry.index} leaves a gap`);
    this.#entries.push(entry);
  }

  /**
   * Takes over a leader's entries after `previous`, which must match. Entries already here stay;
   * from the first that differs on, the leader's replace ours. Returns the last shared index.
   */
  accept(previous: number, entries: readonly Entry<P>[]): number {
    for (const entry of entries) {
      if (this.matches(entry.index, entry.term)) continue;
      if (entry.index <= this.lastIndex) this.#truncate(entry.index);
      this.append(entry);
    }
    return previous + entries.length;
  }

  /** Commits up to `index`, as far as the log reaches. Returns false when that is no news. */
  commitTo(index: number): boolean {
    const reached = Math.min(index, this.lastIndex);
    if (reached <= this.#commit) return false;
    this.#commit = reached;
    return true;
  }

  /** Entries from `from` to the end, as many as `maxBytes` allow but at least one. */
  slice(from: number, maxBytes: number, sizeOf: (entry: Entry<P>) => number): Entry<P>[] {
    const start = from - this.#offset - 1;
    // Nothing to measure: one entry always fits.
    if (this.#entries.length - start <= 1) return this.#entries.slice(start);
    let end = start;
    for (let bytes = 0; end < this.#entries.length; end++) {
      const entry = this.#entries[end];
      if (entry === undefined) break;
      bytes += sizeOf(entry);
      if (bytes > maxBytes && end > start) break;
    }
    return this.#entries.slice(start, end);
  }

  get hasUnstable(): boolean {
    return this.#stable < this.lastIndex;
  }

  unstable(): readonly Entry<P>[] {
    return this.#between(this.#stable, this.lastIndex);
  }

  get hasCommitted(): boolean {
    return this.#incoming === null && this.#applied < this.#commit;
  }

  /** Committed but not yet applied; nothing while a snapshot has to be installed first. */
  committed(): readonly Entry<P>[] {
    return this.hasCommitted ? this.#between(this.#applied, this.#commit) : NONE;
  }

  /** Whether a membership change is committed whose effect the host has not yet told us. */
  get hasUnappliedChange(): boolean {
    return this.#between(this.#applied, this.#commit).some((entry) => entry.kind === 'conf');
  }

  /** The host stored everything up to `last`; it counts only if that entry is still ours. */
  stored(last: Entry<P>): void {
    if (last.index > this.#stable && this.matches(last.index, last.term)) this.#stable = last.index;
  }

  appliedTo(index: number): void {
    this.#applied = Math.max(this.#applied, index);
  }

  /** Replaces the whole log by a snapshot from the leader, to be stored by the host. */
  restore(snapshot: Snapshot<S>): void {
    this.#entries = [];
    this.#offset = this.#stable = this.#commit = snapshot.index;
    this.#offsetTerm = snapshot.term;
    this.#snapshot = this.#incoming = snapshot;
  }

  /** The host stored and installed this snapshot. */
  restored(snapshot: Snapshot<S>): void {
    if (this.#incoming === snapshot) this.#incoming = null;
    this.appliedTo(snapshot.index);
  }

  /** Forgets entries up to `index`; `snapshot` stands in for them from now on. */
  compact(index: number, snapshot: Snapshot<S>): void {
    requireThat(index <= snapshot.index, `no snapshot covers the entries up to ${index}`);
    requireThat(snapshot.index <= this.#applied, `snapshot ${snapshot.index} is not yet applied`);
    if (snapshot.index > (this.#snapshot?.index ?? 0)) this.#snapshot = snapshot;
    if (index <= this.#offset) return;
    this.#offsetTerm = this.termAt(index) ?? 0;
    this.#entries = this.#entries.slice(index - this.#offset);
    this.#offset = index;
  }

  /** The kept membership changes the host's state already has; on top of the snapshot's members. */
  changesApplied(): readonly Entry<P>[] {
    return this.#between(this.#offset, this.#applied).filter((entry) => entry.kind === 'conf');
  }

  #between(after: number, upTo: number): readonly Entry<P>[] {
    const start = Math.max(after, this.#offset) - this.#offset;
    const end = upTo - this.#offset;
    return end > start ? this.#entries.slice(start, end) : NONE;
  }

  #truncate(from: number): void {
    requireThat(from > this.#commit, `entry ${from} is committed and cannot be replaced`);
    this.#entries.length = from - this.#offset - 1;
    this.#stable = Math.min(this.#stable, from - 1);
  }
}

function requireThat(holds: boolean, broken: string): void {
  if (!holds) throw new Error(`raft log: ${broken}`);
}

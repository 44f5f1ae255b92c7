/**
 * One member of a Raft group as a plain state machine: ticks, messages and proposals go in,
 * parcels of things to store, send and apply come out (`ready`, `advance`). No clock, no disk.
 */
import { Core } from './core.ts';
import type { ReplicaConfig } from './core.ts';
import {
  acceptUpTo,
  handleAppend,
  handleHeartbeat,
  handleSnapshot,
  handleVote,
} from './follower.ts';
import { Leadership } from './leadership.ts';
import type { Position } from './leadership.ts';
import { isWellFormed } from './message-form.ts';
import { CAMPAIGN_TRANSFER } from './messages.ts';
import type { ConfChange, HardState, Message, RaftId, Snapshot } from './messages.ts';
import { tally } from './quorum.ts';
import type { Ready, Role, SoftState, Stored } from './ready.ts';
import { StatusNow, type Status } from './status.ts';

export class Replica<P, S> {
  readonly #core: Core<P, S>;
  #leadership: Leadership<P, S> | null = null;
  readonly #votes = new Map<RaftId, boolean>();
  /** The parcel the host is working on; there is at most one. */
  #parcel: Ready<P, S> | null = null;
  #toldHard: HardState;
  #toldSoft: SoftState = { leader: '', role: 'follower' };
  /** The term and vote known to be on disk. */
  #durable: HardState;

  /**
   * `stored` is what the host read back. Entries after `config.applied` that are known committed
   * are handed out again. Throws when the stored pieces cannot belong together.
   */
  constructor(config: ReplicaConfig<P>, stored: Stored<P, S>) {
    this.#core = new Core<P, S>(config, stored);
    this.#toldHard = this.#durable = stored.hardState;
    for (const entry of this.#core.log.changesApplied()) {
      if (entry.kind === 'conf') this.applyConfChange(entry.change);
    }
  }

  /** Starts a new group whose log begins with these committed additions, ourselves among them. */
  bootstrap(additions: readonly ConfChange[]): void {
    const { log } = this.#core;
    if (log.lastIndex > 0) throw new Error('raft: bootstrap needs a replica that never ran');
    this.#become('follower', 1, '');
    for (const change of additions) {
      log.append({ index: log.lastIndex + 1, term: 1, kind: 'conf', change });
    }
    log.commitTo(log.lastIndex);
  }

  /** One tick of the clock (Swarm: a second). */
  tick(): void {
    const core = this.#core;
    if (this.#leadership !== null) {
      if (!this.#leadership.tick()) this.#become('follower', core.term, '');
    } else {
      core.electionElapsed++;
      if (core.promotable && core.electionDue) {
        core.electionElapsed = 0;
        this.#campaign('');
      }
    }
    core.countLeaderless();
  }

  /** Takes a message of another member. Malformed and outdated ones change nothing. */
  step(message: Message<P, S>): void {
    const core = this.#core;
    if (!isWellFormed(message, core.id)) return;
    if (message.term < core.term) {
      this.#answerOutdated(message);
      return;
    }
    if (message.term > core.term) {
      if (this.#refusesNewTerm(message)) return;
      this.#become('follower', message.term, leaderOf(message));
    }
    this.#dispatch(message);
  }

  /** Null when not the leader, or while the lead is being handed over. */
  propose(payload: P): Position | null {
    return this.#leadership?.propose(payload) ?? null;
  }

  /** As `propose`; also null while an earlier change is not yet applied. */
  proposeConfChange(change: ConfChange): Position | null {
    return this.#leadership?.proposeConfChange(change) ?? null;
  }

  /** Stands for election now, without waiting for the timeout. */
  campaign(): void {
    this.#campaign('');
  }

  /** Leader only: makes `to` the leader; given up after an election timeout. */
  transferLeadership(to: RaftId): void {
    this.#leadership?.transfer(to);
  }

  /** Leader only: the host could not deliver a message to this member. */
  reportUnreachable(id: RaftId): void {
    this.#leadership?.reportUnreachable(id);
  }

  /** Leader only: the host delivered, or lost, the snapshot for this member. Must be called. */
  reportSnapshot(id: RaftId, delivered: boolean): void {
    this.#leadership?.reportSnapshot(id, delivered);
  }

  /** Whether `ready` has something new; false while a parcel is out. */
  hasReady(): boolean {
    if (this.#parcel !== null) return false;
    const { log, hasMessages } = this.#core;
    return (
      hasMessages ||
      log.hasUnstable ||
      log.hasCommitted ||
      log.incoming !== null ||
      this.#hasHardNews ||
      this.#hasSoftNews
    );
  }

  /** The next parcel; see `Ready` for the host's duties. Throws while another parcel is out. */
  ready(): Ready<P, S> {
    if (this.#parcel !== null) throw new Error('raft: ready() before advance() of the last parcel');
    const { log } = this.#core;
    const hardState = this.#hardNews();
    const softState = this.#softNews();
    const { term, vote } = this.#toldHard;
    const newVote = hardState !== undefined && (hardState.term !== term || hardState.vote !== vote);
    const snapshot = log.incoming ?? undefined;
    this.#toldHard = hardState ?? this.#toldHard;
    this.#toldSoft = softState ?? this.#toldSoft;
    this.#parcel = {
      hardState,
      snapshot,
      softState,
      entries: log.unstable(),
      messages: this.#core.takeMessages(),
      committed: log.committed(),
      mustSync: newVote || log.hasUnstable || snapshot !== undefined,
    };
    return this.#parcel;
  }

  /**
   * The host stored and applied this parcel. Only now do our own vote and our own copy of the
   * entries count. Throws for any parcel but the one that is out.
   */
  advance(parcel: Ready<P, S>): void {
    if (parcel !== this.#parcel) throw new Error('raft: advance() of a parcel that is not out');
    this.#parcel = null;
    const { log } = this.#core;
    this.#durable = parcel.hardState ?? this.#durable;
    if (parcel.snapshot !== undefined) log.restored(parcel.snapshot);
    const last = parcel.entries.at(-1);
    if (last !== undefined) log.stored(last);
    const applied = parcel.committed.at(-1);
    if (applied !== undefined) log.appliedTo(applied.index);
    this.#countOwnVote();
    this.#leadership?.persisted();
  }

  /**
   * The host applies a committed membership change. Returns the members from now on. Nothing
   * changes while a newer snapshot waits to be installed, since that has its own members.
   */
  applyConfChange(change: ConfChange): readonly RaftId[] {
    const core = this.#core;
    if (core.log.incoming !== null) return core.members;
    if (change.type === 'add' && core.addMember(change.raftId)) {
      this.#leadership?.memberAdded(change.raftId);
    }
    if (change.type === 'remove' && core.removeMember(change.raftId)) {
      if (change.raftId !== core.id) this.#leadership?.memberRemoved(change.raftId);
      else if (core.role === 'leader') this.#become('follower', core.term, '');
    }
    return core.members;
  }

  /**
   * Forgets log entries up to `index`. `snapshot`, taken at an applied index at or after it, is
   * sent to followers that need the forgotten ones. Throws when it cannot stand in for them.
   */
  compact(index: number, snapshot: Snapshot<S>): void {
    this.#core.log.compact(index, snapshot);
  }

  /** The term of the entry at `index`, or null where the kept log does not reach. */
  termAt(index: number): number | null {
    return this.#core.log.termAt(index);
  }

  get role(): Role {
    return this.#core.role;
  }
  get leader(): RaftId {
    return this.#core.leader;
  }
  get term(): number {
    return this.#core.term;
  }
  get commit(): number {
    return this.#core.log.commit;
  }

  status(): Status {
    return new StatusNow(this.#core, this.#leadership);
  }

  #dispatch(message: Message<P, S>): void {
    const core = this.#core;
    switch (message.type) {
      case 'app':
        if (this.#obeys(message.from)) handleAppend(core, message);
        break;
      case 'heartbeat':
        if (this.#obeys(message.from)) handleHeartbeat(core, message);
        break;
      case 'snap':
        if (this.#obeys(message.from)) handleSnapshot(core, message);
        break;
      case 'vote':
        handleVote(core, message);
        break;
      case 'voteResp':
        if (core.role === 'candidate') this.#countVote(message.from, !message.reject);
        break;
      case 'appResp':
        this.#leadership?.handleAppendResponse(message);
        break;
      case 'heartbeatResp':
        this.#leadership?.handleHeartbeatResponse(message);
        break;
      case 'timeoutNow':
        if (core.role === 'follower') this.#campaign(CAMPAIGN_TRANSFER);
        break;
    }
  }

  /** Follows the sender of a leader's message; false if we are this term's leader ourselves. */
  #obeys(leader: RaftId): boolean {
    if (this.#core.role === 'leader') return false;
    if (this.#core.role === 'candidate') this.#become('follower', this.#core.term, leader);
    else this.#core.heard(leader);
    return true;
  }

  /** A follower that hears its leader keeps its term, unless that very leader asked for the vote. */
  #refusesNewTerm(message: Message<P, S>): boolean {
    return message.type === 'vote' && message.context !== CAMPAIGN_TRANSFER && this.#core.inLease;
  }

  /**
   * A leader of an older term learns ours from our answer. Without it, a member that campaigned
   * while it was cut off would ignore the leader, and be ignored by the others' leases, for ever.
   */
  #answerOutdated(message: Message<P, S>): void {
    const fromLeader = message.type === 'app' || message.type === 'heartbeat';
    if (fromLeader && this.#core.config.checkQuorum) acceptUpTo(this.#core, message.from, 0);
  }

  #become(role: Role, term: number, leader: RaftId): void {
    this.#leadership = null;
    this.#votes.clear();
    this.#core.enter(role, term, leader);
  }

  #campaign(context: string): void {
    const core = this.#core;
    if (core.role === 'leader' || !core.promotable || core.log.hasUnappliedChange) return;
    this.#become('candidate', core.term + 1, '');
    core.vote = core.id;
    const { id, log, term } = core;
    for (const to of core.members) {
      if (to === id) continue;
      core.send({
        type: 'vote',
        to,
        from: id,
        term,
        index: log.lastIndex,
        logTerm: log.lastTerm,
        context,
      });
    }
  }

  /** Our own vote is worth nothing before a crash could no longer make us forget it. */
  #countOwnVote(): void {
    const { id, role, term } = this.#core;
    const stored = this.#durable.term === term && this.#durable.vote === id;
    if (role === 'candidate' && stored && !this.#votes.has(id)) this.#countVote(id, true);
  }

  /** A member's first answer stands. */
  #countVote(from: RaftId, granted: boolean): void {
    const core = this.#core;
    if (!this.#votes.has(from)) this.#votes.set(from, granted);
    const result = tally(core.members, this.#votes);
    if (result === 'won') {
      this.#become('leader', core.term, core.id);
      this.#leadership = new Leadership<P, S>(core);
    } else if (result === 'lost') {
      this.#become('follower', core.term, '');
    }
  }

  get #hasHardNews(): boolean {
    const { log, term, vote } = this.#core;
    const told = this.#toldHard;
    return told.term !== term || told.vote !== vote || told.commit !== log.commit;
  }

  get #hasSoftNews(): boolean {
    const { leader, role } = this.#core;
    return this.#toldSoft.leader !== leader || this.#toldSoft.role !== role;
  }

  #hardNews(): HardState | undefined {
    if (!this.#hasHardNews) return undefined;
    const { log, term, vote } = this.#core;
    return { term, vote, commit: log.commit };
  }

  #softNews(): SoftState | undefined {
    if (!this.#hasSoftNews) return undefined;
    const { leader, role } = this.#core;
    return { leader, role };
  }
}

/** Who leads the message's term, as far as the message tells. */
function leaderOf<P, S>(message: Message<P, S>): RaftId {
  const { type, from } = message;
  return type === 'app' || type === 'heartbeat' || type === 'snap' ? from : '';
}

/** One leader's reign: made when an election is won, dropped when it ends. */
import type { Core } from './core.ts';
import type {
  AppendResponse,
  ConfChange,
  Entry,
  HeartbeatResponse,
  Message,
  RaftId,
} from './messages.ts';
import { Progress } from './progress.ts';
import type { ProgressView } from './progress.ts';
import { majority, majorityIndex } from './quorum.ts';

/** Where a proposal was put; it may still be lost, and then another term stands at that index. */
export interface Position {
  readonly index: number;
  readonly term: number;
}

export class Leadership<P, S> {
  /** Index of this term's first, empty entry: once applied, so is everything before this reign. */
  readonly termStartIndex: number;
  /** The member being handed the lead; '' while none is. */
  transferee: RaftId = '';
  readonly #core: Core<P, S>;
  readonly #followers = new Map<RaftId, Progress>();
  /** No membership change may be proposed before this index is applied. */
  #pendingChangeIndex: number;
  #heartbeatElapsed = 0;

  constructor(core: Core<P, S>) {
    this.#core = core;
    const { log } = core;
    for (const member of core.members) {
      if (member !== core.id) this.#follow(member, false);
    }
    this.#pendingChangeIndex = log.lastIndex;
    this.termStartIndex = this.#append({ kind: 'normal', payload: null }).index;
  }

  /** One tick. Returns false when a majority was silent for an election timeout: step down. */
  tick(): boolean {
    const { electionTicks, heartbeatTicks } = this.#core.config;
    if (++this.#core.electionElapsed >= electionTicks) {
      this.#core.electionElapsed = 0;
      if (!this.#checkQuorum()) return false;
      this.transferee = '';
    }
    if (++this.#heartbeatElapsed >= heartbeatTicks) {
      this.#heartbeatElapsed = 0;
      this.#broadcastHeartbeat();
    }
    return true;
  }

  propose(payload: P): Position | null {
    if (this.transferee !== '') return null;
    return this.#append({ kind: 'normal', payload });
  }

  /** At most one change is under way, or two majorities could exist that do not overlap. */
  proposeConfChange(change: ConfChange): Position | null {
    if (this.transferee !== '' || this.#pendingChangeIndex > this.#core.log.applied) return null;
    const position = this.#append({ kind: 'conf', change });
    this.#pendingChangeIndex = position.index;
    return position;
  }

  /** Our own log reached the disk: only now does it count for the majority. */
  persisted(): void {
    this.#commit();
  }

  handleAppendResponse(message: AppendResponse): void {
    const progress = this.#followers.get(message.from);
    if (progress === undefined) return;
    progress.recentActive = true;
    if (message.reject) this.#rejected(message, progress);
    else if (message.index <= this.#core.log.lastIndex) this.#accepted(message, progress);
  }

  handleHeartbeatResponse(message: HeartbeatResponse): void {
    const progress = this.#followers.get(message.from);
    if (progress === undefined) return;
    progress.recentActive = true;
    progress.resume();
    if (progress.match < this.#core.log.lastIndex) this.#sendAppend(message.from, progress, true);
  }

  /** Hands the lead to `to`, at once or as soon as it holds the whole log. */
  transfer(to: RaftId): void {
    const progress = this.#followers.get(to);
    if (progress === undefined || this.transferee === to) return;
    this.transferee = to;
    this.#core.electionElapsed = 0;
    if (!this.#completeTransfer(to, progress)) this.#sendAppend(to, progress, true);
  }

  /** A message to this follower was lost: go back to the last sure point. */
  reportUnreachable(id: RaftId): void {
    const progress = this.#followers.get(id);
    if (progress?.state === 'replicate') progress.becomeProbe();
  }

  /** The snapshot for this follower was delivered, or lost. */
  reportSnapshot(id: RaftId, delivered: boolean): void {
    const progress = this.#followers.get(id);
    if (progress?.state === 'snapshot') progress.endSnapshot(delivered);
  }

  memberAdded(id: RaftId): void {
    if (id === this.#core.id) return;
    this.#sendAppend(id, this.#follow(id, true), true);
  }

  /** A smaller group may already have a majority for what a larger one had not. */
  memberRemoved(id: RaftId): void {
    this.#followers.delete(id);
    if (this.transferee === id) this.transferee = '';
    this.#commit();
  }

  /** Every member's progress, our own included, sorted by id. */
  progress(): ReadonlyMap<RaftId, ProgressView> {
    const { id, log, members } = this.#core;
    const views = new Map<RaftId, ProgressView>();
    for (const member of members) {
      const progress = this.#followers.get(member);
      if (progress !== undefined) {
        const { match, next, state, recentActive } = progress;
        views.set(member, { match, next, state, recentActive });
      } else if (member === id) {
        const next = log.lastIndex + 1;
        views.set(id, { match: log.stable, next, state: 'replicate', recentActive: true });
      }
    }
    return views;
  }

  broadcastAppend(): void {
    for (const [id, progress] of this.#followers) this.#sendAppend(id, progress, true);
  }

  /** A new follower counts as heard from only when it has just joined. */
  #follow(id: RaftId, recentActive: boolean): Progress {
    const { config, log } = this.#core;
    const progress = new Progress(log.lastIndex + 1, recentActive, config.maxInflight);
    this.#followers.set(id, progress);
    return progress;
  }

  #append(
    body: { kind: 'normal'; payload: P | null } | { kind: 'conf'; change: ConfChange },
  ): Position {
    const { log, term } = this.#core;
    const index = log.lastIndex + 1;
    log.append({ index, term, ...body });
    this.broadcastAppend();
    return { index, term };
  }

  #checkQuorum(): boolean {
    const { config, id, members } = this.#core;
    let active = members.includes(id) ? 1 : 0;
    for (const progress of this.#followers.values()) {
      if (progress.recentActive) active++;
      progress.recentActive = false;
    }
    return !config.checkQuorum || active >= majority(members.length);
  }

  /** Commits by counting, but only entries of this term: older ones go with them (Raft 5.4.2). */
  #commit(): boolean {
    const { id, log, members, term } = this.#core;
    if (log.commit === log.lastIndex) return false;
    const matches = members.map((member) =>
      member === id ? log.stable : (this.#followers.get(member)?.match ?? 0),
    );
    const reached = majorityIndex(matches);
    if (!log.matches(reached, term) || !log.commitTo(reached)) return false;
    this.broadcastAppend();
    return true;
  }

  #rejected(message: AppendResponse, progress: Progress): void {
    const { log } = this.#core;
    const hint =
      message.logTerm > 0
        ? log.lastIndexUpToTerm(message.rejectHint, message.logTerm)
        : message.rejectHint;
    if (!progress.reject(message.index, hint)) return;
    if (progress.state === 'replicate') progress.becomeProbe();
    this.#sendAppend(message.from, progress, true);
  }

  #accepted(message: AppendResponse, progress: Progress): void {
    const { from, index } = message;
    const wasPaused = progress.paused;
    const news = progress.acknowledge(index);
    if (!news && !(progress.state === 'probe' && index === progress.match)) return;
    this.#advanceState(progress, index);
    if (!this.#commit() && wasPaused) this.#sendAppend(from, progress, true);
    while (this.#sendAppend(from, progress, false));
    if (this.transferee === from) this.#completeTransfer(from, progress);
  }

  #advanceState(progress: Progress, index: number): void {
    if (progress.state === 'replicate') progress.release(index);
    else if (progress.state === 'probe') progress.becomeReplicate();
    else if (progress.match + 1 >= this.#core.log.firstIndex) progress.becomeReplicate();
  }

  #completeTransfer(to: RaftId, progress: Progress): boolean {
    const { id, log, term } = this.#core;
    if (progress.match !== log.lastIndex) return false;
    this.#core.send({ type: 'timeoutNow', to, from: id, term });
    return true;
  }

  #broadcastHeartbeat(): void {
    const { id, log, term } = this.#core;
    for (const [to, progress] of this.#followers) {
      const commit = Math.min(progress.match, log.commit);
      this.#core.send({ type: 'heartbeat', to, from: id, term, commit });
    }
  }

  /** Sends what the follower needs next; true if something was sent. */
  #sendAppend(to: RaftId, progress: Progress, evenIfEmpty: boolean): boolean {
    if (progress.paused) return false;
    const { config, id, log, term } = this.#core;
    const index = progress.next - 1;
    const logTerm = log.termAt(index);
    if (logTerm === null) return this.#sendSnapshot(to, progress);
    const entries = log.slice(progress.next, config.maxSizePerMsgBytes, this.#sizeOf);
    if (entries.length === 0 && !evenIfEmpty) return false;
    progress.sent(index + entries.length, entries.length);
    const message: Message<P, S> = {
      type: 'app',
      to,
      from: id,
      term,
      index,
      logTerm,
      entries,
      commit: log.commit,
    };
    this.#core.send(message);
    return true;
  }

  /**
   * Sends the newest snapshot, to a follower that was heard from of late. A member that joined
   * after the snapshot is named in it all the same, since etcd's replica refuses one that does not
   * name it. (SwarmKit puts all of today's members there. Replaying older changes on top of those
   * gives groups that never existed; the snapshot's own members and the receiver are always within
   * one change of the true group, so their majorities overlap.)
   */
  #sendSnapshot(to: RaftId, progress: Progress): boolean {
    const { id, log, term } = this.#core;
    if (!progress.recentActive || log.snapshot === null) return false;
    progress.becomeSnapshot(log.snapshot.index);
    const { members } = log.snapshot;
    const snapshot = members.includes(to)
      ? log.snapshot
      : { ...log.snapshot, members: [...members, to] };
    this.#core.send({ type: 'snap', to, from: id, term, snapshot });
    return true;
  }

  readonly #sizeOf = (entry: Entry<P>): number =>
    entry.kind === 'normal' ? this.#core.config.sizeOf(entry.payload) : entry.change.context.length;
}

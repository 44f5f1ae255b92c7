/** What a replica tells of itself. */
import type { Core } from './core.ts';
import type { Leadership } from './leadership.ts';
import type { RaftId } from './messages.ts';
import type { ProgressView } from './progress.ts';
import type { Role } from './ready.ts';

export interface Status {
  readonly id: RaftId;
  readonly term: number;
  readonly vote: RaftId;
  readonly commit: number;
  readonly applied: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly role: Role;
  readonly leader: RaftId;
  /** Ticks in a row without a known leader (SwarmKit gives up on requests after 10). */
  readonly ticksSinceLeader: number;
  readonly members: readonly RaftId[];
  /** Leader only, else empty. As it is when it is read. */
  readonly progress: ReadonlyMap<RaftId, ProgressView>;
  /** Leader only: the member being handed the lead, else ''. */
  readonly transferee: RaftId;
  /** Leader only, else 0: it may serve writes once `applied` has reached this index. */
  readonly termStartIndex: number;
}

const NO_PROGRESS: ReadonlyMap<RaftId, ProgressView> = new Map();

/** A status is made with every parcel, so it is made cheaply: `progress` only when somebody reads it. */
export class StatusNow<P, S> implements Status {
  readonly id: RaftId;
  readonly term: number;
  readonly vote: RaftId;
  readonly commit: number;
  readonly applied: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly role: Role;
  readonly leader: RaftId;
  readonly ticksSinceLeader: number;
  readonly members: readonly RaftId[];
  readonly transferee: RaftId;
  readonly termStartIndex: number;
  readonly #leadership: Leadership<P, S> | null;

  constructor(core: Core<P, S>, leadership: Leadership<P, S> | null) {
    const { log } = core;
    this.id = core.id;
    this.term = core.term;
    this.vote = core.vote;
    this.commit = log.commit;
    this.applied = log.applied;
    this.firstIndex = log.firstIndex;
    this.lastIndex = log.lastIndex;
    this.role = core.role;
    this.leader = core.leader;
    this.ticksSinceLeader = core.ticksSinceLeader;
    this.members = core.members;
    this.transferee = leadership?.transferee ?? '';
    this.termStartIndex = leadership?.termStartIndex ?? 0;
    this.#leadership = leadership;
  }

  get progress(): ReadonlyMap<RaftId, ProgressView> {
    return this.#leadership?.progress() ?? NO_PROGRESS;
  }
}

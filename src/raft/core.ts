/** What a replica is in every role: its term, vote, members, clock of ticks, log and outbox. */
import type { Message, RaftId } from './messages.ts';
import type { Role, Stored } from './ready.ts';
import { Log } from './log.ts';

export interface ReplicaConfig<P> {
  readonly id: RaftId;
  /** Uniform in [0, 1); the only source of chance. */
  readonly random: () => number;
  /** Swarm: 10. Ticks without a leader before a campaign (drawn up to twice that), and the lease. */
  readonly electionTicks: number;
  /** Swarm: 1. */
  readonly heartbeatTicks: number;
  /** Swarm: 256 unanswered appends per follower. */
  readonly maxInflight: number;
  /** Swarm: 65535. One entry always fits. */
  readonly maxSizePerMsgBytes: number;
  /** Bytes on the wire of a normal entry with this payload. */
  readonly sizeOf: (payload: P | null) => number;
  /** Swarm: true. Leaders without a majority step down; followers with a leader refuse votes. */
  readonly checkQuorum: boolean;
  /** Swarm has no pre-vote, and neither have we. */
  readonly preVote: false;
  /** How far the host's state machine already is; 0, or the index of the stored snapshot. */
  readonly applied: number;
}

export class Core<P, S> {
  readonly config: ReplicaConfig<P>;
  readonly log: Log<P, S>;
  term: number;
  vote: RaftId;
  role: Role = 'follower';
  /** Sorted, so that every walk over them is the same walk. */
  members: readonly RaftId[];
  /** Follower, candidate: ticks since a leader was heard. Leader: since the last quorum check. */
  electionElapsed = 0;
  ticksSinceLeader = 0;
  #leader: RaftId = '';
  #electionTimeout = 0;
  #outbox: Message<P, S>[] = [];

  constructor(config: ReplicaConfig<P>, stored: Stored<P, S>) {
    this.config = config;
    this.log = new Log<P, S>(stored, config.applied);
    const { term, vote } = stored.hardState;
    // A torn write may have kept an entry and lost the term it came with.
    this.term = Math.max(term, this.log.lastTerm);
    this.vote = this.term === term ? vote : '';
    this.members = [...(stored.snapshot?.members ?? [])].sort();
    this.enter('follower', this.term, '');
  }

  get id(): RaftId {
    return this.config.id;
  }
  get leader(): RaftId {
    return this.#leader;
  }

  /** Whether this replica may campaign: a member, and not about to be replaced by a snapshot. */
  get promotable(): boolean {
    return this.log.incoming === null && this.members.includes(this.id);
  }

  get electionDue(): boolean {
    return this.electionElapsed >= this.#electionTimeout;
  }

  /** Whether a leader was heard within the shortest election timeout. */
  get inLease(): boolean {
    const { checkQuorum, electionTicks } = this.config;
    return checkQuorum && this.#leader !== '' && this.electionElapsed < electionTicks;
  }

  /** Starts over in a role: a new term forgets the vote, and the election timeout is redrawn. */
  enter(role: Role, term: number, leader: RaftId): void {
    if (term !== this.term) {
      this.term = term;
      this.vote = '';
    }
    this.role = role;
    this.heard(leader);
    const { electionTicks, random } = this.config;
    this.#electionTimeout = electionTicks + Math.floor(random() * electionTicks);
  }

  /** This leader (or nobody, `''`) rules now, and the election timeout starts again. */
  heard(leader: RaftId): void {
    this.#leader = leader;
    this.electionElapsed = 0;
    if (leader !== '') this.ticksSinceLeader = 0;
  }

  /** One tick of the clock that the rest of the manager asks for a missing leader. */
  countLeaderless(): void {
    if (this.#leader === '') this.ticksSinceLeader++;
  }

  send(message: Message<P, S>): void {
    this.#outbox.push(message);
  }

  get hasMessages(): boolean {
    return this.#outbox.length > 0;
  }

  takeMessages(): readonly Message<P, S>[] {
    const messages = this.#outbox;
    if (messages.length > 0) this.#outbox = [];
    return messages;
  }

  addMember(id: RaftId): boolean {
    if (id === '' || this.members.includes(id)) return false;
    this.members = [...this.members, id].sort();
    return true;
  }

  removeMember(id: RaftId): boolean {
    if (!this.members.includes(id)) return false;
    this.members = this.members.filter((member) => member !== id);
    return true;
  }
}

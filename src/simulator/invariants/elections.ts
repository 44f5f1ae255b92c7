import { majority } from '../../raft/quorum.ts';
import type { Status } from '../../raft/status.ts';
import type { World } from '../world.ts';
import type { DiskChange, Replica } from './replicas.ts';
import type { Report } from './rules.ts';

/** A leader looks at its quorum every election timeout: it may find out at the second look. One tick for the order of things. */
const MAX_DEPOSED_TICKS = 21;
const TICK_MS = 1000;

interface Reign {
  readonly replica: Replica;
  readonly term: number;
  /** Ticks since another leads a newer term, counted by what this manager itself did. */
  deposedTicks: number;
  tickedAtMs: number;
}

/** Terms, votes and who leads. */
export class Elections {
  readonly #world: World;
  readonly #report: Report;
  /** By term: who was first seen to lead it. */
  readonly #leaders = new Map<number, Replica>();
  /** By term and voter: who got the vote, as it stood on a disk. */
  readonly #votes = new Map<number, Map<string, string>>();
  readonly #reigns = new Map<string, Reign>();
  #newestTerm = 0;
  /** When a manager was last seen to lead. */
  ledAtMs = -Infinity;

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#report = report;
  }

  /** Whether a leader of an older term still believes in itself. */
  hasDeposed(): boolean {
    return [...this.#reigns.values()].some(({ term }) => term < this.#newestTerm);
  }

  disk({ machine, raftId, raft, before }: DiskChange): void {
    const { term, vote } = raft.hardState;
    if (before !== null && before.hardState === raft.hardState) return;
    if (term < (before?.hardState.term ?? 0))
      this.#report(
        'term-never-back',
        `the disk of ${machine} goes from term ${before?.hardState.term ?? 0} to ${term}`,
      );
    if (vote === '') return;
    let votes = this.#votes.get(term);
    if (votes === undefined) this.#votes.set(term, (votes = new Map<string, string>()));
    const first = votes.get(raftId);
    if (first === undefined) votes.set(raftId, vote);
    else if (first !== vote)
      this.#report(
        'one-vote-per-term',
        `${machine} votes for ${vote} in term ${term}, in which it voted for ${first}`,
      );
  }

  status(replica: Replica, status: Status, before: Status | null): void {
    const { machine } = replica;
    if (before !== null && status.term < before.term)
      this.#report(
        'term-never-back',
        `${machine} goes from term ${before.term} back to ${status.term}`,
      );
    if (before === null) this.#judgeMemory(replica, status);
    if (status.role === 'leader') this.#leads(replica, status);
    else this.#reigns.delete(machine);
  }

  /** Who led leads until it is gone: one that was halted answers what it was asked meanwhile in the instant in which it goes on, and may be stopped in that. */
  ended({ role }: Status): void {
    if (role === 'leader') this.ledAtMs = this.#world.time.now;
  }

  /** A member that starts remembers the vote on its disk. */
  #judgeMemory({ machine, raft }: Replica, { term, vote }: Status): void {
    const stored = raft.hardState;
    if (term === stored.term && stored.vote !== '' && vote !== stored.vote)
      this.#report(
        'one-vote-per-term',
        `${machine} begins term ${term} again and does not know that it voted for ${stored.vote}`,
      );
  }

  #leads(replica: Replica, { term, members }: Status): void {
    const { machine, raftId } = replica;
    const now = this.#world.time.now;
    this.ledAtMs = now;
    const reign = this.#reigns.get(machine);
    if (reign?.replica.manager === replica.manager && reign.term === term) {
      this.#judgeDeposed(reign, now);
      return;
    }
    this.#reigns.set(machine, { replica, term, deposedTicks: 0, tickedAtMs: now });
    this.#newestTerm = Math.max(this.#newestTerm, term);
    const first = this.#leaders.get(term);
    if (first === undefined) this.#leaders.set(term, replica);
    else if (first.raftId !== raftId)
      this.#report(
        'one-leader-per-term',
        `${machine} leads term ${term}, which ${first.machine} has led`,
      );
    const votes = this.#votes.get(term);
    const granted = members.filter((member) => votes?.get(member) === raftId).length;
    if (granted < majority(members.length))
      this.#report(
        'votes-on-disk',
        `${machine} leads term ${term} with ${granted} votes on disks of ${members.length} members`,
      );
  }

  // Its own ticks and not the world's time: a machine that was halted may answer as a leader for as many of them.
  #judgeDeposed(reign: Reign, now: number): void {
    if (reign.term >= this.#newestTerm || now - reign.tickedAtMs < TICK_MS * 0.9) return;
    reign.tickedAtMs = now;
    reign.deposedTicks += 1;
    if (reign.deposedTicks !== MAX_DEPOSED_TICKS + 1) return;
    const newer = this.#leaders.get(this.#newestTerm);
    this.#report(
      'deposed-leader-steps-down',
      `${reign.replica.machine} still leads term ${reign.term}, ${MAX_DEPOSED_TICKS} ticks after ${newer?.machine ?? ''} began to lead term ${this.#newestTerm}`,
    );
  }
}

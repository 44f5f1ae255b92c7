import type { ConfChange, RaftId } from '../../raft/messages.ts';
import type { NodeId } from '../../model/ids.ts';
import type { Member } from './consensus-ports.ts';

/** Who is a raft member, where it is reached, and whether the last word to it arrived (behaviour.md 9.3). */
export class Membership {
  readonly #members = new Map<RaftId, Member>();
  readonly #removed = new Set<RaftId>();
  readonly #unreachable = new Set<RaftId>();
  /** Who answered last time, whoever has done so longest first. */
  readonly #active = new Set<RaftId>();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  all(): readonly Member[] {
    return [...this.#members.values()];
  }

  removed(): readonly RaftId[] {
    return [...this.#removed];
  }

  get(raftId: RaftId): Member | undefined {
    return this.#members.get(raftId);
  }

  ofNode(nodeId: NodeId): Member | undefined {
    return this.all().find((member) => member.nodeId === nodeId);
  }

  isRemoved(raftId: RaftId): boolean {
    return this.#removed.has(raftId);
  }

  isReachable(raftId: RaftId): boolean {
    return !this.#unreachable.has(raftId);
  }

  /** Notes how the last attempt to reach a member went. */
  noteReachable(raftId: RaftId, reachable: boolean): void {
    if (reachable) {
      if (this.#unreachable.size > 0) this.#unreachable.delete(raftId);
      this.#active.add(raftId);
    } else {
      this.#unreachable.add(raftId);
      this.#active.delete(raftId);
    }
  }

  /**
   * The members but for `self`, in the order in which to ask them for what we do not know: whoever has answered longest (SwarmKit: longestActive), then those that
   * were never tried, then the rest. SwarmKit gives up where none is active.
   */
  toAsk(self: RaftId): readonly Member[] {
    const others = this.all().filter(({ raftId }) => raftId !== self);
    const active = [...this.#active].flatMap((raftId) => this.#members.get(raftId) ?? []);
    const untried = others.filter(
      ({ raftId }) => !this.#active.has(raftId) && !this.#unreachable.has(raftId),
    );
    const silent = others.filter(({ raftId }) => this.#unreachable.has(raftId));
    return [...active, ...untried, ...silent];
  }

  /** Applies a committed change; the answer is the member that is no more, if any. */
  apply(change: ConfChange): Member | null {
    const before = this.#members.get(change.raftId) ?? null;
    if (change.type === 'remove') {
      this.#members.delete(change.raftId);
      this.#removed.add(change.raftId);
    } else {
      const { nodeId, addr } = JSON.parse(change.context) as Omit<Member, 'raftId'>;
      this.#members.set(change.raftId, { raftId: change.raftId, nodeId, addr });
    }
    this.#unreachable.delete(change.raftId);
    this.#active.delete(change.raftId);
    this.#onChange();
    return change.type === 'remove' || before?.addr !== this.#members.get(change.raftId)?.addr
      ? before
      : null;
  }

  restore(members: readonly Member[], removed: readonly RaftId[]): void {
    this.#members.clear();
    this.#removed.clear();
    for (const member of members) this.#members.set(member.raftId, member);
    for (const raftId of removed) this.#removed.add(raftId);
    this.#onChange();
  }

  /**
   * Whether a quorum of the rest would be reachable without this member: reachable ones (ourselves always) at least
   * floor((n-1)/2)+1, n being the members now (SwarmKit: CanRemoveMember).
   */
  canRemove(raftId: RaftId, self: RaftId): boolean {
    const rest = this.all().filter((member) => member.raftId !== raftId);
    const reachable = rest.filter(
      (member) => member.raftId === self || this.isReachable(member.raftId),
    );
    return reachable.length >= Math.floor((this.#members.size - 1) / 2) + 1;
  }
}

/** The context of a change that adds a member or moves it. */
export const memberContext = (member: Pick<Member, 'nodeId' | 'addr'>): string =>
  JSON.stringify({ nodeId: member.nodeId, addr: member.addr });

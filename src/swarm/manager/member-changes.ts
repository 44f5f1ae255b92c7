import { SwarmError } from '../../model/errors.ts';
import type { NodeId } from '../../model/ids.ts';
import { failed, ok, type Done } from '../../model/result.ts';
import type { RaftId } from '../../raft/messages.ts';
import type { Ports } from '../ports.ts';
import type { JoinReply, Member, RaftPeers } from './consensus-ports.ts';
import { memberContext, type Membership } from './membership.ts';
import type { RaftNode } from './raft-node.ts';

/** SwarmKit: the leader must reach a joiner's raft port within 5 s. */
const HEALTH_DEADLINE_MS = 5000;
/** SwarmKit: a removal that is not committed after 5 s is tried again. */
const REMOVAL_DEADLINE_MS = 5000;

type Step = (next: () => void) => void;

/** The leader's changes of membership, one after another (behaviour.md 9.2). */
export class MemberChanges {
  readonly #ports: Ports;
  readonly #raft: RaftNode;
  readonly #membership: Membership;
  readonly #peers: RaftPeers;
  readonly #self: RaftId;
  readonly #queue: Step[] = [];
  #busy = false;

  constructor(
    ports: Ports,
    raft: RaftNode,
    membership: Membership,
    peers: RaftPeers,
    self: RaftId,
  ) {
    this.#ports = ports;
    this.#raft = raft;
    this.#membership = membership;
    this.#peers = peers;
    this.#self = self;
  }

  /** Takes a manager in: `addr` is where it says it is reached, `from` where its connection comes from. */
  join(nodeId: NodeId, addr: string, from: string, done: Done<JoinReply>): void {
    this.#enqueue((next) => {
      this.#join({ nodeId, addr: withoutWildcard(addr, from) }, (result) => {
        done(result);
        next();
      });
    });
  }

  /** Removes a member if a quorum of the rest is reachable; hands the lead over first when it is ourselves. */
  remove(nodeId: NodeId, done: (removed: boolean) => void): void {
    this.#enqueue((next) => {
      this.#remove(nodeId, (removed) => {
        done(removed);
        next();
      });
    });
  }

  #join(candidate: Omit<Member, 'raftId'>, done: Done<JoinReply>): void {
    const known = this.#membership.ofNode(candidate.nodeId);
    if (known !== undefined && known.addr === candidate.addr) {
      done(ok(this.#reply(known.raftId)));
      return;
    }
    this.#peers.health(candidate.addr, HEALTH_DEADLINE_MS, (health) => {
      if (!health.ok) {
        const text = `could not connect to prospective new cluster member using its advertised address: ${health.error.text}`;
        done(failed(new SwarmError('Unavailable', text)));
        return;
      }
      const raftId = known?.raftId ?? this.#drawRaftId();
      const change = { type: known === undefined ? 'add' : 'update', raftId } as const;
      this.#raft.proposeConfChange({ ...change, context: memberContext(candidate) }, (result) => {
        done(result.ok ? ok(this.#reply(raftId)) : result);
      });
    });
  }

  #remove(nodeId: NodeId, done: (removed: boolean) => void): void {
    const member = this.#membership.ofNode(nodeId);
    if (member === undefined) {
      done(true);
      return;
    }
    if (!this.#membership.canRemove(member.raftId, this.#self)) {
      this.#say(
        `member ${member.raftId} cannot be removed, because removing it may result in loss of quorum`,
      );
      done(false);
      return;
    }
    if (member.raftId === this.#self) {
      this.#handOver(done);
      return;
    }
    const timer = this.#ports.timers.after(REMOVAL_DEADLINE_MS, () => {
      finish(false);
    });
    let finished = false;
    const finish = (removed: boolean): void => {
      if (finished) return;
      finished = true;
      timer.cancel();
      done(removed);
    };
    const change = {
      type: 'remove',
      raftId: member.raftId,
      context: memberContext(member),
    } as const;
    this.#raft.proposeConfChange(change, (result) => {
      finish(result.ok);
    });
  }

  // A leader that is demoted makes another one leader, which then removes it; alone it has nobody to hand over to.
  #handOver(done: (removed: boolean) => void): void {
    const heir = this.#membership
      .all()
      .find((other) => other.raftId !== this.#self && this.#membership.isReachable(other.raftId));
    if (heir !== undefined) this.#raft.transferLeadership(heir.raftId);
    done(false);
  }

  #reply(raftId: RaftId): JoinReply {
    return { raftId, members: this.#membership.all(), removed: this.#membership.removed() };
  }

  #drawRaftId(): RaftId {
    return drawRaftId(
      this.#ports,
      (raftId) => this.#membership.get(raftId) !== undefined || this.#membership.isRemoved(raftId),
    );
  }

  #enqueue(step: Step): void {
    this.#queue.push(step);
    if (!this.#busy) this.#next();
  }

  #next(): void {
    const step = this.#queue.shift();
    this.#busy = step !== undefined;
    step?.(() => {
      this.#next();
    });
  }

  #say(message: string): void {
    this.#ports.log({ level: 'warn', part: 'raft', message });
  }
}

/** SwarmKit: a random 63-bit number, never one that was used before. As text, since it may pass 2^53. */
export function drawRaftId(
  ports: Pick<Ports, 'random'>,
  taken: (raftId: RaftId) => boolean,
): RaftId {
  for (;;) {
    const high = BigInt(ports.random.below(0x8000_0000));
    const low = BigInt(ports.random.below(0x1_0000_0000));
    const raftId = String((high << 32n) | low);
    if (raftId !== '0' && !taken(raftId)) return raftId;
  }
}

function withoutWildcard(addr: string, from: string): string {
  const wildcard = /^(0\.0\.0\.0|\[::\])?:(\d+)$/.exec(addr);
  return wildcard === null ? addr : `${from}:${wildcard[2] ?? '2377'}`;
}

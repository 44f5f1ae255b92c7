import type { ControlReplies, ControlReply, ControlRequest } from '../../model/control.ts';
import { SwarmError, type SwarmtwinError } from '../../model/errors.ts';
import type { ClusterId, NodeId } from '../../model/ids.ts';
import type { Cluster, ManagerStatus } from '../../model/objects.ts';
import { failed, type Done } from '../../model/result.ts';
import type { ConfChange } from '../../raft/messages.ts';
import type { Status } from '../../raft/status.ts';
import type { MembersView } from '../control/context.ts';
import { execute } from '../control/rules.ts';
import type { Ports } from '../ports.ts';
import type { WeightedPeer } from '../session.ts';
import { lostLeader, Store } from '../store.ts';
import type { Authority } from './authority.ts';
import type {
  JoinReply,
  Member,
  RaftDisk,
  RaftMessage,
  RaftPeers,
  RaftStored,
  State,
} from './consensus-ports.ts';
import { Leader, type FirstState } from './leader.ts';
import { MemberChanges } from './member-changes.ts';
import { memberContext, Membership } from './membership.ts';
import { RaftNode } from './raft-node.ts';
import { RequestRouter, type LeaderView } from './request-router.ts';
import { UnknownMembers } from './unknown-members.ts';

/** SwarmKit: agents are given every manager with the same weight. */
const PEER_WEIGHT = 10;
const CANDIDATE_HEALTH_MS = 2000;

export interface ManagerOptions {
  readonly self: Member;
  readonly clusterId: ClusterId;
  readonly stored: RaftStored;
  /** The members to begin with when none are stored: ourselves for a new swarm, what the leader said for a joiner. */
  readonly members: readonly Member[];
  /** Only when this manager founds the swarm. */
  readonly found?: FirstState;
}

export interface ManagerPorts extends Ports {
  readonly disk: RaftDisk;
  readonly peers: RaftPeers;
  readonly authority: Authority;
  /** This member was removed from the group, or its disk failed: the manager is of no more use. */
  managerEnded(reason: 'removed' | SwarmtwinError): void;
  /** The list of managers changed. */
  managersChanged(): void;
  /** The swarm's settings as this manager has them now, leader or not. */
  clusterChanged(cluster: Cluster): void;
}

/** A manager: a raft member with the replicated store, which answers requests, and runs the swarm's loops while it leads. */
export class Manager {
  readonly store: Store;
  readonly self: Member;
  readonly #ports: ManagerPorts;
  readonly #options: ManagerOptions;
  readonly #membership: Membership;
  readonly #raft: RaftNode;
  readonly #changes: MemberChanges;
  readonly #router: RequestRouter;
  readonly #unknown: UnknownMembers;
  readonly #managersWatchers = new Set<() => void>();
  #leader: Leader | null = null;
  #status: Status;
  #stopped = false;

  constructor(ports: ManagerPorts, options: ManagerOptions) {
    this.#ports = ports;
    this.#options = options;
    this.self = options.self;
    this.store = new Store(ports.clock);
    this.#membership = new Membership(() => {
      this.#membersChanged();
    });
    this.#membership.restore(options.members, []);
    this.store.watch((events) => {
      if (events.some(({ kind }) => kind === 'cluster')) this.#clusterChanged();
    });
    this.#raft = this.#createRaft();
    this.#status = this.#raft.status();
    this.#changes = new MemberChanges(
      ports,
      this.#raft,
      this.#membership,
      ports.peers,
      this.self.raftId,
    );
    this.#unknown = new UnknownMembers(ports, this.#membership, this.self.raftId);
    this.#router = new RequestRouter(ports, {
      leader: this.#leaderView(),
      execute: (request, done) => {
        this.#execute(request, done);
      },
      forward: (to, request, deadlineMs, done) => {
        ports.peers.control(to, request, deadlineMs, done);
      },
      health: (addr, deadlineMs, done) => {
        ports.peers.health(addr, deadlineMs, done);
      },
    });
  }

  start(): void {
    const { found } = this.#options;
    const own = {
      type: 'add',
      raftId: this.self.raftId,
      context: memberContext(this.self),
    } as const;
    this.#raft.start(found === undefined ? [] : [own]);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#endLead();
    this.#raft.stop();
    this.#router.stop();
    this.#unknown.stop();
  }

  /** The lead's services while this manager leads and has its whole log applied, else null. */
  get leader(): Leader | null {
    return this.#leader;
  }

  /** The member that leads, as far as this manager knows. */
  leadingMember(): Member | null {
    return this.#membership.get(this.#status.leader) ?? null;
  }

  raftStatus(): Status {
    return this.#status;
  }

  managers(): readonly WeightedPeer[] {
    return this.#membership
      .all()
      .map((member) => ({ nodeId: member.nodeId, addr: member.addr, weight: PEER_WEIGHT }));
  }

  members(): readonly Member[] {
    return this.#membership.all();
  }

  isReachable(member: Member): boolean {
    return member.raftId === this.self.raftId || this.#membership.isReachable(member.raftId);
  }

  /** A client's request, from this node's own API: answered wherever the leader is, within `budgetMs` (20 s unless given). */
  control<R extends ControlRequest>(
    request: R,
    done: Done<ControlReplies[R['method']]>,
    budgetMs?: number,
  ): void {
    this.#router.control(request, done, budgetMs);
  }

  /** A request that another manager, `from` (its address), took for a client and handed on to us as the leader. It goes no further. */
  controlFor(from: string, request: ControlRequest, done: Done<ControlReply>): void {
    this.#router.handedOn(from, request, done);
  }

  #execute(request: ControlRequest, done: Done<ControlReply>): void {
    if (this.#status.role !== 'leader') {
      done(failed(lostLeader()));
      return;
    }
    const { authority } = this.#ports;
    const context = {
      ports: this.#ports,
      store: this.store,
      members: this.#membersView(),
      authority,
      showsNoPool: this.#options.found?.showsNoPool ?? false,
      newJoinToken: (cluster: { readonly rootCa: { readonly certificate: string } }) =>
        authority.joinToken(cluster.rootCa.certificate),
    };
    execute(context, request, done);
  }

  /** A raft message from another manager. The error is for the sender: it was removed, say, and should stop. */
  receive(message: RaftMessage): SwarmError | null {
    if (this.#membership.isRemoved(message.from)) {
      return new SwarmError('NotFound', 'raft: member was removed from the cluster');
    }
    if (this.#stopped)
      return new SwarmError('Unknown', 'raft: node is not yet part of a raft cluster');
    const from = this.#membership.get(message.from);
    if (message.type !== 'vote') this.#raft.receive(message);
    else if (from !== undefined) this.#hearCandidate(from, message);
    return null;
  }

  /** A manager wants to become a raft member. Only the leader can say yes. */
  join(nodeId: NodeId, addr: string, from: string, done: Done<JoinReply>): void {
    if (this.#leader === null) done(failed(lostLeader()));
    else this.#changes.join(nodeId, addr, from, done);
  }

  // SwarmKit: a vote counts only for a candidate that is known and can be reached, so that a half-deaf member does not become leader.
  #hearCandidate(candidate: Member, message: RaftMessage): void {
    this.#ports.peers.health(candidate.addr, CANDIDATE_HEALTH_MS, (health) => {
      if (this.#stopped) return;
      if (health.ok) this.#raft.receive(message);
      else
        this.#say(
          'warn',
          `member ${candidate.raftId} campaigns but cannot be reached: ${health.error.text}`,
        );
    });
  }

  #createRaft(): RaftNode {
    const { disk } = this.#ports;
    return new RaftNode(
      this.#ports,
      disk,
      {
        apply: (actions) => {
          this.store.apply(actions);
        },
        applyConf: (change) => {
          this.#applyConf(change);
        },
        restore: (state) => {
          this.store.restore(state.tables);
          this.#membership.restore(state.members, state.removed);
          this.#clusterChanged();
        },
        state: () => this.#state(),
        send: (message) => {
          this.#send(message);
        },
        advanced: (status) => {
          this.#advanced(status);
        },
        ticked: () => {
          this.#status = this.#raft.status();
        },
        diskFailed: (error) => {
          this.#end(error);
        },
      },
      {
        raftId: this.self.raftId,
        stored: this.#options.stored,
        snapshotInterval: () => this.#raftSpec()?.SnapshotInterval ?? 0,
        keepEntries: () => this.#raftSpec()?.LogEntriesForSlowFollowers ?? 0,
      },
    );
  }

  #raftSpec():
    { readonly SnapshotInterval: number; readonly LogEntriesForSlowFollowers: number } | undefined {
    return this.store.read.all('cluster')[0]?.spec.Raft;
  }

  #state(): State {
    return {
      tables: this.store.snapshot(),
      members: this.#membership.all(),
      removed: this.#membership.removed(),
    };
  }

  #send(message: RaftMessage): void {
    const to = this.#membership.get(message.to);
    if (to === undefined) {
      this.#unknown.send(message);
      return;
    }
    this.#ports.peers.send(to, message, (error) => {
      if (!this.#stopped) this.#sent(message, error);
    });
  }

  #sent(message: RaftMessage, error: SwarmError | null): void {
    this.#membership.noteReachable(message.to, error === null);
    if (message.type === 'snap') this.#raft.reportSnapshot(message.to, error === null);
    if (error === null) return;
    if (error.message.includes('member was removed from the cluster')) this.#end('removed');
    else this.#raft.reportUnreachable(message.to);
  }

  #applyConf(change: ConfChange): void {
    const gone = this.#membership.apply(change);
    if (gone !== null) this.#ports.peers.forget(gone);
    if (change.type === 'remove' && change.raftId === this.self.raftId) this.#end('removed');
  }

  #advanced(status: Status): void {
    if (status.leader !== this.#status.leader) {
      this.#say(
        'info',
        `raft: leader is ${status.leader === '' ? 'unknown' : status.leader} at term ${status.term}`,
      );
    }
    this.#status = status;
    const leads = status.role === 'leader';
    if (leads && this.#leader === null && status.applied >= status.termStartIndex) this.#lead();
    else if (!leads && this.#leader !== null) this.#endLead();
    if (!leads) this.#raft.failWaiters();
  }

  #lead(): void {
    this.#leader = new Leader(this.#ports, {
      store: this.store,
      self: this.self.nodeId,
      clusterId: this.#options.clusterId,
      found: this.#options.found,
      managers: () => this.managers(),
      onManagersChanged: (callback) => {
        this.#managersWatchers.add(callback);
        return () => this.#managersWatchers.delete(callback);
      },
      members: () => this.#membership.all().map(({ nodeId }) => nodeId),
      isMember: (nodeId) => this.#membership.ofNode(nodeId) !== undefined,
      removeMember: (nodeId, done) => {
        this.#changes.remove(nodeId, done);
      },
    });
    this.store.setProposer({
      propose: (actions, done) => {
        this.#raft.propose(actions, done);
      },
      commitIndex: () => this.#raft.commitIndex(),
    });
    this.#leader.start();
  }

  #endLead(): void {
    const leader = this.#leader;
    if (leader === null) return;
    this.#leader = null;
    this.store.setProposer(null);
    leader.stop();
  }

  #end(reason: 'removed' | SwarmtwinError): void {
    if (this.#stopped) return;
    this.stop();
    this.#ports.managerEnded(reason);
  }

  #clusterChanged(): void {
    const [cluster] = this.store.read.all('cluster');
    if (cluster !== undefined) this.#ports.clusterChanged(cluster);
  }

  #membersChanged(): void {
    for (const watcher of [...this.#managersWatchers]) watcher();
    this.#ports.managersChanged();
  }

  #leaderView(): LeaderView {
    return {
      isSelf: () => this.#status.role === 'leader',
      member: () => {
        const member = this.leadingMember();
        return member?.raftId === this.self.raftId ? null : member;
      },
      isReachable: (member) => this.#membership.isReachable(member.raftId),
      ticksSinceLeader: () => this.#status.ticksSinceLeader,
    };
  }

  #membersView(): MembersView {
    return {
      statusOf: (nodeId) => this.#managerStatus(nodeId),
      canRemove: (nodeId) => {
        const member = this.#membership.ofNode(nodeId);
        return member !== undefined && this.#membership.canRemove(member.raftId, this.self.raftId);
      },
    };
  }

  #managerStatus(nodeId: NodeId): ManagerStatus | undefined {
    const member = this.#membership.ofNode(nodeId);
    if (member === undefined) return undefined;
    return {
      raftId: member.raftId,
      addr: member.addr,
      leader: member.raftId === this.#status.leader,
      reachability: this.isReachable(member) ? 'reachable' : 'unreachable',
    };
  }

  #say(level: 'info' | 'warn', message: string): void {
    this.#ports.log({ level, part: 'raft', message });
  }
}

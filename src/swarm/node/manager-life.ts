import type { SwarmError, SwarmtwinError } from '../../model/errors.ts';
import type { Cluster } from '../../model/objects.ts';
import type { JoinReply, Member, RaftDisk, RaftStored } from '../manager/consensus-ports.ts';
import { newCluster } from '../manager/force-new-cluster.ts';
import type { FirstState } from '../manager/leader.ts';
import { LeaderServices } from '../manager/leader-services.ts';
import { Manager } from '../manager/manager.ts';
import type { Ports, Timer } from '../ports.ts';
import type { WeightedPeer } from '../session.ts';
import type { NodePorts, NodeState } from './node-ports.ts';

const REJOIN_PAUSE_MS = 2000;

/** What this node's manager is doing. Callbacks of a phase that is over are not listened to. */
type Phase =
  | { readonly kind: 'none' }
  /** Its port is open and the leader is asked to take it in. */
  | { readonly kind: 'joining' }
  /** Not taken in yet; asks again. */
  | { readonly kind: 'pausing'; readonly timer: Timer }
  | { readonly kind: 'opening' }
  | { readonly kind: 'running'; readonly manager: Manager; readonly services: LeaderServices };

/** How a manager begins: with the members to begin with, and, for a founder, the first state of the store. */
interface Beginning {
  readonly fresh: boolean;
  readonly members: readonly Member[];
  readonly found?: FirstState;
  /** The other members are lost: goes on without them. */
  readonly isAlone?: boolean;
}

interface OpenedRaft {
  readonly disk: RaftDisk;
  readonly stored: RaftStored;
}

export interface ManagerLifeOptions {
  state(): NodeState;
  /** Changes the node's own state, on disk before it goes on. */
  change(patch: Partial<NodeState>, next: () => void): void;
  opened(): void;
  /** The only manager that may be asked; null: any that is known. */
  joinAddr(): string | null;
  /** A join that failed. Whether to ask again; if not, the whole stay ends. */
  joinRefused(error: SwarmError): boolean;
  /** The port or the disk does not work. */
  failed(error: SwarmError | SwarmtwinError): void;
  /** No raft member any more; the role follows. */
  left(): void;
  managersChanged(): void;
  clusterChanged(cluster: Cluster): void;
}

/** The manager of this node, from the opening of its port to its end, as often as its role says (SwarmKit: node.runManager). */
export class ManagerLife {
  readonly #ports: NodePorts;
  /** What a manager is given: nothing of the node's own. */
  readonly #core: Ports;
  readonly #options: ManagerLifeOptions;
  #phase: Phase = { kind: 'none' };
  /** The phase, while it is that one: it is asked for very often. */
  #running: Extract<Phase, { kind: 'running' }> | null = null;

  constructor(ports: NodePorts, core: Ports, options: ManagerLifeOptions) {
    this.#ports = ports;
    this.#core = core;
    this.#options = options;
  }

  get manager(): Manager | null {
    return this.#running?.manager ?? null;
  }

  get services(): LeaderServices | null {
    return this.#running?.services ?? null;
  }

  /** Whether there is a manager, or one on its way. */
  get isOn(): boolean {
    return this.#phase.kind !== 'none';
  }

  found(first: FirstState): void {
    this.#listen({ kind: 'opening' }, () => {
      this.#open({ fresh: true, members: [], found: first });
    });
  }

  /** Goes on from the log on disk, alone if it has to; a member that was certified but never taken in asks for it now. */
  resume(isAlone = false): void {
    if (this.#options.state().raftId === '') this.joinAny();
    else
      this.#listen({ kind: 'opening' }, () => {
        this.#open({ fresh: false, members: [], isAlone });
      });
  }

  /** Asks the manager at `addr`. A joiner listens first, since the leader knocks at its port before it takes it in. */
  join(addr: string): void {
    const phase: Phase = { kind: 'joining' };
    this.#listen(phase, () => {
      const { joinAddr, advertiseAddr } = this.#options.state();
      this.#ports.peers.join(addr, joinAddr ?? advertiseAddr, (result) => {
        if (this.#phase !== phase) return;
        if (result.ok) this.#joined(result.value);
        else if (this.#options.joinRefused(result.error)) this.#pause();
      });
    });
  }

  /** Asks one of the managers that are known, each time another perhaps, unless there is only one that may be asked. */
  joinAny(): void {
    const addr = this.#options.joinAddr() ?? this.#anyAddr();
    if (addr === null) this.#pause();
    else this.join(addr);
  }

  /** Ends the manager; log and port stay. */
  end(): void {
    this.#enter({ kind: 'none' });
  }

  /** Ends the manager of a node that is no raft member any more: log and port go too. */
  leaveRaft(): void {
    this.end();
    this.#options.change({ raftId: '', managers: otherManagers(this.#options.state()) }, () => {
      this.#ports.unlisten(() => undefined);
      this.#ports.storage.openRaft(true, (opened) => {
        if (!('disk' in opened)) this.#options.failed(opened);
      });
      this.#options.left();
    });
  }

  /** The one place where a phase begins and another ends. */
  #enter(phase: Phase): void {
    const before = this.#phase;
    this.#phase = phase;
    this.#running = phase.kind === 'running' ? phase : null;
    if (before.kind === 'pausing') before.timer.cancel();
    if (before.kind !== 'running') return;
    before.services.stop();
    before.manager.stop();
  }

  #anyAddr(): string | null {
    const others = otherManagers(this.#options.state());
    return others[this.#ports.random.below(others.length)]?.addr ?? null;
  }

  #pause(): void {
    const timer = this.#ports.timers.after(REJOIN_PAUSE_MS, () => {
      this.joinAny();
    });
    this.#enter({ kind: 'pausing', timer });
  }

  #listen(phase: Phase, next: () => void): void {
    this.#enter(phase);
    this.#ports.listen(this.#options.state().listenAddr, (error) => {
      if (this.#phase !== phase) return;
      if (error === null) next();
      else this.#options.failed(error);
    });
  }

  #joined({ raftId, members }: JoinReply): void {
    const own = members.find((member) => member.raftId === raftId);
    const advertiseAddr = own?.addr ?? this.#options.state().advertiseAddr;
    const managers = members.map(({ nodeId, addr }) => ({ nodeId, addr, weight: 10 }));
    const phase: Phase = { kind: 'opening' };
    this.#enter(phase);
    this.#options.change({ raftId, advertiseAddr, managers }, () => {
      if (this.#phase === phase) this.#open({ fresh: true, members });
    });
  }

  #open(beginning: Beginning): void {
    const phase = this.#phase;
    this.#ports.storage.openRaft(beginning.fresh, (opened) => {
      if (this.#phase !== phase) return;
      if (!('disk' in opened)) this.#options.failed(opened);
      else if (beginning.isAlone === true) this.#leaveOthers(beginning, opened);
      else this.#run(beginning, opened);
    });
  }

  /** The other members are removed in the log itself, which no quorum is asked about. */
  #leaveOthers(beginning: Beginning, { disk, stored: before }: OpenedRaft): void {
    const phase = this.#phase;
    const { identity, raftId, advertiseAddr } = this.#options.state();
    const self = { raftId, nodeId: identity.nodeId, addr: advertiseAddr };
    const { stored, parcel } = newCluster(before, self);
    disk.save(parcel, (error) => {
      if (this.#phase !== phase) return;
      if (error === null) this.#run(beginning, { disk, stored });
      else this.#options.failed(error);
    });
  }

  #run({ members, found }: Beginning, { disk, stored }: OpenedRaft): void {
    const { identity, raftId, advertiseAddr } = this.#options.state();
    const { peers, authority, remote } = this.#ports;
    const manager = new Manager(
      {
        ...this.#core,
        disk,
        peers,
        authority,
        managerEnded: (reason) => {
          if (this.manager === manager) this.#ended(reason);
        },
        managersChanged: () => {
          this.#options.managersChanged();
        },
        clusterChanged: (cluster) => {
          this.#options.clusterChanged(cluster);
        },
      },
      {
        self: { raftId, nodeId: identity.nodeId, addr: advertiseAddr },
        clusterId: identity.clusterId,
        stored,
        members,
        ...(found === undefined ? {} : { found }),
      },
    );
    this.#observe(manager, stored.hardState.commit);
    this.#enter({ kind: 'running', manager, services: new LeaderServices(manager, remote) });
    this.#options.opened();
    manager.start();
  }

  #observe(manager: Manager, known: number): void {
    const { observe } = this.#ports;
    if (observe === undefined) return;
    manager.store.watch((committed) => {
      if (manager.raftStatus().applied >= known) observe(committed);
    });
  }

  // A failed disk: this node can promise nothing any more.
  #ended(reason: 'removed' | SwarmtwinError): void {
    if (reason === 'removed') {
      this.#ports.log({ level: 'info', part: 'node', message: 'no raft member any more' });
      this.leaveRaft();
    } else {
      this.end();
      this.#options.failed(reason);
    }
  }
}

function otherManagers({ managers, identity }: NodeState): readonly WeightedPeer[] {
  return managers.filter((peer) => peer.nodeId !== identity.nodeId);
}

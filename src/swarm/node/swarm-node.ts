import type { ControlReplies, ControlRequest } from '../../model/control.ts';
import { SwarmError, type SwarmtwinError } from '../../model/errors.ts';
import { clusterId, nodeId } from '../../model/ids.ts';
import { drawId } from '../../model/random.ts';
import { failed, ok, type Done } from '../../model/result.ts';
import type { NodeAvailability, SwarmSpec } from '../../model/specs.ts';
import { Agent } from '../agent/agent.ts';
import type { JoinReply, Member, RaftDisk, RaftStored } from '../manager/consensus-ports.ts';
import type { FirstState } from '../manager/leader.ts';
import { LeaderServices } from '../manager/leader-services.ts';
import { Manager } from '../manager/manager.ts';
import { drawRaftId } from '../manager/member-changes.ts';
import type { Timer } from '../ports.ts';
import type { SessionMessage, WeightedPeer } from '../session.ts';
import { localDispatcher } from './local-dispatcher.ts';
import { describeNode, type NodeFacts } from './node-info.ts';
import type { Identity, JoinParameters, NodePorts, NodeState } from './node-ports.ts';

/** moby: a join answers within 20 s and goes on behind the scenes. */
const JOIN_BUDGET_MS = 20_000;
/** SwarmKit: a node whose role changed asks for its new certificate half a second later. */
const RENEW_DELAY_MS = 500;
const RENEW_RETRY_MS = 5000;
const REJOIN_RETRY_MS = 2000;

export type LocalState = 'inactive' | 'pending' | 'active' | 'error' | 'locked';

export interface InitParameters {
  readonly listenAddr: string;
  readonly advertiseAddr: string;
  readonly availability: NodeAvailability;
  readonly spec: SwarmSpec;
  readonly defaultAddressPool: readonly string[];
  readonly subnetSize: number;
  readonly dataPathPort: number;
}

export interface JoinSwarmParameters extends JoinParameters {
  readonly listenAddr: string;
  readonly advertiseAddr: string;
}

/** One machine's part in a swarm: in or out of it, an agent always, a manager while its role says so (SwarmKit: node/node.go). */
export class SwarmNode {
  readonly #ports: NodePorts;
  #state: NodeState | null = null;
  #localState: LocalState = 'inactive';
  #error = '';
  #agent: Agent | null = null;
  #manager: Manager | null = null;
  #services: LeaderServices | null = null;
  #renewal: Timer | null = null;
  #retry: Timer | null = null;
  /** Waits for the node's first session, or for the news that there will be none. */
  #ready: Done<null> | null = null;
  #stopped = false;

  constructor(ports: NodePorts) {
    this.#ports = ports;
  }

  /** Takes up where the process before left off; `null` for a node that was in no swarm. */
  start(state: NodeState | null): void {
    if (state === null) return;
    this.#state = state;
    this.#localState = 'pending';
    this.#ports.useIdentity(state.identity);
    this.#startAgent(state);
    if (state.identity.role === 'manager') this.#resumeManager(state);
  }

  /** Ends agent and manager; containers and disk stay for the next start. */
  stop(done: () => void): void {
    this.#stopped = true;
    this.#renewal?.cancel();
    this.#retry?.cancel();
    this.#endManager();
    const agent = this.#agent;
    this.#agent = null;
    const unlisten = (): void => {
      this.#ports.unlisten(done);
    };
    if (agent === null) unlisten();
    else agent.stop(unlisten);
  }

  localState(): LocalState {
    return this.#localState;
  }

  role(): 'manager' | 'worker' | null {
    return this.#state?.identity.role ?? null;
  }

  nodeId(): string {
    return this.#state?.identity.nodeId ?? '';
  }

  managerReady(): boolean {
    return this.#manager !== null && this.#localState === 'active';
  }

  /** The manager, for the RPC server; null on a worker. */
  get manager(): Manager | null {
    return this.#manager;
  }

  /** The leader's services as this manager offers them; null on a worker. */
  get services(): LeaderServices | null {
    return this.#services;
  }

  facts(): NodeFacts {
    return {
      state: this.#state,
      localState: this.#localState,
      error: this.#error,
      manager: this.#manager,
      managers: this.#managers(),
    };
  }

  control<R extends ControlRequest>(
    request: R,
    done: Done<ControlReplies[R['method']]>,
    budgetMs?: number,
  ): void {
    if (this.#manager === null) {
      const text =
        'This node is not a swarm manager. Manager is being prepared or has trouble connecting to the cluster.';
      done(failed(new SwarmError('Unavailable', text, 'facade')));
    } else this.#manager.control(request, done, budgetMs);
  }

  info(done: Parameters<typeof describeNode>[1]): void {
    describeNode(this.facts(), done);
  }

  init(parameters: InitParameters, done: Done<{ readonly nodeId: string }>): void {
    const { authority, enrolment, random } = this.#ports;
    const self = nodeId(drawId(random));
    const cluster = clusterId(drawId(random));
    this.#localState = 'pending';
    const fail = (error: SwarmError): void => {
      this.#fail(error, done);
    };
    authority.createRoot((root) => {
      if (!root.ok) {
        fail(root.error);
        return;
      }
      enrolment.selfSign(root.value, self, cluster, (signed) => {
        if (!signed.ok) {
          fail(signed.error);
          return;
        }
        const { csr, ...identity } = signed.value;
        const found: FirstState = {
          rootCa: root.value,
          spec: parameters.spec,
          certificate: identity.certificate,
          csr,
          availability: parameters.availability,
          defaultAddressPool: parameters.defaultAddressPool,
          subnetSize: parameters.subnetSize,
          dataPathPort: parameters.dataPathPort,
          addr: hostOf(parameters.advertiseAddr),
        };
        this.#found(identity, parameters, found, done);
      });
    });
  }

  join(parameters: JoinSwarmParameters, done: Done<null>): void {
    this.#localState = 'pending';
    let answered = false;
    const answer: Done<null> = (result) => {
      if (answered) return;
      answered = true;
      budget.cancel();
      done(result);
    };
    const budget = this.#ports.timers.after(JOIN_BUDGET_MS, () => {
      const text =
        'Timeout was reached before node joined. The attempt to join the swarm will continue in the background. Use the "docker info" command to see the current swarm status of your node.';
      answer(failed(new SwarmError('Unavailable', text, 'facade')));
    });
    this.#ports.enrolment.join(parameters, (result) => {
      if (!result.ok) {
        this.#fail(result.error, answer);
        return;
      }
      const { listenAddr, remoteAddr } = parameters;
      // Where none is given the manager that is asked takes the address that the call comes from.
      const port = /:(\d+)$/.exec(listenAddr)?.[1] ?? '2377';
      const advertiseAddr =
        parameters.advertiseAddr === '' ? `0.0.0.0:${port}` : parameters.advertiseAddr;
      const remote = { nodeId: nodeId(''), addr: remoteAddr, weight: 1 };
      const state = {
        identity: result.value,
        raftId: '',
        listenAddr,
        advertiseAddr,
        managers: [remote],
      };
      this.#adopt(state, answer, () => {
        this.#ready = answer;
        if (state.identity.role === 'manager') this.#joinRaft(remoteAddr, answer);
        else this.#startAgent(state);
      });
    });
  }

  /** Leaves at all costs: nothing of the swarm stays on this node. Managers elsewhere are not told (SwarmKit). */
  leave(done: Done<null>): void {
    const self = this.#state?.identity.nodeId;
    if (self === undefined) {
      done(failed(new SwarmError('Unavailable', 'This node is not part of a swarm', 'facade')));
      return;
    }
    this.stop(() => {
      this.#ports.removeContainers(self, (removed) => {
        this.#ports.storage.wipe((error) => {
          this.#state = null;
          this.#stopped = false;
          this.#localState = 'inactive';
          this.#error = '';
          this.#ports.useIdentity(null);
          if (error !== null) done(failed(internal(error)));
          else done(removed);
        });
      });
    });
  }

  #found(
    identity: Identity,
    parameters: InitParameters,
    found: FirstState,
    done: Done<{ readonly nodeId: string }>,
  ): void {
    const { listenAddr, advertiseAddr } = parameters;
    const raftId = drawRaftId(this.#ports, () => false);
    const self: Member = { raftId, nodeId: identity.nodeId, addr: advertiseAddr };
    const managers = [{ nodeId: identity.nodeId, addr: advertiseAddr, weight: 10 }];
    const state = { identity, raftId, listenAddr, advertiseAddr, managers };
    this.#adopt(state, done, () => {
      this.#ready = (result) => {
        done(result.ok ? ok({ nodeId: identity.nodeId }) : result);
      };
      this.#serve(state, () => {
        this.#openManager(self, true, [], found);
        this.#startAgent(state);
      });
    });
  }

  /** Makes the state ours, on disk first. */
  #adopt<T>(state: NodeState, done: Done<T>, next: () => void): void {
    this.#ports.storage.save(state, (error) => {
      if (error !== null) {
        this.#fail(internal(error), done);
        return;
      }
      this.#state = state;
      this.#ports.useIdentity(state.identity);
      next();
    });
  }

  #serve(state: NodeState, next: () => void): void {
    this.#ports.listen(state.listenAddr, (error) => {
      if (this.#stopped) return;
      if (error === null) next();
      else this.#fail(error, this.#takeReady());
    });
  }

  // A joiner listens first, since the leader knocks at its port before it takes it in.
  #joinRaft(remoteAddr: string, done: Done<null> | null): void {
    const state = this.#state;
    if (state === null || this.#stopped) return;
    this.#serve(state, () => {
      this.#ports.peers.join(remoteAddr, state.advertiseAddr, (result) => {
        if (this.#stopped || this.#state === null) return;
        if (result.ok) this.#joined(result.value);
        else if (done !== null) this.#fail(result.error, this.#takeReady());
        else this.#retryJoin(result.error);
      });
    });
  }

  #joined(reply: JoinReply): void {
    const state = this.#state;
    if (state === null) return;
    const own = reply.members.find((member) => member.raftId === reply.raftId);
    const advertiseAddr = own?.addr ?? state.advertiseAddr;
    const managers = reply.members.map(({ nodeId: id, addr }) => ({
      nodeId: id,
      addr,
      weight: 10,
    }));
    const next = { ...state, raftId: reply.raftId, advertiseAddr, managers };
    this.#adopt<null>(next, this.#takeReadyLater(), () => {
      const self = { raftId: reply.raftId, nodeId: next.identity.nodeId, addr: advertiseAddr };
      this.#openManager(self, true, reply.members, undefined);
      if (this.#agent === null) this.#startAgent(next);
    });
  }

  #retryJoin(error: SwarmError): void {
    this.#error = error.text;
    this.#retry = this.#ports.timers.after(REJOIN_RETRY_MS, () => {
      const other = this.#managers().find((peer) => peer.nodeId !== this.nodeId());
      if (other !== undefined) this.#joinRaft(other.addr, null);
    });
  }

  #resumeManager(state: NodeState): void {
    const self = { raftId: state.raftId, nodeId: state.identity.nodeId, addr: state.advertiseAddr };
    const other = state.managers.find((peer) => peer.nodeId !== state.identity.nodeId);
    // Certified as a manager but never taken in: the process before ended in between.
    if (state.raftId === '') {
      if (other !== undefined) this.#joinRaft(other.addr, null);
      return;
    }
    this.#serve(state, () => {
      this.#openManager(self, false, [], undefined);
    });
  }

  #openManager(
    self: Member,
    fresh: boolean,
    members: readonly Member[],
    found: FirstState | undefined,
  ): void {
    this.#ports.storage.openRaft(fresh, (opened) => {
      if (this.#stopped || this.#state === null) return;
      if ('disk' in opened) this.#startManager(self, opened.stored, opened.disk, members, found);
      else this.#fail(internal(opened), this.#takeReady());
    });
  }

  #startManager(
    self: Member,
    stored: RaftStored,
    disk: RaftDisk,
    members: readonly Member[],
    found: FirstState | undefined,
  ): void {
    const cluster = this.#state?.identity.clusterId;
    if (cluster === undefined) return;
    const manager = new Manager(
      {
        ...this.#corePorts(),
        disk,
        peers: this.#ports.peers,
        authority: this.#ports.authority,
        managerEnded: (reason) => {
          this.#managerEnded(manager, reason);
        },
        managersChanged: () => {
          this.#agent?.setPeers(this.#managers());
        },
      },
      { self, clusterId: cluster, stored, members, ...(found === undefined ? {} : { found }) },
    );
    this.#manager = manager;
    this.#services = new LeaderServices(manager, this.#ports.remote);
    if (this.#ready === null) this.#localState = 'active';
    manager.start();
  }

  #corePorts(): Pick<NodePorts, 'clock' | 'timers' | 'random' | 'log'> {
    const { clock, timers, random } = this.#ports;
    return {
      clock,
      timers,
      random,
      log: (line) => {
        this.#ports.log(line);
      },
    };
  }

  #endManager(): void {
    this.#manager?.stop();
    this.#manager = null;
    this.#services = null;
  }

  // Removed from the group: the role will follow with the next session. A failed disk: this node can promise nothing any more.
  #managerEnded(manager: Manager, reason: 'removed' | SwarmtwinError): void {
    if (this.#manager !== manager) return;
    this.#endManager();
    if (reason === 'removed') {
      this.#ports.log({ level: 'info', part: 'node', message: 'no raft member any more' });
      this.#dropMembership();
    } else {
      this.#error = reason.message;
      this.#localState = 'error';
    }
  }

  #dropMembership(): void {
    const state = this.#state;
    if (state === null || this.#stopped) return;
    const peers = state.managers.filter((peer) => peer.nodeId !== state.identity.nodeId);
    const next = { ...state, raftId: '', managers: peers };
    this.#adopt<null>(
      next,
      () => undefined,
      () => {
        this.#ports.storage.openRaft(true, () => undefined);
        this.#ports.unlisten(() => undefined);
        this.#agent?.setPeers(peers);
        this.#renewLater(RENEW_DELAY_MS);
      },
    );
  }

  #startAgent(state: NodeState): void {
    const { dialer, executor, storage } = this.#ports;
    const self = state.identity.nodeId;
    const agent = new Agent(this.#corePorts(), {
      nodeId: self,
      dialer,
      executor,
      storage: storage.agentStorage(),
      localManager: () => {
        const services = this.#services;
        const addr = hostOf(this.#state?.advertiseAddr ?? '');
        if (services === null) return null;
        return localDispatcher(this.#corePorts(), services.dispatcher, { nodeId: self, addr });
      },
      onSession: (message) => {
        if (this.#agent === agent) this.#inSession(message);
      },
    });
    this.#agent = agent;
    agent.start(state.managers);
  }

  #inSession(message: SessionMessage): void {
    const state = this.#state;
    if (state === null || this.#stopped) return;
    this.#error = '';
    this.#localState = 'active';
    this.#takeReady()?.(ok(null));
    if (message.managers.length > 0 && !samePeers(message.managers, state.managers)) {
      this.#adopt<null>(
        { ...state, managers: message.managers },
        () => undefined,
        () => undefined,
      );
    }
    if (message.node.role !== state.identity.role) this.#renewLater(RENEW_DELAY_MS);
  }

  #renewLater(delayMs: number): void {
    if (this.#renewal !== null) return;
    this.#renewal = this.#ports.timers.after(delayMs, () => {
      const state = this.#state;
      if (state === null || this.#stopped) return;
      this.#ports.enrolment.renew(state.identity, this.#managers(), (result) => {
        this.#renewal = null;
        if (this.#stopped || this.#state === null) return;
        if (result.ok) this.#renewed(result.value);
        else {
          this.#ports.log({
            level: 'warn',
            part: 'node',
            message: `certificate not renewed: ${result.error.text}`,
          });
          this.#renewLater(RENEW_RETRY_MS);
        }
      });
    });
  }

  #renewed(identity: Identity): void {
    const state = this.#state;
    if (state === null) return;
    const before = state.identity.role;
    this.#adopt<null>(
      { ...state, identity },
      () => undefined,
      () => {
        this.#agent?.refreshDescription();
        const other = this.#managers().find((peer) => peer.nodeId !== identity.nodeId);
        if (identity.role === 'manager' && this.#manager === null && other !== undefined) {
          this.#joinRaft(other.addr, null);
        } else if (identity.role === 'worker' && before === 'manager' && this.#manager !== null) {
          this.#endManager();
          this.#dropMembership();
        } else if (identity.role === 'manager' && before === 'manager' && this.#manager === null) {
          this.#renewLater(RENEW_RETRY_MS);
        }
      },
    );
  }

  #managers(): readonly WeightedPeer[] {
    return this.#manager?.managers() ?? this.#state?.managers ?? [];
  }

  #takeReady(): Done<null> | null {
    const ready = this.#ready;
    this.#ready = null;
    return ready;
  }

  #takeReadyLater(): Done<null> {
    return (result) => {
      this.#takeReady()?.(result);
    };
  }

  // A first start that fails leaves the node as it was before.
  #fail<T>(error: SwarmError, done: Done<T> | null): void {
    const agent = this.#agent;
    this.#ports.log({ level: 'error', part: 'node', message: error.text });
    this.#endManager();
    this.#agent = null;
    this.#ready = null;
    this.#error = error.text;
    if (done === null) {
      this.#localState = 'error';
      return;
    }
    agent?.stop(() => undefined);
    this.#localState = 'inactive';
    this.#state = null;
    this.#ports.unlisten(() => {
      this.#ports.storage.wipe(() => {
        this.#ports.useIdentity(null);
        this.#error = '';
        done(failed(error));
      });
    });
  }
}

const internal = (error: SwarmtwinError): SwarmError =>
  new SwarmError('Unknown', error.message, 'facade');

/** The host of `host:port`, without brackets. */
export const hostOf = (addr: string): string => addr.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');

const samePeers = (a: readonly WeightedPeer[], b: readonly WeightedPeer[]): boolean =>
  a.length === b.length &&
  a.every((peer) => b.some((other) => other.nodeId === peer.nodeId && other.addr === peer.addr));

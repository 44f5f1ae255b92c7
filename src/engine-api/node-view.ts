/**
 * What the API needs of the node it answers for. `src/swarm/node.ts` is the one that offers it; a test gives a few lines of its own.
 * Answers come through callbacks, exactly once, possibly before the call returns.
 */
import type { ClusterView, ControlReplies, ControlRequest } from '../model/control.ts';
import type { Random } from '../model/random.ts';
import type { Done } from '../model/result.ts';
import type { NodeAvailability, SwarmSpec } from '../model/specs.ts';
import type { ApiRequest, ApiResponse } from './api-message.ts';
import type { LogMessage, LogRequest, PacedSink } from '../swarm/logs/log-api.ts';

/** moby: types.LocalNodeState. */
export type LocalNodeState = 'inactive' | 'pending' | 'active' | 'error' | 'locked';

/** A request to begin a swarm; addresses are resolved to numbers, the spec is complete (what was left out has its default). */
export interface InitRequest {
  /** `host:port`, the host numeric; `0.0.0.0` for every address. */
  readonly listenAddr: string;
  /** `host:port`, the host numeric. */
  readonly advertiseAddr: string;
  /** The node's own address: the listen address, or the advertised one where the former is every address. */
  readonly localAddr: string;
  /** `''` when the data plane uses the advertised address. */
  readonly dataPathAddr: string;
  readonly dataPathPort: number;
  readonly forceNewCluster: boolean;
  readonly defaultAddressPool: readonly string[];
  /** The list of pools was there, and empty: then none is shown. */
  readonly showsNoPool: boolean;
  /** 0 when it was not given. */
  readonly subnetSize: number;
  readonly availability: NodeAvailability;
  readonly spec: SwarmSpec;
  /** The same for a swarm that begins anew by force: what it had, changed where the client says something. */
  respec(base: SwarmSpec): SwarmSpec;
}

export interface JoinRequest {
  readonly listenAddr: string;
  /** `''` when the other side is to find it out. */
  readonly advertiseAddr: string;
  readonly dataPathAddr: string;
  /** `host:port` of the one manager that is asked (moby uses only the first of the request's list). */
  readonly remoteAddr: string;
  /** As it came; the node judges it. */
  readonly joinToken: string;
  readonly availability: NodeAvailability;
}

/** The swarm block of `/info`, in the core's words. */
export interface SwarmInfo {
  readonly nodeId: string;
  /** The address this node advertises, without port; `''` where there is none. */
  readonly nodeAddr: string;
  readonly localNodeState: LocalNodeState;
  /** Whether this node is a manager whose control service answers, be it with an error. */
  readonly controlAvailable: boolean;
  readonly error: string;
  readonly remoteManagers: readonly { readonly nodeId: string; readonly addr: string }[];
  /** 0 where they could not be asked for. */
  readonly nodes: number;
  /** Nodes with a manager status. */
  readonly managers: number;
  /** Absent on workers; `null` on a manager that could not ask for it, as while there is no leader. */
  readonly cluster?: ClusterView | null;
}

/** An address of this machine's own. */
export interface SystemInterface {
  readonly name: string;
  readonly up: boolean;
  readonly loopback: boolean;
  /** Whether the container engine made the network that it is on; such addresses are not advertised. */
  readonly ofEngine: boolean;
  /** Numeric addresses without prefix length, in the system's order. */
  readonly addresses: readonly string[];
}

/** What a network's name in a spec stands for, where it is none of the swarm's. */
export type NetworkResolution =
  | { readonly kind: 'swarm'; readonly id: string }
  /** One of this engine's own, which services cannot use. */
  | { readonly kind: 'local'; readonly name: string }
  | { readonly kind: 'unknown' };

export interface SwarmNodeView {
  localState(): LocalNodeState;
  /** The role in force, null outside a swarm. */
  role(): 'manager' | 'worker' | null;
  /** Whether this node's manager serves control requests; it may still answer that there is no leader. */
  managerReady(): boolean;
  /** Whether the node cannot start because its certificates ran out. */
  certificatesExpired(): boolean;
  /** This node's id, `''` before it has one. */
  nodeId(): string;
  interfaces(): readonly SystemInterface[];
  /** Draws names for services that come without one. */
  readonly random: Random;
  /**
   * Asks the control plane: hands the request to the leader, applies the rules for a missing leader, and answers at the latest after
   * `budgetMs` (20 s unless given; moby: swarmRequestTimeout) with DeadlineExceeded `context deadline exceeded`.
   */
  control<R extends ControlRequest>(
    request: R,
    done: Done<ControlReplies[R['method']]>,
    budgetMs?: number,
  ): void;
  /** Streams the output of tasks, through the leader. */
  logs(request: LogRequest, sink: PacedSink<readonly LogMessage[]>): void;
  /** Whether a network that the swarm has not is one of the engine's; by id, name or id prefix. */
  network(reference: string, done: Done<NetworkResolution>): void;
  /** Hands a request to the node's own engine, and its answer back; status 503 where the engine cannot be reached. */
  engine(request: ApiRequest, done: (response: ApiResponse) => void): void;
  init(request: InitRequest, done: Done<{ readonly nodeId: string }>): void;
  join(request: JoinRequest, done: Done<null>): void;
  /** Opens a manager that locked itself. Errors: Unauthenticated for the wrong key. */
  unlock(key: string, done: Done<null>): void;
  /** Leaves whatever it costs: the refusals of an unforced leave are given before this is called. */
  leave(done: Done<null>): void;
  /** Waits for the leader as moby does; fails only where not even the local state can be told. */
  info(done: Done<SwarmInfo>): void;
}

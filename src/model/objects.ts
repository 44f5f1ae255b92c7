/** What the replicated store holds. Objects are values: a change is a new object with the same id. */
import type { ClusterId, ConfigId, NetworkId, NodeId, SecretId, ServiceId, TaskId } from './ids.ts';
import type {
  ConfigSpec,
  Driver,
  EndpointSpec,
  GenericResource,
  IpamOptions,
  Labels,
  NetworkSpec,
  NodeRole,
  NodeSpec,
  Platform,
  PortConfig,
  SecretSpec,
  ServiceSpec,
  SwarmSpec,
  TaskSpec,
} from './specs.ts';
import type { TaskState } from './task-state.ts';

/** `version` is the raft commit index at the start of the transaction that wrote the object; times are the leader's clock, in ms. */
export interface Meta {
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Service {
  readonly id: ServiceId;
  readonly meta: Meta;
  readonly spec: ServiceSpec;
  readonly previousSpec?: ServiceSpec;
  /** Changes when the task template may have changed; tasks that carry another one are candidates for an update. */
  readonly specVersion: number;
  readonly previousSpecVersion?: number;
  readonly updateStatus?: UpdateStatus;
  readonly jobStatus?: { readonly iteration: number; readonly lastExecution: number };
  readonly endpoint?: Endpoint;
}

export type UpdateState =
  | 'updating'
  | 'paused'
  | 'completed'
  | 'rollback_started'
  | 'rollback_paused'
  | 'rollback_completed';

export interface UpdateStatus {
  readonly state: UpdateState;
  readonly startedAt?: number;
  readonly completedAt?: number;
  readonly message: string;
}

export interface Endpoint {
  readonly spec?: EndpointSpec;
  readonly ports: readonly PortConfig[];
  readonly virtualIps: readonly { readonly networkId: NetworkId; readonly addr: string }[];
}

export interface Task {
  readonly id: TaskId;
  readonly meta: Meta;
  readonly serviceId: ServiceId;
  /** From 1 for replicated services; 0 for global ones, whose tasks belong to a node. */
  readonly slot: number;
  /** `''` until the scheduler chose. */
  readonly nodeId: NodeId;
  readonly serviceName: string;
  readonly serviceLabels: Labels;
  readonly spec: TaskSpec;
  /** The service's specVersion that the task was made from. */
  readonly specVersion: number;
  readonly desiredState: TaskState;
  readonly status: TaskStatus;
  readonly endpoint?: Endpoint;
  readonly networks?: readonly NetworkAttachment[];
  readonly logDriver?: { readonly Name?: string; readonly Options?: Labels };
  readonly genericResources?: readonly GenericResource[];
  readonly jobIteration?: number;
}

export interface TaskStatus {
  readonly state: TaskState;
  /** When the state was reached, by the clock of whoever wrote it. */
  readonly timestamp: number;
  readonly message: string;
  /** For people; empty after a successful step. */
  readonly err: string;
  readonly container?: ContainerStatus;
  readonly ports?: readonly PortConfig[];
  /** The leader's clock when it took the status in; orders tasks of one slot. Not shown by the API. */
  readonly appliedAt?: number;
  readonly appliedBy?: NodeId;
}

export interface ContainerStatus {
  readonly containerId: string;
  readonly pid: number;
  readonly exitCode: number;
}

export type NodeState = 'unknown' | 'down' | 'ready' | 'disconnected';

export interface Node {
  readonly id: NodeId;
  readonly meta: Meta;
  readonly spec: NodeSpec;
  /** The role in force; follows `spec.Role` once raft membership agrees. */
  readonly role: NodeRole;
  readonly description?: NodeDescription;
  readonly status: { readonly state: NodeState; readonly message: string; readonly addr: string };
  readonly certificate: NodeCertificate;
  /** Where the node's load balancer is on each overlay network; not shown by the API. */
  readonly attachments?: readonly NetworkAttachment[];
}

/** A place on a network: addresses as `10.0.1.5/24`. */
export interface NetworkAttachment {
  readonly networkId: NetworkId;
  readonly addresses: readonly string[];
  readonly aliases?: readonly string[];
  readonly driverOpts?: Labels;
  /** The network itself, for those who have no store to look it up in: agents and clients. */
  readonly network?: Network;
}

export interface NodeCertificate {
  readonly role: NodeRole;
  readonly state: 'pending' | 'renew' | 'rotate' | 'issued' | 'failed';
  /** PEM. */
  readonly csr: string;
  /** PEM, alone: the root that signed it is known to whoever trusts it. */
  readonly certificate: string;
  readonly cn: string;
  readonly err?: string;
}

export interface NodeDescription {
  readonly hostname: string;
  readonly platform: Platform;
  readonly resources: {
    readonly nanoCpus: number;
    readonly memoryBytes: number;
    readonly generic: readonly GenericResource[];
  };
  readonly engine: {
    readonly version: string;
    readonly labels: Labels;
    readonly plugins: readonly { readonly Type: string; readonly Name: string }[];
  };
  /** The node's manager, if it had one, could not read our raft log: it runs dockerd's own agent. */
  readonly isForeign?: true;
  /** What the node trusts, and who signed its certificate: by that a rotation of the root knows who has followed. */
  readonly tls?: {
    /** PEM. */
    readonly trustRoot: string;
    /** DER in base 64. */
    readonly issuerSubject: string;
    /** DER in base 64. */
    readonly issuerPublicKey: string;
  };
}

/** A raft member as the serving leader sees it; not stored on the node. */
export interface ManagerStatus {
  readonly raftId: string;
  readonly addr: string;
  readonly leader: boolean;
  readonly reachability: 'unknown' | 'unreachable' | 'reachable';
}

export interface Cluster {
  readonly id: ClusterId;
  readonly meta: Meta;
  readonly spec: SwarmSpec;
  readonly joinTokens: { readonly worker: string; readonly manager: string };
  readonly rootCa: ClusterRoot;
  /** What managers' keys are encrypted with on their disks, 32 bytes in base 64; only while managers lock themselves. */
  readonly unlockKey?: string;
  readonly defaultAddressPool: readonly string[];
  readonly subnetSize: number;
  readonly dataPathPort: number;
  /** Certificates of removed nodes, by CN: ms time until which they are refused. */
  readonly blacklist: Readonly<Record<string, number>>;
}

/** The swarm's root certificate and the key that signs with it, PEM. */
export interface ClusterRoot {
  readonly certificate: string;
  /** Empty where only an external authority can sign. */
  readonly key: string;
  /** The root that every node is being moved to. */
  readonly rotation?: {
    readonly certificate: string;
    readonly key: string;
    /** The new root, signed by the old one: whoever trusts the old trusts what the new one signed. */
    readonly crossSigned: string;
  };
  /** The `ForceRotate` that the last rotation was asked for with. */
  readonly lastForcedRotation?: number;
}

export interface Secret {
  readonly id: SecretId;
  readonly meta: Meta;
  readonly spec: SecretSpec;
}

export interface Config {
  readonly id: ConfigId;
  readonly meta: Meta;
  readonly spec: ConfigSpec;
}

export interface Network {
  readonly id: NetworkId;
  readonly meta: Meta;
  readonly spec: NetworkSpec;
  /** What the driver settled at allocation: its name, and the VXLAN numbers among its options. Absent until then. */
  readonly driverState?: Driver;
  /** The subnets and gateways in force; absent until they are allocated. */
  readonly ipam?: IpamOptions;
}

/** The store's tables, by the name of what they hold. */
export interface Tables {
  readonly cluster: Cluster;
  readonly node: Node;
  readonly service: Service;
  readonly task: Task;
  readonly network: Network;
  readonly secret: Secret;
  readonly config: Config;
}

export type Kind = keyof Tables;
export const KINDS: readonly Kind[] = [
  'cluster',
  'node',
  'service',
  'task',
  'network',
  'secret',
  'config',
];

/** One change of the store, the unit that raft carries. */
export type StoreAction = {
  readonly [K in Kind]:
    | { readonly kind: K; readonly action: 'create' | 'update'; readonly object: Tables[K] }
    | { readonly kind: K; readonly action: 'remove'; readonly id: string };
}[Kind];

/** Container names: `<service>.<slot>.<task>`, the node's id in place of slot 0 (SwarmKit: naming). */
export function taskName(task: Task): string {
  const place = task.slot === 0 ? task.nodeId : String(task.slot);
  return `${task.serviceName}.${place}.${task.id}`;
}

/**
 * What can be asked of the control plane. The node that a client talks to makes one of these of an HTTP request; the leader answers it
 * (SwarmKit: the Control service; moby: daemon/cluster). A `ref` is a full id, an exact name or an id prefix, resolved by the leader.
 */
import type {
  Cluster,
  Config,
  ManagerStatus,
  Network,
  Node,
  Secret,
  Service,
  Task,
} from './objects.ts';
import type {
  ConfigSpec,
  NetworkSpec,
  NodeSpec,
  SecretSpec,
  ServiceSpec,
  SwarmSpec,
} from './specs.ts';

/** Filter keys to their values: alternatives within a key, all keys must match. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** Of secrets and configs. */
export type DataRequest =
  | { readonly method: 'create-secret'; readonly spec: SecretSpec }
  | {
      readonly method: 'update-secret';
      readonly ref: string;
      readonly version: number;
      readonly spec: SecretSpec;
    }
  | { readonly method: 'remove-secret'; readonly ref: string }
  | { readonly method: 'get-secret'; readonly ref: string }
  | { readonly method: 'list-secrets'; readonly filters: Filters }
  | { readonly method: 'create-config'; readonly spec: ConfigSpec }
  | {
      readonly method: 'update-config';
      readonly ref: string;
      readonly version: number;
      readonly spec: ConfigSpec;
    }
  | { readonly method: 'remove-config'; readonly ref: string }
  | { readonly method: 'get-config'; readonly ref: string }
  | { readonly method: 'list-configs'; readonly filters: Filters };

export type NetworkRequest =
  | { readonly method: 'create-network'; readonly spec: NetworkSpec }
  | { readonly method: 'remove-network'; readonly ref: string }
  | { readonly method: 'get-network'; readonly ref: string }
  | { readonly method: 'list-networks'; readonly filters: Filters };

export type ControlRequest =
  | DataRequest
  | NetworkRequest
  | { readonly method: 'create-service'; readonly spec: ServiceSpec }
  | {
      readonly method: 'update-service';
      readonly ref: string;
      readonly version: number;
      readonly spec: ServiceSpec;
      readonly rollback: boolean;
    }
  | { readonly method: 'remove-service'; readonly ref: string }
  | { readonly method: 'get-service'; readonly ref: string }
  | { readonly method: 'list-services'; readonly filters: Filters }
  | { readonly method: 'get-task'; readonly ref: string }
  | { readonly method: 'list-tasks'; readonly filters: Filters }
  | { readonly method: 'get-node'; readonly ref: string }
  | { readonly method: 'list-nodes'; readonly filters: Filters }
  | {
      readonly method: 'update-node';
      readonly ref: string;
      readonly version: number;
      readonly spec: NodeSpec;
    }
  | { readonly method: 'remove-node'; readonly ref: string; readonly force: boolean }
  | { readonly method: 'get-cluster' }
  | { readonly method: 'get-unlock-key' }
  | {
      readonly method: 'update-cluster';
      readonly version: number;
      readonly spec: SwarmSpec;
      readonly rotateWorkerToken: boolean;
      readonly rotateManagerToken: boolean;
      readonly rotateUnlockKey?: boolean;
    };

/** A node with what only the serving leader knows of it. */
export interface NodeView {
  readonly node: Node;
  readonly manager?: ManagerStatus;
}

/** The swarm as a leader shows it. */
export interface ClusterView extends Cluster {
  /**
   * The founder was given an empty list of address pools, as by the docker CLI: it shows none for as long as its process leads, where every other leader shows
   * the default (SwarmKit: redactClusters, and protobuf, which does not know empty from missing).
   */
  readonly showsNoPool?: boolean;
}

/** A service with the counts that `service ls` shows. */
export interface ServiceView {
  readonly service: Service;
  readonly runningTasks: number;
  readonly desiredTasks: number;
  readonly completedTasks: number;
}

/** The answer to each method. */
export interface ControlReplies {
  readonly 'create-service': { readonly id: string };
  readonly 'update-service': Readonly<Record<string, never>>;
  readonly 'remove-service': Readonly<Record<string, never>>;
  readonly 'get-service': Service;
  readonly 'list-services': readonly ServiceView[];
  readonly 'get-task': Task;
  readonly 'list-tasks': readonly Task[];
  readonly 'get-node': NodeView;
  readonly 'list-nodes': readonly NodeView[];
  readonly 'update-node': Readonly<Record<string, never>>;
  readonly 'remove-node': Readonly<Record<string, never>>;
  readonly 'get-cluster': ClusterView;
  readonly 'create-secret': { readonly id: string };
  readonly 'update-secret': Readonly<Record<string, never>>;
  readonly 'remove-secret': Readonly<Record<string, never>>;
  /** Secrets come without their data. */
  readonly 'get-secret': Secret;
  readonly 'list-secrets': readonly Secret[];
  readonly 'create-config': { readonly id: string };
  readonly 'update-config': Readonly<Record<string, never>>;
  readonly 'remove-config': Readonly<Record<string, never>>;
  readonly 'get-config': Config;
  readonly 'list-configs': readonly Config[];
  readonly 'create-network': { readonly id: string };
  readonly 'remove-network': Readonly<Record<string, never>>;
  readonly 'get-network': Network;
  readonly 'list-networks': readonly Network[];
  /** 32 bytes in base 64; `''` while managers do not lock themselves. */
  readonly 'get-unlock-key': { readonly key: string };
  readonly 'update-cluster': Readonly<Record<string, never>>;
}

export type ControlMethod = ControlRequest['method'];
export type ControlReply = ControlReplies[ControlMethod];

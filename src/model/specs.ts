/**
 * What people declare, in the shapes and words of Docker's Engine API (API 1.45): a spec is stored as it was declared, after the
 * normalisation that `engine-api` does. Durations are nanoseconds.
 */
export type Labels = Readonly<Record<string, string>>;

export interface ServiceSpec {
  readonly Name: string;
  readonly Labels: Labels;
  readonly TaskTemplate: TaskSpec;
  readonly Mode: ServiceMode;
  readonly UpdateConfig?: UpdateConfig;
  readonly RollbackConfig?: UpdateConfig;
  readonly Networks?: readonly NetworkAttachmentConfig[];
  readonly EndpointSpec?: EndpointSpec;
}

/** Exactly one member is set. */
export interface ServiceMode {
  readonly Replicated?: { readonly Replicas?: number };
  readonly Global?: Readonly<Record<string, never>>;
  readonly ReplicatedJob?: { readonly MaxConcurrent?: number; readonly TotalCompletions?: number };
  readonly GlobalJob?: Readonly<Record<string, never>>;
}

export interface TaskSpec {
  readonly ContainerSpec?: ContainerSpec;
  readonly Resources?: ResourceRequirements;
  readonly RestartPolicy?: RestartPolicy;
  readonly Placement?: Placement;
  readonly Networks?: readonly NetworkAttachmentConfig[];
  readonly LogDriver?: { readonly Name?: string; readonly Options?: Labels };
  readonly ForceUpdate: number;
  readonly Runtime?: string;
}

export interface ContainerSpec {
  readonly Image: string;
  readonly Labels?: Labels;
  readonly Command?: readonly string[];
  readonly Args?: readonly string[];
  readonly Hostname?: string;
  readonly Env?: readonly string[];
  readonly Dir?: string;
  readonly User?: string;
  readonly Groups?: readonly string[];
  readonly Privileges?: Readonly<Record<string, unknown>>;
  readonly Init?: boolean;
  readonly StopSignal?: string;
  readonly TTY?: boolean;
  readonly OpenStdin?: boolean;
  readonly ReadOnly?: boolean;
  readonly Mounts?: readonly Mount[];
  /** Nanoseconds; unset means the engine's own default for the container. */
  readonly StopGracePeriod?: number;
  readonly Healthcheck?: HealthConfig;
  readonly Hosts?: readonly string[];
  readonly DNSConfig?: {
    readonly Nameservers?: readonly string[];
    readonly Search?: readonly string[];
    readonly Options?: readonly string[];
  };
  readonly Secrets?: readonly SecretReference[];
  readonly Configs?: readonly ConfigReference[];
  readonly Isolation?: string;
  readonly Sysctls?: Labels;
  readonly CapabilityAdd?: readonly string[];
  readonly CapabilityDrop?: readonly string[];
  readonly Ulimits?: readonly {
    readonly Name: string;
    readonly Soft: number;
    readonly Hard: number;
  }[];
  readonly OomScoreAdj?: number;
  /** The credentials that nodes pull the image with, as the client gave them; never shown. */
  readonly PullOptions?: { readonly RegistryAuth: string };
}

export interface HealthConfig {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

export interface Mount {
  readonly Type?: string;
  readonly Source?: string;
  readonly Target?: string;
  readonly ReadOnly?: boolean;
  readonly Consistency?: string;
  readonly BindOptions?: Readonly<Record<string, unknown>>;
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean;
    readonly Labels?: Labels;
    readonly DriverConfig?: { readonly Name?: string; readonly Options?: Labels };
    readonly Subpath?: string;
  };
  readonly TmpfsOptions?: Readonly<Record<string, unknown>>;
}

export interface SecretReference {
  readonly SecretID: string;
  readonly SecretName: string;
  readonly File?: FileTarget;
}

export interface ConfigReference {
  readonly ConfigID: string;
  readonly ConfigName: string;
  readonly File?: FileTarget;
  readonly Runtime?: Readonly<Record<string, never>>;
}

export interface FileTarget {
  readonly Name: string;
  readonly UID: string;
  readonly GID: string;
  readonly Mode: number;
}

export interface Resources {
  readonly NanoCPUs?: number;
  readonly MemoryBytes?: number;
  readonly Pids?: number;
  readonly GenericResources?: readonly GenericResource[];
}

export interface GenericResource {
  readonly NamedResourceSpec?: { readonly Kind: string; readonly Value: string };
  readonly DiscreteResourceSpec?: { readonly Kind: string; readonly Value: number };
}

export interface ResourceRequirements {
  readonly Limits?: Resources;
  readonly Reservations?: Resources;
  readonly SwapBytes?: number;
  readonly MemorySwappiness?: number;
}

export type RestartCondition = 'none' | 'on-failure' | 'any';

export interface RestartPolicy {
  readonly Condition?: RestartCondition;
  readonly Delay?: number;
  readonly MaxAttempts?: number;
  readonly Window?: number;
}

export interface Placement {
  readonly Constraints?: readonly string[];
  readonly Preferences?: readonly { readonly Spread?: { readonly SpreadDescriptor: string } }[];
  readonly MaxReplicas?: number;
  readonly Platforms?: readonly Platform[];
}

export interface Platform {
  readonly Architecture?: string;
  readonly OS?: string;
}

export type FailureAction = 'pause' | 'continue' | 'rollback';
export type UpdateOrder = 'stop-first' | 'start-first';

export interface UpdateConfig {
  /** 0 means all slots at once. */
  readonly Parallelism: number;
  readonly Delay?: number;
  readonly FailureAction?: FailureAction;
  /** 0 or unset means 5 s. */
  readonly Monitor?: number;
  readonly MaxFailureRatio: number;
  readonly Order?: UpdateOrder;
}

export interface NetworkAttachmentConfig {
  readonly Target?: string;
  readonly Aliases?: readonly string[];
  readonly DriverOpts?: Labels;
}

export interface EndpointSpec {
  readonly Mode?: 'vip' | 'dnsrr';
  readonly Ports?: readonly PortConfig[];
}

export interface PortConfig {
  readonly Name?: string;
  readonly Protocol?: 'tcp' | 'udp' | 'sctp';
  readonly TargetPort?: number;
  readonly PublishedPort?: number;
  readonly PublishMode?: 'ingress' | 'host';
}

export type NodeRole = 'worker' | 'manager';
export type NodeAvailability = 'active' | 'pause' | 'drain';

export interface NodeSpec {
  readonly Name?: string;
  readonly Labels: Labels;
  /** The desired role. */
  readonly Role: NodeRole;
  readonly Availability: NodeAvailability;
}

/** The cluster's settings; defaults are in {@link DEFAULT_SWARM_SPEC}. */
export interface SwarmSpec {
  readonly Name: string;
  readonly Labels: Labels;
  readonly Orchestration: { readonly TaskHistoryRetentionLimit?: number };
  readonly Raft: {
    readonly SnapshotInterval: number;
    readonly KeepOldSnapshots: number;
    readonly LogEntriesForSlowFollowers: number;
    readonly ElectionTick: number;
    readonly HeartbeatTick: number;
  };
  readonly Dispatcher: { readonly HeartbeatPeriod: number };
  readonly CAConfig: CaConfig;
  readonly TaskDefaults: {
    readonly LogDriver?: { readonly Name?: string; readonly Options?: Labels };
  };
  readonly EncryptionConfig: { readonly AutoLockManagers: boolean };
}

export interface CaConfig {
  readonly NodeCertExpiry: number;
  /** A number that differs from the one before asks for a new root. */
  readonly ForceRotate?: number;
  readonly ExternalCAs?: readonly ExternalCa[];
  /** PEM, of a root of one's own. Neither is ever shown. */
  readonly SigningCACert?: string;
  readonly SigningCAKey?: string;
}

export interface ExternalCa {
  readonly Protocol: 'cfssl';
  readonly URL: string;
  readonly Options?: Labels;
  /** PEM of the root it signs for; the swarm's own where it is left out. */
  readonly CACert?: string;
}

/** SwarmKit's and moby's defaults: history 5, snapshot 10000/0/500, election 10, heartbeat 1, dispatcher 5 s, certificates 90 days. */
export const DEFAULT_SWARM_SPEC: SwarmSpec = {
  Name: 'default',
  Labels: {},
  Orchestration: { TaskHistoryRetentionLimit: 5 },
  Raft: {
    SnapshotInterval: 10_000,
    KeepOldSnapshots: 0,
    LogEntriesForSlowFollowers: 500,
    ElectionTick: 10,
    HeartbeatTick: 1,
  },
  Dispatcher: { HeartbeatPeriod: 5_000_000_000 },
  CAConfig: { NodeCertExpiry: 7_776_000_000_000_000 },
  TaskDefaults: {},
  EncryptionConfig: { AutoLockManagers: false },
};

/** A plugin, or a part of the engine that could be one, by name. */
export interface Driver {
  readonly Name?: string;
  readonly Options?: Labels;
}

/** `Data` is base 64; a secret's is known to the store and to the nodes whose tasks need it, and shown to nobody. */
export interface SecretSpec {
  readonly Name: string;
  readonly Labels: Labels;
  readonly Data?: string;
  readonly Driver?: Driver;
  readonly Templating?: Driver;
}

export interface ConfigSpec {
  readonly Name: string;
  readonly Labels: Labels;
  readonly Data?: string;
  readonly Templating?: Driver;
}

export interface IpamConfig {
  /** `10.0.1.0/24`. */
  readonly Subnet?: string;
  readonly Range?: string;
  readonly Gateway?: string;
}

export interface IpamOptions {
  readonly Driver?: Driver;
  readonly Configs: readonly IpamConfig[];
}

export interface NetworkSpec {
  readonly Name: string;
  readonly Labels: Labels;
  /** Without a name it is overlay. */
  readonly Driver?: Driver;
  readonly EnableIPv6?: boolean;
  readonly Internal?: boolean;
  readonly Attachable?: boolean;
  readonly Ingress?: boolean;
  readonly IPAM?: IpamOptions;
  /** The network whose configuration it takes. */
  readonly ConfigFrom?: string;
}

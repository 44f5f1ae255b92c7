/** moby's swarm, node and task as they are shown (api/types/swarm/swarm.go, node.go, task.go). */
import {
  ANNOTATIONS,
  DRIVER,
  GENERIC_RESOURCES,
  META,
  PLATFORM,
  RESOURCES,
  TLS_INFO,
  VERSION,
} from './common-schema.ts';
import {
  BOOL,
  DURATION,
  INT,
  INT64,
  LABELS,
  STRING,
  STRINGS,
  TIME,
  UINT32,
  UINT64,
  always,
  embedded,
  field,
  list,
  named,
  pointer,
  struct,
} from './go-type.ts';
import { ATTACHMENTS } from './network-schema.ts';
import { PORTS, TASK_SPEC } from './service-schema.ts';

const RAFT_CONFIG = struct(
  'swarm.RaftConfig',
  field('SnapshotInterval', UINT64),
  field('KeepOldSnapshots', pointer(UINT64)),
  field('LogEntriesForSlowFollowers', UINT64),
  always('ElectionTick', INT),
  always('HeartbeatTick', INT),
);

const EXTERNAL_CA = struct(
  'swarm.ExternalCA',
  always('Protocol', named('swarm.ExternalCAProtocol')),
  always('URL', STRING),
  field('Options', LABELS),
  always('CACert', STRING),
);

const CA_CONFIG = struct(
  'swarm.CAConfig',
  field('NodeCertExpiry', DURATION),
  field('ExternalCAs', list(pointer(EXTERNAL_CA))),
  field('SigningCACert', STRING),
  field('SigningCAKey', STRING),
  field('ForceRotate', UINT64),
);

export const SWARM_SPEC = struct(
  'swarm.Spec',
  ANNOTATIONS,
  field(
    'Orchestration',
    struct('swarm.OrchestrationConfig', field('TaskHistoryRetentionLimit', pointer(INT64))),
  ),
  field('Raft', RAFT_CONFIG),
  field('Dispatcher', struct('swarm.DispatcherConfig', field('HeartbeatPeriod', DURATION))),
  field('CAConfig', CA_CONFIG),
  field('TaskDefaults', struct('swarm.TaskDefaults', field('LogDriver', pointer(DRIVER)))),
  field('EncryptionConfig', struct('swarm.EncryptionConfig', always('AutoLockManagers', BOOL))),
);

const CLUSTER_FIELDS = [
  always('ID', STRING),
  ...META,
  always('Spec', SWARM_SPEC),
  always('TLSInfo', TLS_INFO),
  always('RootRotationInProgress', BOOL),
  always('DefaultAddrPool', STRINGS),
  always('SubnetSize', UINT32),
  always('DataPathPort', UINT32),
];

export const CLUSTER_INFO = struct('swarm.ClusterInfo', CLUSTER_FIELDS);

export const SWARM = struct(
  'swarm.Swarm',
  embedded('ClusterInfo', ...CLUSTER_FIELDS),
  always(
    'JoinTokens',
    struct('swarm.JoinTokens', always('Worker', STRING), always('Manager', STRING)),
  ),
);

export const INFO = struct(
  'swarm.Info',
  always('NodeID', STRING),
  always('NodeAddr', STRING),
  always('LocalNodeState', STRING),
  always('ControlAvailable', BOOL),
  always('Error', STRING),
  always(
    'RemoteManagers',
    list(struct('swarm.Peer', always('NodeID', STRING), always('Addr', STRING))),
  ),
  field('Nodes', INT),
  field('Managers', INT),
  field('Cluster', pointer(CLUSTER_INFO)),
  field('Warnings', STRINGS),
);

export const INIT_REQUEST = struct(
  'swarm.InitRequest',
  always('ListenAddr', STRING),
  always('AdvertiseAddr', STRING),
  always('DataPathAddr', STRING),
  always('DataPathPort', UINT32),
  always('ForceNewCluster', BOOL),
  always('Spec', SWARM_SPEC),
  always('AutoLockManagers', BOOL),
  always('Availability', named('swarm.NodeAvailability')),
  always('DefaultAddrPool', STRINGS),
  always('SubnetSize', UINT32),
);

export const JOIN_REQUEST = struct(
  'swarm.JoinRequest',
  always('ListenAddr', STRING),
  always('AdvertiseAddr', STRING),
  always('DataPathAddr', STRING),
  always('RemoteAddrs', STRINGS),
  always('JoinToken', STRING),
  always('Availability', named('swarm.NodeAvailability')),
);

export const UNLOCK_REQUEST = struct('swarm.UnlockRequest', always('UnlockKey', STRING));

export const NODE_SPEC = struct(
  'swarm.NodeSpec',
  ANNOTATIONS,
  field('Role', named('swarm.NodeRole')),
  field('Availability', named('swarm.NodeAvailability')),
);

const NODE_DESCRIPTION = struct(
  'swarm.NodeDescription',
  field('Hostname', STRING),
  field('Platform', PLATFORM),
  field('Resources', RESOURCES),
  field(
    'Engine',
    struct(
      'swarm.EngineDescription',
      field('EngineVersion', STRING),
      field('Labels', LABELS),
      field(
        'Plugins',
        list(struct('swarm.PluginDescription', field('Type', STRING), field('Name', STRING))),
      ),
    ),
  ),
  field('TLSInfo', TLS_INFO),
);

export const NODE = struct(
  'swarm.Node',
  always('ID', STRING),
  META,
  field('Spec', NODE_SPEC),
  field('Description', NODE_DESCRIPTION),
  field(
    'Status',
    struct(
      'swarm.NodeStatus',
      field('State', STRING),
      field('Message', STRING),
      field('Addr', STRING),
    ),
  ),
  field(
    'ManagerStatus',
    pointer(
      struct(
        'swarm.ManagerStatus',
        field('Leader', BOOL),
        field('Reachability', STRING),
        field('Addr', STRING),
      ),
    ),
  ),
);
export const NODES = list(NODE);

const TASK_STATUS = struct(
  'swarm.TaskStatus',
  field('Timestamp', TIME),
  field('State', STRING),
  field('Message', STRING),
  field('Err', STRING),
  field(
    'ContainerStatus',
    pointer(
      struct(
        'swarm.ContainerStatus',
        always('ContainerID', STRING),
        always('PID', INT),
        always('ExitCode', INT),
      ),
    ),
  ),
  field('PortStatus', struct('swarm.PortStatus', field('Ports', PORTS))),
);

export const TASK = struct(
  'swarm.Task',
  always('ID', STRING),
  META,
  ANNOTATIONS,
  field('Spec', TASK_SPEC),
  field('ServiceID', STRING),
  field('Slot', INT),
  field('NodeID', STRING),
  field('Status', TASK_STATUS),
  field('DesiredState', STRING),
  field('NetworksAttachments', ATTACHMENTS),
  field('GenericResources', GENERIC_RESOURCES),
  field('JobIteration', pointer(VERSION)),
  always('Volumes', list(struct('swarm.VolumeAttachment')), '26.1'),
);
export const TASKS = list(TASK);

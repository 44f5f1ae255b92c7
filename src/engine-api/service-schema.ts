/** moby's service and task specs (api/types/swarm/service.go, task.go, network.go). */
import { ANNOTATIONS, DRIVER, META, PLATFORM, RESOURCES, VERSION } from './common-schema.ts';
import { CONTAINER_SPEC } from './container-schema.ts';
import {
  BOOL,
  DURATION,
  FLOAT32,
  INT64,
  LABELS,
  STRING,
  STRINGS,
  TIME,
  UINT32,
  UINT64,
  always,
  field,
  list,
  named,
  pointer,
  struct,
} from './go-type.ts';

const LIMIT = struct(
  'swarm.Limit',
  field('NanoCPUs', INT64),
  field('MemoryBytes', INT64),
  field('Pids', INT64),
);

const REQUIREMENTS = struct(
  'swarm.ResourceRequirements',
  field('Limits', pointer(LIMIT)),
  field('Reservations', pointer(RESOURCES)),
);

const RESTART_POLICY = struct(
  'swarm.RestartPolicy',
  field('Condition', named('swarm.RestartPolicyCondition')),
  field('Delay', pointer(DURATION)),
  field('MaxAttempts', pointer(UINT64)),
  field('Window', pointer(DURATION)),
);

const PREFERENCE = struct(
  'swarm.PlacementPreference',
  always('Spread', pointer(struct('swarm.SpreadOver', always('SpreadDescriptor', STRING)))),
);

const PLACEMENT = struct(
  'swarm.Placement',
  field('Constraints', STRINGS),
  field('Preferences', list(PREFERENCE)),
  field('MaxReplicas', UINT64),
  field('Platforms', list(PLATFORM)),
);

const NETWORKS = list(
  struct(
    'swarm.NetworkAttachmentConfig',
    field('Target', STRING),
    field('Aliases', STRINGS),
    field('DriverOpts', LABELS),
  ),
);

const PLUGIN_SPEC = struct(
  'runtime.PluginSpec',
  field('name', STRING),
  field('remote', STRING),
  field('disabled', BOOL),
  field('env', STRINGS),
);

export const TASK_SPEC = struct(
  'swarm.TaskSpec',
  field('ContainerSpec', pointer(CONTAINER_SPEC)),
  field('PluginSpec', pointer(PLUGIN_SPEC)),
  field(
    'NetworkAttachmentSpec',
    pointer(struct('swarm.NetworkAttachmentSpec', always('ContainerID', STRING))),
  ),
  field('Resources', pointer(REQUIREMENTS)),
  field('RestartPolicy', pointer(RESTART_POLICY)),
  field('Placement', pointer(PLACEMENT)),
  field('Networks', NETWORKS),
  field('LogDriver', pointer(DRIVER)),
  always('ForceUpdate', UINT64),
  field('Runtime', named('swarm.RuntimeType')),
);

const MODE = struct(
  'swarm.ServiceMode',
  field(
    'Replicated',
    pointer(struct('swarm.ReplicatedService', field('Replicas', pointer(UINT64)))),
  ),
  field('Global', pointer(struct('swarm.GlobalService'))),
  field(
    'ReplicatedJob',
    pointer(
      struct(
        'swarm.ReplicatedJob',
        field('MaxConcurrent', pointer(UINT64)),
        field('TotalCompletions', pointer(UINT64)),
      ),
    ),
  ),
  field('GlobalJob', pointer(struct('swarm.GlobalJob'))),
);

const UPDATE_CONFIG = struct(
  'swarm.UpdateConfig',
  always('Parallelism', UINT64),
  field('Delay', DURATION),
  field('FailureAction', STRING),
  field('Monitor', DURATION),
  always('MaxFailureRatio', FLOAT32),
  always('Order', STRING),
);

export const PORTS = list(
  struct(
    'swarm.PortConfig',
    field('Name', STRING),
    field('Protocol', named('swarm.PortConfigProtocol')),
    field('TargetPort', UINT32),
    field('PublishedPort', UINT32),
    field('PublishMode', named('swarm.PortConfigPublishMode')),
  ),
);

const ENDPOINT_SPEC = struct(
  'swarm.EndpointSpec',
  field('Mode', named('swarm.ResolutionMode')),
  field('Ports', PORTS),
);

export const SERVICE_SPEC = struct(
  'swarm.ServiceSpec',
  ANNOTATIONS,
  field('TaskTemplate', TASK_SPEC),
  field('Mode', MODE),
  field('UpdateConfig', pointer(UPDATE_CONFIG)),
  field('RollbackConfig', pointer(UPDATE_CONFIG)),
  field('Networks', NETWORKS),
  field('EndpointSpec', pointer(ENDPOINT_SPEC)),
);

const ENDPOINT = struct(
  'swarm.Endpoint',
  field('Spec', ENDPOINT_SPEC),
  field('Ports', PORTS),
  field(
    'VirtualIPs',
    list(struct('swarm.EndpointVirtualIP', field('NetworkID', STRING), field('Addr', STRING))),
  ),
);

const UPDATE_STATUS = struct(
  'swarm.UpdateStatus',
  field('State', STRING),
  field('StartedAt', pointer(TIME)),
  field('CompletedAt', pointer(TIME)),
  field('Message', STRING),
);

const SERVICE_STATUS = struct(
  'swarm.ServiceStatus',
  always('RunningTasks', UINT64),
  always('DesiredTasks', UINT64),
  always('CompletedTasks', UINT64),
);

const JOB_STATUS = struct(
  'swarm.JobStatus',
  always('JobIteration', VERSION),
  field('LastExecution', TIME),
);

export const SERVICE = struct(
  'swarm.Service',
  always('ID', STRING),
  META,
  field('Spec', SERVICE_SPEC),
  field('PreviousSpec', pointer(SERVICE_SPEC)),
  field('Endpoint', ENDPOINT),
  field('UpdateStatus', pointer(UPDATE_STATUS)),
  field('ServiceStatus', pointer(SERVICE_STATUS)),
  field('JobStatus', pointer(JOB_STATUS)),
);
export const SERVICES = list(SERVICE);

export const SERVICE_CREATED = struct(
  'swarm.ServiceCreateResponse',
  field('ID', STRING),
  always('Warnings', STRINGS),
);
/** 20.10 has Warnings in the answer to an update, and in that to a creation only where there are some. */
export const SERVICE_CREATED_BEFORE_26 = struct(
  'types.ServiceCreateResponse',
  field('ID', STRING),
  field('Warnings', STRINGS),
);
export const SERVICE_UPDATED = struct('swarm.ServiceUpdateResponse', always('Warnings', STRINGS));

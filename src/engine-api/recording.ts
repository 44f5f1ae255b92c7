/** For tests: what `fixtures/api` recorded of a real engine, and the model's objects made of it. */
import { clusterId, nodeId, serviceId, taskId } from '../model/ids.ts';
import type {
  Cluster,
  ManagerStatus,
  Meta,
  Node,
  Service,
  Task,
  UpdateState,
} from '../model/objects.ts';
import type {
  EndpointSpec,
  NodeSpec,
  Platform,
  PortConfig,
  ServiceSpec,
  SwarmSpec,
  TaskSpec,
} from '../model/specs.ts';
import type { TaskState } from '../model/task-state.ts';
import { parseTime } from '../model/time.ts';
import { parseTarget, type ApiRequest } from './api-message.ts';
import { encodeUtf8 } from '../model/utf8.ts';

/** One request and what the engine answered. */
export interface Recorded {
  readonly name?: string;
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly status: number;
  readonly answerHeaders: Readonly<Record<string, string>>;
  readonly answer: string;
}

/** The request as the recorder sent it. */
export function requestOf(
  recorded: Omit<Recorded, 'status' | 'answerHeaders' | 'answer'>,
): ApiRequest {
  const { method = 'GET', path, body } = recorded;
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const given: Readonly<Record<string, string | null>> = {
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...recorded.headers,
  };
  const headers = Object.entries(given).flatMap(([key, value]) =>
    value === null ? [] : [[key.toLowerCase(), value] as const],
  );
  return {
    method,
    ...parseTarget(path),
    headers: Object.fromEntries(headers),
    body: Uint8Array.from(encodeUtf8(text)),
  };
}

/** The recorded text with times cut to microseconds, which is what the twin's clocks have. */
export const cutTimes = (text: string): string =>
  text.replace(
    /"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z"/g,
    (_whole, seconds: string, fraction: string | undefined) =>
      `"${seconds}${(fraction ?? '').slice(0, 7).replace(/\.?0*$/, '')}Z"`,
  );

/** The records of a file's text, their times cut. */
export const recordsIn = <Entry extends { readonly answer: string }>(
  text: string,
): readonly Entry[] =>
  (JSON.parse(text) as { records: readonly Entry[] }).records.map((record) => ({
    ...record,
    answer: cutTimes(record.answer),
  }));

interface MetaJson {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly CreatedAt: string;
  readonly UpdatedAt: string;
}

interface NodeJson extends MetaJson {
  readonly Spec: NodeSpec;
  readonly Description: {
    readonly Hostname: string;
    readonly Platform: Platform;
    readonly Resources: { readonly NanoCPUs: number; readonly MemoryBytes: number };
    readonly Engine: {
      readonly EngineVersion: string;
      readonly Plugins: readonly { readonly Type: string; readonly Name: string }[];
    };
    readonly TLSInfo: TlsJson;
  };
  readonly Status: {
    readonly State: Node['status']['state'];
    readonly Message?: string;
    readonly Addr: string;
  };
  readonly ManagerStatus: {
    readonly Leader: boolean;
    readonly Reachability: ManagerStatus['reachability'];
    readonly Addr: string;
  };
}

interface TlsJson {
  readonly TrustRoot: string;
  readonly CertIssuerSubject: string;
  readonly CertIssuerPublicKey: string;
}

/** A swarm as `GET /swarm` and, without tokens, `/info` show it. */
export interface SwarmJson extends MetaJson {
  readonly Spec: SwarmSpec;
  readonly TLSInfo: TlsJson;
  readonly JoinTokens?: { readonly Worker: string; readonly Manager: string };
}

/** A service in a list. */
export interface ServiceJson extends MetaJson {
  readonly Spec: ServiceSpec;
  readonly PreviousSpec?: ServiceSpec;
  readonly Endpoint: { readonly Spec: EndpointSpec; readonly Ports?: readonly PortConfig[] };
  readonly UpdateStatus?: {
    readonly State: UpdateState;
    readonly Message: string;
    readonly StartedAt?: string;
  };
  readonly JobStatus?: {
    readonly JobIteration: { readonly Index?: number };
    readonly LastExecution: string;
  };
  readonly ServiceStatus?: {
    readonly RunningTasks: number;
    readonly DesiredTasks: number;
    readonly CompletedTasks: number;
  };
}

interface TaskJson extends MetaJson {
  readonly Spec: TaskSpec;
  readonly ServiceID: string;
  readonly Slot?: number;
  readonly NodeID?: string;
  readonly DesiredState: TaskState;
  readonly JobIteration?: { readonly Index?: number };
  readonly Status: {
    readonly State: TaskState;
    readonly Timestamp: string;
    readonly Message?: string;
    readonly Err?: string;
    readonly ContainerStatus?: {
      readonly ContainerID: string;
      readonly PID: number;
      readonly ExitCode: number;
    };
    readonly PortStatus: { readonly Ports?: readonly PortConfig[] };
  };
}

const time = (text: string): number => parseTime(text) ?? NaN;

const metaOf = (json: MetaJson): Meta => ({
  version: json.Version.Index,
  createdAt: time(json.CreatedAt),
  updatedAt: time(json.UpdatedAt),
});

/** The nodes of a recorded list, with their manager status. */
export const nodesIn = (
  answer: string,
): readonly { readonly node: Node; readonly manager: ManagerStatus }[] =>
  (JSON.parse(answer) as readonly NodeJson[]).map(nodeOf);

function nodeOf(json: NodeJson): { readonly node: Node; readonly manager: ManagerStatus } {
  const { Description, Status, ManagerStatus: status, Spec } = json;
  const { Resources, Engine, TLSInfo } = Description;
  const node: Node = {
    id: nodeId(json.ID),
    meta: metaOf(json),
    spec: Spec,
    role: Spec.Role,
    description: {
      hostname: Description.Hostname,
      platform: Description.Platform,
      resources: { nanoCpus: Resources.NanoCPUs, memoryBytes: Resources.MemoryBytes, generic: [] },
      engine: { version: Engine.EngineVersion, labels: {}, plugins: Engine.Plugins },
      tls: {
        trustRoot: TLSInfo.TrustRoot,
        issuerSubject: TLSInfo.CertIssuerSubject,
        issuerPublicKey: TLSInfo.CertIssuerPublicKey,
      },
    },
    status: { state: Status.State, message: Status.Message ?? '', addr: Status.Addr },
    certificate: { role: Spec.Role, state: 'issued', csr: '', certificate: '', cn: json.ID },
  };
  const manager: ManagerStatus = {
    raftId: '1',
    addr: status.Addr,
    leader: status.Leader,
    reachability: status.Reachability,
  };
  return { node, manager };
}

export const clusterOf = (json: SwarmJson): Cluster => ({
  id: clusterId(json.ID),
  meta: metaOf(json),
  spec: json.Spec,
  joinTokens: { worker: json.JoinTokens?.Worker ?? '', manager: json.JoinTokens?.Manager ?? '' },
  rootCa: { certificate: json.TLSInfo.TrustRoot, key: 'never shown' },
  defaultAddressPool: [],
  subnetSize: 0,
  dataPathPort: 0,
  blacklist: {},
});

export const swarmIn = (answer: string): Cluster => clusterOf(JSON.parse(answer) as SwarmJson);

export function serviceOf(json: ServiceJson): Service {
  const { PreviousSpec, UpdateStatus, JobStatus, Endpoint } = json;
  const startedAt = UpdateStatus?.StartedAt;
  return {
    id: serviceId(json.ID),
    meta: metaOf(json),
    spec: json.Spec,
    specVersion: 0,
    ...(PreviousSpec === undefined ? {} : { previousSpec: PreviousSpec }),
    ...(UpdateStatus === undefined
      ? {}
      : {
          updateStatus: {
            state: UpdateStatus.State,
            message: UpdateStatus.Message,
            ...(startedAt === undefined ? {} : { startedAt: time(startedAt) }),
          },
        }),
    ...(JobStatus === undefined
      ? {}
      : {
          jobStatus: {
            iteration: JobStatus.JobIteration.Index ?? 0,
            lastExecution: time(JobStatus.LastExecution),
          },
        }),
    endpoint: { spec: Endpoint.Spec, ports: Endpoint.Ports ?? [], virtualIps: [] },
  };
}

/** The services of a recorded list. */
export const servicesIn = (answer: string): readonly Service[] =>
  (JSON.parse(answer) as readonly ServiceJson[]).map(serviceOf);

/** The tasks of a recorded list. */
export const tasksIn = (answer: string): readonly Task[] =>
  (JSON.parse(answer) as readonly TaskJson[]).map(taskOf);

function taskOf(json: TaskJson): Task {
  const { Status, JobIteration } = json;
  const container = Status.ContainerStatus;
  return {
    id: taskId(json.ID),
    meta: metaOf(json),
    serviceId: serviceId(json.ServiceID),
    slot: json.Slot ?? 0,
    nodeId: nodeId(json.NodeID ?? ''),
    serviceName: '',
    serviceLabels: {},
    spec: json.Spec,
    specVersion: 0,
    desiredState: json.DesiredState,
    status: {
      state: Status.State,
      timestamp: time(Status.Timestamp),
      message: Status.Message ?? '',
      err: Status.Err ?? '',
      ...(container === undefined
        ? {}
        : {
            container: {
              containerId: container.ContainerID,
              pid: container.PID,
              exitCode: container.ExitCode,
            },
          }),
      ports: Status.PortStatus.Ports ?? [],
    },
    ...(JobIteration === undefined ? {} : { jobIteration: JobIteration.Index ?? 0 }),
  };
}

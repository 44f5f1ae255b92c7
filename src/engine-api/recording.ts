/** For tests: what `fixtures/api` recorded of a real engine, and the model's objects made of it. */
import { clusterId, networkId, nodeId, serviceId, taskId } from '../model/ids.ts';
import type { Cluster, ManagerStatus, Meta, Node, Service, Task } from '../model/objects.ts';
import type { ServiceSpec, TaskSpec } from '../model/specs.ts';
import { parseTime } from '../model/time.ts';
import { parseTarget, type ApiRequest } from './api-message.ts';
import { encodeUtf8 } from './utf8.ts';

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
  const given = {
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
    (_whole, seconds: string, fraction = '') =>
      `"${seconds}${(fraction as string).slice(0, 7).replace(/\.?0*$/, '')}Z"`,
  );

/** The records of a file's text, their times cut. */
export const recordsIn = <Entry extends { readonly answer: string }>(
  text: string,
): readonly Entry[] =>
  (JSON.parse(text) as { records: readonly Entry[] }).records.map((record) => ({
    ...record,
    answer: cutTimes(record.answer),
  }));

/** A member of recorded JSON. */
export type Json = Readonly<Record<string, any>>;

const time = (text: string): number => parseTime(text) ?? NaN;

const metaOf = (json: Json): Meta => ({
  version: json['Version'].Index,
  createdAt: time(json['CreatedAt']),
  updatedAt: time(json['UpdatedAt']),
});

export function nodeOf(json: Json): { readonly node: Node; readonly manager: ManagerStatus } {
  const { Description, Status, ManagerStatus } = json as Record<string, any>;
  const role = json['Spec'].Role;
  const node: Node = {
    id: nodeId(json['ID']),
    meta: metaOf(json),
    spec: json['Spec'],
    role,
    description: {
      hostname: Description.Hostname,
      platform: Description.Platform,
      resources: {
        nanoCpus: Description.Resources.NanoCPUs,
        memoryBytes: Description.Resources.MemoryBytes,
        generic: [],
      },
      engine: {
        version: Description.Engine.EngineVersion,
        labels: {},
        plugins: Description.Engine.Plugins,
      },
      tls: {
        trustRoot: Description.TLSInfo.TrustRoot,
        issuerSubject: Description.TLSInfo.CertIssuerSubject,
        issuerPublicKey: Description.TLSInfo.CertIssuerPublicKey,
      },
    },
    status: { state: Status.State, message: Status.Message ?? '', addr: Status.Addr },
    certificate: { role, state: 'issued', csr: '', certificate: '', cn: json['ID'] },
  };
  const manager: ManagerStatus = {
    raftId: '1',
    addr: ManagerStatus.Addr,
    leader: ManagerStatus.Leader,
    reachability: ManagerStatus.Reachability,
  };
  return { node, manager };
}

export function clusterOf(json: Json): Cluster {
  return {
    id: clusterId(json['ID']),
    meta: metaOf(json),
    spec: json['Spec'],
    joinTokens: { worker: json['JoinTokens'].Worker, manager: json['JoinTokens'].Manager },
    rootCa: { certificate: json['TLSInfo'].TrustRoot, key: 'never shown' },
    defaultAddressPool: [],
    subnetSize: 0,
    dataPathPort: 0,
    blacklist: {},
  };
}

export function serviceOf(json: Json): Service {
  const { PreviousSpec, UpdateStatus, JobStatus, Endpoint } = json as Record<string, any>;
  return {
    id: serviceId(json['ID']),
    meta: metaOf(json),
    spec: json['Spec'] as ServiceSpec,
    specVersion: 0,
    ...(PreviousSpec === undefined ? {} : { previousSpec: PreviousSpec as ServiceSpec }),
    ...(UpdateStatus === undefined
      ? {}
      : {
          updateStatus: {
            state: UpdateStatus.State,
            message: UpdateStatus.Message,
            ...(UpdateStatus.StartedAt === undefined
              ? {}
              : { startedAt: time(UpdateStatus.StartedAt) }),
            ...(UpdateStatus.CompletedAt === undefined
              ? {}
              : { completedAt: time(UpdateStatus.CompletedAt) }),
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
    endpoint: {
      spec: Endpoint.Spec,
      ports: Endpoint.Ports ?? [],
      virtualIps: (Endpoint.VirtualIPs ?? []).map((one: Json) => ({
        networkId: networkId(one['NetworkID']),
        addr: one['Addr'],
      })),
    },
  };
}

export function taskOf(json: Json): Task {
  const { Status } = json as Record<string, any>;
  const container = Status.ContainerStatus;
  return {
    id: taskId(json['ID']),
    meta: metaOf(json),
    serviceId: serviceId(json['ServiceID']),
    slot: json['Slot'] ?? 0,
    nodeId: nodeId(json['NodeID'] ?? ''),
    serviceName: '',
    serviceLabels: {},
    spec: json['Spec'] as TaskSpec,
    specVersion: 0,
    desiredState: json['DesiredState'],
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
    ...(json['JobIteration'] === undefined
      ? {}
      : { jobIteration: json['JobIteration'].Index ?? 0 }),
  };
}

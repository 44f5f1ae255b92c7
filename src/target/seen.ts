/** The Engine API's lists as observations: what of an object the history keeps. Times become milliseconds of the run's clock. */
import type { ContainerSeen, NodeSeen, ServiceSeen, TaskSeen } from '../model/history.ts';
import type { NodeState, UpdateState } from '../model/objects.ts';
import type { Labels, NodeAvailability, NodeRole, ServiceSpec } from '../model/specs.ts';
import type { TaskState } from '../model/task-state.ts';
import { parseTime } from '../model/time.ts';

export interface ApiNode {
  readonly ID: string;
  readonly Spec: {
    readonly Role: NodeRole;
    readonly Availability: NodeAvailability;
    readonly Labels?: Labels | null;
  };
  readonly Description?: {
    readonly Hostname?: string;
    readonly Engine?: { readonly Labels?: Labels | null };
  };
  readonly Status: { readonly State: NodeState; readonly Message?: string };
  readonly ManagerStatus?: {
    readonly Leader?: boolean;
    readonly Reachability?: 'unknown' | 'unreachable' | 'reachable';
  };
}

export interface ApiService {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: ServiceSpec;
  readonly PreviousSpec?: ServiceSpec;
  readonly UpdateStatus?: { readonly State?: UpdateState; readonly Message?: string };
}

export interface ApiTask {
  readonly ID: string;
  readonly CreatedAt: string;
  readonly ServiceID: string;
  readonly Slot?: number;
  readonly NodeID?: string;
  readonly DesiredState: TaskState;
  readonly Spec: {
    readonly ContainerSpec?: { readonly Image?: string; readonly Env?: readonly string[] };
  };
  readonly Status: {
    readonly State: TaskState;
    readonly Timestamp: string;
    readonly Message?: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ContainerID?: string; readonly ExitCode?: number };
  };
}

export interface ApiContainer {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: ContainerSeen['state'];
  readonly Labels: Readonly<Record<string, string>>;
}

export function nodeSeen(by: string, node: ApiNode): NodeSeen {
  return {
    what: 'node',
    by,
    id: node.ID,
    name: node.Description?.Hostname ?? '',
    state: node.Status.State,
    message: node.Status.Message ?? '',
    availability: node.Spec.Availability,
    role: node.Spec.Role,
    reachability: node.ManagerStatus?.Reachability ?? '',
    leader: node.ManagerStatus?.Leader ?? false,
    ...labelled('labels', node.Spec.Labels),
    ...labelled('engineLabels', node.Description?.Engine?.Labels),
  };
}

/** Few nodes have labels, and each record would say so. */
const labelled = (key: 'labels' | 'engineLabels', labels: Labels | null | undefined): object =>
  labels == null || Object.keys(labels).length === 0 ? {} : { [key]: labels };

export function serviceSeen(by: string, service: ApiService): ServiceSeen {
  return {
    what: 'service',
    by,
    id: service.ID,
    name: service.Spec.Name,
    version: service.Version.Index,
    spec: service.Spec,
    ...(service.PreviousSpec === undefined ? {} : { previousSpec: service.PreviousSpec }),
    updateState: service.UpdateStatus?.State ?? '',
    updateMessage: service.UpdateStatus?.Message ?? '',
  };
}

/** What a task's record needs from elsewhere: names for ids, and the run's zero. */
export interface Names {
  readonly node: (id: string) => string;
  readonly service: (id: string) => string;
  readonly startedAt: number;
}

export function taskSeen(by: string, task: ApiTask, names: Names): TaskSeen {
  const exitCode = task.Status.ContainerStatus?.ExitCode;
  return {
    what: 'task',
    by,
    id: task.ID,
    service: names.service(task.ServiceID),
    slot: task.Slot ?? 0,
    node: task.NodeID === undefined || task.NodeID === '' ? '' : names.node(task.NodeID),
    desired: task.DesiredState,
    state: task.Status.State,
    message: task.Status.Message ?? '',
    err: task.Status.Err ?? '',
    ...(exitCode === undefined ? {} : { exitCode }),
    container: task.Status.ContainerStatus?.ContainerID ?? '',
    image: task.Spec.ContainerSpec?.Image ?? '',
    env: task.Spec.ContainerSpec?.Env ?? [],
    createdMs: onRunClock(task.CreatedAt, names.startedAt),
    changedMs: onRunClock(task.Status.Timestamp, names.startedAt),
  };
}

export function containerSeen(node: string, container: ApiContainer): ContainerSeen {
  return {
    what: 'container',
    node,
    id: container.Id,
    name: (container.Names[0] ?? '').replace(/^\//, ''),
    state: container.State,
    task: container.Labels['com.docker.swarm.task.id'] ?? '',
    service: container.Labels['com.docker.swarm.service.name'] ?? '',
  };
}

const onRunClock = (text: string, startedAt: number): number =>
  Math.round((parseTime(text) ?? startedAt) - startedAt);

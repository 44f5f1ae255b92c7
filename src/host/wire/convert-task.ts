/** Tasks and their statuses between the model and the wire. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { networkId, nodeId, serviceId, taskId } from '../../model/ids.ts';
import type { Endpoint, Task, TaskStatus } from '../../model/objects.ts';
import type { EndpointSpec } from '../../model/specs.ts';
import type { TaskState } from '../../model/task-state.ts';
import { TASK_STATE_VALUES, TASK_STATES } from '../../model/task-state.ts';
import {
  driverFromWire,
  driverToWire,
  genericFromWire,
  genericToWire,
  many,
  portFromWire,
  portToWire,
  prune,
  some,
  timestampFromWire,
  timestampToWire,
  wide,
} from './convert-basics.ts';
import {
  attachmentFromWire,
  attachmentToWire,
  metaFromWire,
  metaToWire,
} from './convert-network.ts';
import { taskSpecFromWire, taskSpecToWire } from './convert-task-spec.ts';
import type { EndpointSchema, TaskSchema } from './gen/objects_pb.js';
import type * as objects from './gen/objects_pb.js';
import type { EndpointSpecSchema } from './gen/specs_pb.js';
import { EndpointSpec_ResolutionMode } from './gen/specs_pb.js';
import type * as specs from './gen/specs_pb.js';
import type { TaskStatusSchema } from './gen/types_pb.js';
import { TaskState as WireState } from './gen/types_pb.js';
import type * as types from './gen/types_pb.js';

export function taskToWire(task: Task): MessageInitShape<typeof TaskSchema> {
  return prune({
    id: task.id,
    meta: metaToWire(task.meta),
    spec: taskSpecToWire(task.spec),
    serviceId: task.serviceId,
    slot: wide(task.slot),
    nodeId: task.nodeId,
    serviceAnnotations: { name: task.serviceName, labels: { ...task.serviceLabels } },
    status: statusToWire(task.status),
    desiredState: STATES[task.desiredState],
    networks: (task.networks ?? []).map(attachmentToWire),
    endpoint: some(task.endpoint, endpointToWire),
    logDriver: some(task.logDriver, driverToWire),
    specVersion: { index: wide(task.specVersion) },
    assignedGenericResources: (task.genericResources ?? []).map(genericToWire),
    jobIteration: some(task.jobIteration, (iteration) => ({ index: wide(iteration) })),
  });
}

export function taskFromWire(wire: objects.Task): Task {
  return prune({
    id: taskId(wire.id),
    meta: metaFromWire(wire.meta),
    serviceId: serviceId(wire.serviceId),
    slot: Number(wire.slot),
    nodeId: nodeId(wire.nodeId),
    serviceName: wire.serviceAnnotations?.name ?? '',
    serviceLabels: { ...wire.serviceAnnotations?.labels },
    spec: taskSpecFromWire(wire.spec),
    specVersion: Number(wire.specVersion?.index ?? 0n),
    desiredState: stateFromWire(wire.desiredState),
    status: statusFromWire(wire.status),
    endpoint: some(wire.endpoint, endpointFromWire),
    networks: many(wire.networks.map(attachmentFromWire)),
    logDriver: some(wire.logDriver, driverFromWire),
    genericResources: many(wire.assignedGenericResources.map(genericFromWire)),
    jobIteration: some(wire.jobIteration, ({ index }) => Number(index)),
  });
}

export function statusToWire(status: TaskStatus): MessageInitShape<typeof TaskStatusSchema> {
  const container = status.container;
  return prune({
    timestamp: timestampToWire(status.timestamp),
    state: STATES[status.state],
    message: status.message,
    err: status.err,
    runtimeStatus: some(container, (value) => ({
      case: 'container' as const,
      value: { ...value },
    })),
    portStatus: some(status.ports, (ports) => ({ ports: ports.map(portToWire) })),
    appliedBy: status.appliedBy ?? '',
    appliedAt: timestampToWire(status.appliedAt ?? 0),
  });
}

export function statusFromWire(wire: types.TaskStatus | undefined): TaskStatus {
  if (wire === undefined) return { state: 'new', timestamp: 0, message: '', err: '' };
  const container = wire.runtimeStatus.case === 'container' ? wire.runtimeStatus.value : undefined;
  return prune({
    state: stateFromWire(wire.state),
    timestamp: timestampFromWire(wire.timestamp),
    message: wire.message,
    err: wire.err,
    container: some(container, ({ containerId, pid, exitCode }) => ({
      containerId,
      pid,
      exitCode,
    })),
    ports: some(wire.portStatus, ({ ports }) => ports.map(portFromWire)),
    appliedAt: some(wire.appliedAt, timestampFromWire),
    appliedBy: wire.appliedBy === '' ? undefined : nodeId(wire.appliedBy),
  });
}

const STATES: Readonly<Record<TaskState, WireState>> = {
  new: WireState.NEW,
  pending: WireState.PENDING,
  assigned: WireState.ASSIGNED,
  accepted: WireState.ACCEPTED,
  preparing: WireState.PREPARING,
  ready: WireState.READY,
  starting: WireState.STARTING,
  running: WireState.RUNNING,
  complete: WireState.COMPLETE,
  shutdown: WireState.SHUTDOWN,
  failed: WireState.FAILED,
  rejected: WireState.REJECTED,
  remove: WireState.REMOVE,
  orphaned: WireState.ORPHANED,
};

/** A number between two states that we know counts as the lower one: the state has got that far at least. */
function stateFromWire(value: number): TaskState {
  return TASK_STATES.findLast((state) => TASK_STATE_VALUES[state] <= value) ?? 'new';
}

const endpointToWire = (endpoint: Endpoint): MessageInitShape<typeof EndpointSchema> =>
  prune({
    spec: some(endpoint.spec, endpointSpecToWire),
    ports: endpoint.ports.map(portToWire),
    virtualIps: endpoint.virtualIps.map((ip) => ({ networkId: ip.networkId, addr: ip.addr })),
  });

const endpointFromWire = (wire: objects.Endpoint): Endpoint =>
  prune({
    spec: some(wire.spec, endpointSpecFromWire),
    ports: wire.ports.map(portFromWire),
    virtualIps: wire.virtualIps.map((ip) => ({
      networkId: networkId(ip.networkId),
      addr: ip.addr,
    })),
  });

const endpointSpecToWire = (spec: EndpointSpec): MessageInitShape<typeof EndpointSpecSchema> => ({
  mode: spec.Mode === 'dnsrr' ? EndpointSpec_ResolutionMode.DNSRR : EndpointSpec_ResolutionMode.VIP,
  ports: (spec.Ports ?? []).map(portToWire),
});

const endpointSpecFromWire = (wire: specs.EndpointSpec): EndpointSpec =>
  prune({
    Mode: wire.mode === EndpointSpec_ResolutionMode.DNSRR ? ('dnsrr' as const) : ('vip' as const),
    Ports: many(wire.ports.map(portFromWire)),
  });

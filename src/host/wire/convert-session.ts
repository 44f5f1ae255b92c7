/** What the dispatcher and an agent exchange, between the model and the wire. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { SwarmError } from '../../model/errors.ts';
import { configId, nodeId, secretId, taskId } from '../../model/ids.ts';
import type { Config, Secret } from '../../model/objects.ts';
import type { SecretSpec } from '../../model/specs.ts';
import type {
  Assignment,
  AssignmentsMessage,
  SessionMessage,
  SessionRequest,
  TaskStatusUpdate,
  WeightedPeer,
} from '../../swarm/session.ts';
import {
  base64,
  bytes,
  driverFromWire,
  driverToWire,
  fromBase64,
  fromBytes,
  prune,
  some,
  text,
  wide,
} from './convert-basics.ts';
import {
  descriptionFromWire,
  descriptionToWire,
  nodeFromWire,
  nodeToWire,
} from './convert-node.ts';
import { metaFromWire, metaToWire } from './convert-network.ts';
import { statusFromWire, statusToWire, taskFromWire, taskToWire } from './convert-task.ts';
import type {
  AssignmentChangeSchema,
  AssignmentsMessageSchema,
  HeartbeatResponse,
  HeartbeatResponseSchema,
  SessionMessageSchema,
  SessionRequestSchema,
  UpdateTaskStatusRequest,
  UpdateTaskStatusRequestSchema,
} from './gen/dispatcher_pb.js';
import type * as wire from './gen/dispatcher_pb.js';
import { AssignmentChange_AssignmentAction, AssignmentsMessage_Type } from './gen/dispatcher_pb.js';
import type { ConfigSchema, SecretSchema } from './gen/objects_pb.js';
import type * as objects from './gen/objects_pb.js';
import type { WeightedPeerSchema } from './gen/types_pb.js';

export const sessionRequestToWire = (
  request: SessionRequest,
): MessageInitShape<typeof SessionRequestSchema> => ({
  description: descriptionToWire(request.description),
  sessionId: request.sessionId ?? '',
});

/** @throws SwarmError InvalidArgument for a node that does not describe itself. */
export function sessionRequestFromWire(request: wire.SessionRequest): SessionRequest {
  if (request.description === undefined) {
    throw new SwarmError('InvalidArgument', 'session request without a node description');
  }
  return prune({
    description: descriptionFromWire(request.description),
    sessionId: text(request.sessionId),
  });
}

export const sessionMessageToWire = (
  message: SessionMessage,
): MessageInitShape<typeof SessionMessageSchema> => ({
  sessionId: message.sessionId,
  node: nodeToWire(message.node),
  managers: message.managers.map(peerToWire),
  RootCA: bytes(message.rootCa),
});

/** @throws SwarmError Internal when the node object is missing. */
export function sessionMessageFromWire(message: wire.SessionMessage): SessionMessage {
  if (message.node === undefined) {
    throw new SwarmError('Internal', 'session message without the node object');
  }
  return {
    sessionId: message.sessionId,
    node: nodeFromWire(message.node),
    managers: message.managers.map(({ peer, weight }) => ({
      nodeId: nodeId(peer?.nodeId ?? ''),
      addr: peer?.addr ?? '',
      weight: Number(weight),
    })),
    rootCa: fromBytes(message.RootCA),
  };
}

const peerToWire = (peer: WeightedPeer): MessageInitShape<typeof WeightedPeerSchema> => ({
  peer: { nodeId: peer.nodeId, addr: peer.addr },
  weight: wide(peer.weight),
});

export const heartbeatToWire = (
  periodMs: number,
): MessageInitShape<typeof HeartbeatResponseSchema> => ({
  period: {
    seconds: BigInt(Math.floor(periodMs / 1000)),
    nanos: Math.floor((periodMs % 1000) * 1e6),
  },
});

export const heartbeatFromWire = (response: HeartbeatResponse): { readonly periodMs: number } => ({
  periodMs: Number(response.period?.seconds ?? 0n) * 1000 + (response.period?.nanos ?? 0) / 1e6,
});

export const statusUpdatesToWire = (
  sessionId: string,
  updates: readonly TaskStatusUpdate[],
): MessageInitShape<typeof UpdateTaskStatusRequestSchema> => ({
  sessionId,
  updates: updates.map((update) => ({
    taskId: update.taskId,
    status: statusToWire(update.status),
  })),
});

/** An update without a status says nothing and is dropped. */
export const statusUpdatesFromWire = (
  request: UpdateTaskStatusRequest,
): readonly TaskStatusUpdate[] =>
  request.updates.flatMap((update) =>
    update.status === undefined
      ? []
      : [{ taskId: taskId(update.taskId), status: statusFromWire(update.status) }],
  );

export const assignmentsToWire = (
  message: AssignmentsMessage,
): MessageInitShape<typeof AssignmentsMessageSchema> => ({
  type:
    message.type === 'complete'
      ? AssignmentsMessage_Type.COMPLETE
      : AssignmentsMessage_Type.INCREMENTAL,
  appliesTo: message.appliesTo,
  resultsIn: message.resultsIn,
  changes: message.changes.map(changeToWire),
});

export const assignmentsFromWire = (message: wire.AssignmentsMessage): AssignmentsMessage => ({
  type: message.type === AssignmentsMessage_Type.COMPLETE ? 'complete' : 'incremental',
  appliesTo: message.appliesTo,
  resultsIn: message.resultsIn,
  changes: message.changes.flatMap(changeFromWire),
});

function changeToWire(change: Assignment): MessageInitShape<typeof AssignmentChangeSchema> {
  if (change.action === 'remove') {
    return {
      action: AssignmentChange_AssignmentAction.REMOVE,
      assignment: { item: { case: change.kind, value: { id: change.id } } },
    };
  }
  const action = AssignmentChange_AssignmentAction.UPDATE;
  switch (change.kind) {
    case 'task':
      return {
        action,
        assignment: { item: { case: 'task', value: taskToWire(change.task) } },
      };
    case 'secret':
      return {
        action,
        assignment: { item: { case: 'secret', value: dataToWire(change.secret) } },
      };
    case 'config':
      return {
        action,
        assignment: { item: { case: 'config', value: dataToWire(change.config) } },
      };
  }
}

/** What is none of tasks, secrets and configs (a volume of a storage plugin) is not for us. */
function changeFromWire(change: wire.AssignmentChange): Assignment[] {
  const item = change.assignment?.item;
  if (item?.case === undefined) return [];
  if (change.action === AssignmentChange_AssignmentAction.REMOVE) {
    return [{ kind: item.case, action: 'remove', id: item.value.id }];
  }
  const action = 'update';
  switch (item.case) {
    case 'task':
      return [{ kind: 'task', action, task: taskFromWire(item.value) }];
    case 'secret':
      return [
        {
          kind: 'secret',
          action,
          secret: { id: secretId(item.value.id), ...dataFromWire(item.value) },
        },
      ];
    case 'config':
      return [
        {
          kind: 'config',
          action,
          config: { id: configId(item.value.id), ...dataFromWire(item.value) },
        },
      ];
  }
}

// A config is a secret without a driver; the API has their data in base 64, the wire has the bytes.
const dataToWire = (
  object: Secret | Config,
): MessageInitShape<typeof SecretSchema> & MessageInitShape<typeof ConfigSchema> => {
  const { Name, Labels, Data = '', Templating, Driver }: SecretSpec = object.spec;
  return {
    id: object.id,
    meta: metaToWire(object.meta),
    spec: prune({
      annotations: { name: Name, labels: { ...Labels } },
      data: fromBase64(Data),
      templating: some(Templating, driverToWire),
      driver: some(Driver, driverToWire),
    }),
  };
};

const dataFromWire = (object: objects.Secret | objects.Config): Omit<Secret, 'id'> => {
  const { spec } = object;
  const driver = spec !== undefined && 'driver' in spec ? spec.driver : undefined;
  return {
    meta: metaFromWire(object.meta),
    spec: prune({
      Name: spec?.annotations?.name ?? '',
      Labels: { ...spec?.annotations?.labels },
      Data: text(base64(spec?.data ?? new Uint8Array())),
      Templating: some(spec?.templating, driverFromWire),
      Driver: some(driver, driverFromWire),
    }),
  };
};

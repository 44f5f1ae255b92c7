/** Nodes, what they say of themselves, and their certificates, between the model and the wire. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { nodeId } from '../../model/ids.ts';
import type {
  ManagerStatus,
  Node,
  NodeCertificate,
  NodeDescription,
  NodeState,
} from '../../model/objects.ts';
import type { NodeAvailability, NodeRole, NodeSpec } from '../../model/specs.ts';
import {
  base64,
  bytes,
  flag,
  fromBase64,
  fromBytes,
  genericFromWire,
  genericToWire,
  platformFromWire,
  platformToWire,
  prune,
  some,
  text,
  wide,
  words,
} from './convert-basics.ts';
import { metaFromWire, metaToWire } from './convert-network.ts';
import type { NodeSchema } from './gen/objects_pb.js';
import type * as objects from './gen/objects_pb.js';
import type { NodeSpecSchema } from './gen/specs_pb.js';
import { NodeSpec_Availability, NodeSpec_Membership } from './gen/specs_pb.js';
import type * as specs from './gen/specs_pb.js';
import type {
  CertificateSchema,
  ManagerStatusSchema,
  NodeDescriptionSchema,
} from './gen/types_pb.js';
import {
  IssuanceStatus_State,
  NodeRole as WireRole,
  NodeStatus_State,
  RaftMemberStatus_Reachability,
} from './gen/types_pb.js';
import type * as types from './gen/types_pb.js';

const STATES = words<NodeState, NodeStatus_State>(
  {
    unknown: NodeStatus_State.UNKNOWN,
    down: NodeStatus_State.DOWN,
    ready: NodeStatus_State.READY,
    disconnected: NodeStatus_State.DISCONNECTED,
  },
  'unknown',
);
const AVAILABILITIES = words<NodeAvailability, NodeSpec_Availability>(
  {
    active: NodeSpec_Availability.ACTIVE,
    pause: NodeSpec_Availability.PAUSE,
    drain: NodeSpec_Availability.DRAIN,
  },
  'active',
);
const REACHABILITIES = words(
  {
    unknown: RaftMemberStatus_Reachability.UNKNOWN,
    unreachable: RaftMemberStatus_Reachability.UNREACHABLE,
    reachable: RaftMemberStatus_Reachability.REACHABLE,
  },
  'unknown',
);
const ROLES = words<NodeRole, WireRole>(
  { worker: WireRole.WORKER, manager: WireRole.MANAGER },
  'worker',
);
/** UNKNOWN (0) is a certificate of which nothing was said yet; the model has no such state, and reads it as pending. */
const ISSUANCE = words(
  {
    renew: IssuanceStatus_State.RENEW,
    pending: IssuanceStatus_State.PENDING,
    issued: IssuanceStatus_State.ISSUED,
    failed: IssuanceStatus_State.FAILED,
    rotate: IssuanceStatus_State.ROTATE,
  },
  'pending',
);

/** `manager` is what the serving leader knows of the node's raft member, if it is one. */
export function nodeToWire(
  node: Node,
  manager?: ManagerStatus,
): MessageInitShape<typeof NodeSchema> {
  return prune({
    id: node.id,
    meta: metaToWire(node.meta),
    spec: nodeSpecToWire(node.spec),
    description: some(node.description, descriptionToWire),
    status: {
      state: STATES.toWire(node.status.state),
      message: node.status.message,
      addr: node.status.addr,
    },
    managerStatus: some(manager, managerStatusToWire),
    certificate: certificateToWire(node.certificate),
    role: roleToWire(node.role),
  });
}

export function nodeFromWire(wire: objects.Node): Node {
  return prune({
    id: nodeId(wire.id),
    meta: metaFromWire(wire.meta),
    spec: nodeSpecFromWire(wire.spec),
    role: roleFromWire(wire.role),
    description: some(wire.description, descriptionFromWire),
    status: {
      state: STATES.fromWire(wire.status?.state ?? NodeStatus_State.UNKNOWN),
      message: wire.status?.message ?? '',
      addr: wire.status?.addr ?? '',
    },
    certificate: certificateFromWire(wire.certificate),
  });
}

export const nodeSpecToWire = (spec: NodeSpec): MessageInitShape<typeof NodeSpecSchema> => ({
  annotations: { name: spec.Name ?? '', labels: { ...spec.Labels } },
  desiredRole: roleToWire(spec.Role),
  membership: NodeSpec_Membership.ACCEPTED,
  availability: availabilityToWire(spec.Availability),
});

const nodeSpecFromWire = (wire: specs.NodeSpec | undefined): NodeSpec =>
  prune({
    Name: text(wire?.annotations?.name ?? ''),
    Labels: { ...wire?.annotations?.labels },
    Role: roleFromWire(wire?.desiredRole ?? WireRole.WORKER),
    Availability: availabilityFromWire(wire?.availability ?? NodeSpec_Availability.ACTIVE),
  });

export function descriptionToWire(
  description: NodeDescription,
): MessageInitShape<typeof NodeDescriptionSchema> {
  const { hostname, platform, resources, engine, tls } = description;
  return prune({
    hostname,
    platform: platformToWire(platform),
    resources: {
      nanoCpus: wide(resources.nanoCpus),
      memoryBytes: wide(resources.memoryBytes),
      generic: resources.generic.map(genericToWire),
    },
    engine: {
      engineVersion: engine.version,
      labels: { ...engine.labels },
      plugins: engine.plugins.map((plugin) => ({ type: plugin.Type, name: plugin.Name })),
    },
    tlsInfo: some(tls, (info) => ({
      trustRoot: bytes(info.trustRoot),
      certIssuerSubject: fromBase64(info.issuerSubject),
      certIssuerPublicKey: fromBase64(info.issuerPublicKey),
    })),
    isTwin: description.isForeign !== true,
  });
}

export function descriptionFromWire(wire: types.NodeDescription): NodeDescription {
  const { hostname, platform, resources, engine, tlsInfo } = wire;
  return prune({
    hostname,
    platform: platform === undefined ? {} : platformFromWire(platform),
    resources: {
      nanoCpus: Number(resources?.nanoCpus ?? 0n),
      memoryBytes: Number(resources?.memoryBytes ?? 0n),
      generic: (resources?.generic ?? []).map(genericFromWire),
    },
    engine: {
      version: engine?.engineVersion ?? '',
      labels: { ...engine?.labels },
      plugins: (engine?.plugins ?? []).map(({ type, name }) => ({ Type: type, Name: name })),
    },
    tls: some(tlsInfo, (info) => ({
      trustRoot: fromBytes(info.trustRoot),
      issuerSubject: base64(info.certIssuerSubject),
      issuerPublicKey: base64(info.certIssuerPublicKey),
    })),
    isForeign: flag(!wire.isTwin),
  });
}

export const certificateToWire = (
  certificate: NodeCertificate,
): MessageInitShape<typeof CertificateSchema> => ({
  role: roleToWire(certificate.role),
  csr: bytes(certificate.csr),
  status: issuanceToWire(certificate),
  certificate: bytes(certificate.certificate),
  cn: certificate.cn,
});

export const issuanceToWire = (
  certificate: NodeCertificate,
): { state: IssuanceStatus_State; err: string } => ({
  state: ISSUANCE.toWire(certificate.state),
  err: certificate.err ?? '',
});

export const certificateFromWire = (wire: types.Certificate | undefined): NodeCertificate =>
  prune({
    role: roleFromWire(wire?.role ?? WireRole.WORKER),
    state: ISSUANCE.fromWire(wire?.status?.state ?? IssuanceStatus_State.UNKNOWN),
    csr: fromBytes(wire?.csr ?? new Uint8Array()),
    certificate: fromBytes(wire?.certificate ?? new Uint8Array()),
    cn: wire?.cn ?? '',
    err: text(wire?.status?.err ?? ''),
  });

export const roleToWire = (role: NodeRole): WireRole => ROLES.toWire(role);

export const roleFromWire = (role: WireRole): NodeRole => ROLES.fromWire(role);

export const availabilityToWire = (availability: NodeAvailability): NodeSpec_Availability =>
  AVAILABILITIES.toWire(availability);

export const availabilityFromWire = (value: NodeSpec_Availability): NodeAvailability =>
  AVAILABILITIES.fromWire(value);

const managerStatusToWire = (
  status: ManagerStatus,
): MessageInitShape<typeof ManagerStatusSchema> => ({
  raftId: BigInt(status.raftId),
  addr: status.addr,
  leader: status.leader,
  reachability: REACHABILITIES.toWire(status.reachability),
});

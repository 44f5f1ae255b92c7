/** Raft's messages as etcd's `raftpb.Message`, which Swarm's managers send each other. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { SwarmError } from '../../model/errors.ts';
import type { ConfChange, Entry, Message, RaftId, Snapshot } from '../../raft/messages.ts';
import { bytes, fromBytes } from './convert-basics.ts';
import { RaftMemberSchema } from './gen/raft_pb.js';
import type { EntrySchema, MessageSchema, SnapshotSchema } from './gen/raftpb_pb.js';
import type * as pb from './gen/raftpb_pb.js';
import { ConfChangeSchema, ConfChangeType, EntryType, MessageType } from './gen/raftpb_pb.js';

/** How what raft carries unseen becomes bytes: a proposal's payload, and the data of a snapshot. */
export interface RaftCodec<P, S> {
  encodePayload(payload: P): Uint8Array;
  decodePayload(data: Uint8Array): P;
  encodeSnapshot(data: S): Uint8Array;
  decodeSnapshot(data: Uint8Array): S;
}

type Wire = MessageInitShape<typeof MessageSchema>;

const TYPES = {
  app: MessageType.MsgApp,
  appResp: MessageType.MsgAppResp,
  vote: MessageType.MsgVote,
  voteResp: MessageType.MsgVoteResp,
  snap: MessageType.MsgSnap,
  heartbeat: MessageType.MsgHeartbeat,
  heartbeatResp: MessageType.MsgHeartbeatResp,
  timeoutNow: MessageType.MsgTimeoutNow,
} as const;

export function raftMessageToWire<P, S>(message: Message<P, S>, codec: RaftCodec<P, S>): Wire {
  const { to, from, term } = message;
  const wire = {
    type: TYPES[message.type],
    to: idToWire(to),
    from: idToWire(from),
    term: BigInt(term),
  };
  switch (message.type) {
    case 'app':
      return {
        ...wire,
        index: BigInt(message.index),
        logTerm: BigInt(message.logTerm),
        entries: message.entries.map((entry) => entryToWire(entry, codec)),
        commit: BigInt(message.commit),
      };
    case 'appResp':
      return {
        ...wire,
        index: BigInt(message.index),
        reject: message.reject,
        rejectHint: BigInt(message.rejectHint),
        logTerm: BigInt(message.logTerm),
      };
    case 'vote':
      return {
        ...wire,
        index: BigInt(message.index),
        logTerm: BigInt(message.logTerm),
        ...(message.context !== '' && { context: bytes(message.context) }),
      };
    case 'voteResp':
      return { ...wire, reject: message.reject };
    case 'heartbeat':
      return { ...wire, commit: BigInt(message.commit) };
    case 'snap':
      return { ...wire, snapshot: snapshotToWire(message.snapshot, codec) };
    case 'heartbeatResp':
    case 'timeoutNow':
      return wire;
  }
}

/** @throws SwarmError InvalidArgument for a message that no member sends another, or that lacks what its type needs. */
export function raftMessageFromWire<P, S>(wire: pb.Message, codec: RaftCodec<P, S>): Message<P, S> {
  const envelope = {
    to: idFromWire(wire.to),
    from: idFromWire(wire.from),
    term: number(wire.term),
  };
  const index = number(wire.index);
  const logTerm = number(wire.logTerm);
  const commit = number(wire.commit);
  switch (wire.type) {
    case MessageType.MsgApp: {
      const entries = wire.entries.map((entry) => entryFromWire(entry, codec));
      return { ...envelope, type: 'app', index, logTerm, entries, commit };
    }
    case MessageType.MsgAppResp: {
      const rejectHint = number(wire.rejectHint);
      return { ...envelope, type: 'appResp', index, reject: wire.reject, rejectHint, logTerm };
    }
    case MessageType.MsgVote: {
      const context = fromBytes(wire.context ?? new Uint8Array());
      return { ...envelope, type: 'vote', index, logTerm, context };
    }
    case MessageType.MsgVoteResp:
      return { ...envelope, type: 'voteResp', reject: wire.reject };
    case MessageType.MsgHeartbeat:
      return { ...envelope, type: 'heartbeat', commit };
    case MessageType.MsgHeartbeatResp:
      return { ...envelope, type: 'heartbeatResp' };
    case MessageType.MsgSnap:
      return { ...envelope, type: 'snap', snapshot: snapshotFromWire(wire.snapshot, codec) };
    case MessageType.MsgTimeoutNow:
      return { ...envelope, type: 'timeoutNow' };
    default:
      throw malformed(`type ${wire.type}`);
  }
}

export function entryToWire<P, S>(
  entry: Entry<P>,
  codec: RaftCodec<P, S>,
): MessageInitShape<typeof EntrySchema> {
  const place = { Index: BigInt(entry.index), Term: BigInt(entry.term) };
  if (entry.kind === 'conf') {
    return { ...place, Type: EntryType.EntryConfChange, Data: confChangeToWire(entry.change) };
  }
  // etcd's empty entry of a new leader has no data at all; a payload has some, be it empty.
  return { ...place, ...(entry.payload !== null && { Data: codec.encodePayload(entry.payload) }) };
}

export function entryFromWire<P, S>(wire: pb.Entry, codec: RaftCodec<P, S>): Entry<P> {
  const place = { index: number(wire.Index), term: number(wire.Term) };
  switch (wire.Type) {
    case EntryType.EntryNormal: {
      const payload = wire.Data === undefined ? null : codec.decodePayload(wire.Data);
      return { ...place, kind: 'normal', payload };
    }
    case EntryType.EntryConfChange:
      return { ...place, kind: 'conf', change: confChangeFromWire(wire.Data) };
    default:
      throw malformed(`entry type ${wire.Type}`);
  }
}

const CHANGES = {
  add: ConfChangeType.ConfChangeAddNode,
  remove: ConfChangeType.ConfChangeRemoveNode,
  update: ConfChangeType.ConfChangeUpdateNode,
} as const;

const CHANGE_NAMES = new Map<ConfChangeType, ConfChange['type']>([
  [CHANGES.add, 'add'],
  [CHANGES.remove, 'remove'],
  [CHANGES.update, 'update'],
]);

/** The change's context is `{"nodeId","addr"}` in our log and a RaftMember on the wire (SwarmKit: raft.go). */
function confChangeToWire(change: ConfChange): Uint8Array {
  const raftId = idToWire(change.raftId);
  const member = change.context === '' ? {} : memberOf(change.context);
  const context = toBinary(RaftMemberSchema, create(RaftMemberSchema, { raftId, ...member }));
  const wire = create(ConfChangeSchema, { type: CHANGES[change.type], nodeId: raftId, context });
  return toBinary(ConfChangeSchema, wire);
}

function confChangeFromWire(data: Uint8Array | undefined): ConfChange {
  const wire = parse(() => fromBinary(ConfChangeSchema, data ?? new Uint8Array()));
  const type = CHANGE_NAMES.get(wire.type);
  if (type === undefined) throw malformed(`change of type ${wire.type}`);
  const member = parse(() => fromBinary(RaftMemberSchema, wire.context ?? new Uint8Array()));
  const context =
    member.nodeId === '' ? '' : JSON.stringify({ nodeId: member.nodeId, addr: member.addr });
  return { type, raftId: idFromWire(wire.nodeId), context };
}

function memberOf(context: string): { readonly nodeId: string; readonly addr: string } {
  const member = parse(() => JSON.parse(context) as { nodeId?: unknown; addr?: unknown });
  if (typeof member.nodeId !== 'string' || typeof member.addr !== 'string') {
    throw malformed('a change of membership without a member');
  }
  return { nodeId: member.nodeId, addr: member.addr };
}

const snapshotToWire = <P, S>(
  snapshot: Snapshot<S>,
  codec: RaftCodec<P, S>,
): MessageInitShape<typeof SnapshotSchema> => ({
  data: codec.encodeSnapshot(snapshot.data),
  metadata: {
    index: BigInt(snapshot.index),
    term: BigInt(snapshot.term),
    confState: { voters: snapshot.members.map(idToWire) },
  },
});

function snapshotFromWire<P, S>(
  wire: pb.Snapshot | undefined,
  codec: RaftCodec<P, S>,
): Snapshot<S> {
  if (wire?.metadata === undefined) throw malformed('a snapshot message without a snapshot');
  return {
    index: number(wire.metadata.index),
    term: number(wire.metadata.term),
    members: (wire.metadata.confState?.voters ?? []).map(idFromWire),
    data: codec.decodeSnapshot(wire.data ?? new Uint8Array()),
  };
}

// Raft ids use all 64 bits; `''`, nobody, is zero as in etcd.
export function idToWire(id: RaftId): bigint {
  if (id === '') return 0n;
  if (!/^\d{1,20}$/.test(id)) throw malformed(`raft id ${JSON.stringify(id.slice(0, 40))}`);
  return BigInt(id);
}

export const idFromWire = (id: bigint): RaftId => (id === 0n ? '' : String(id));

// Indexes and terms are numbers here: a log beyond 2^53 entries is a lie.
function number(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed(`number ${value}`);
  return Number(value);
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw malformed(String(cause));
  }
}

const malformed = (what: string): SwarmError =>
  new SwarmError('InvalidArgument', `malformed raft message: ${what}`);

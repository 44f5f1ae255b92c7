import { SwarmError } from '../model/errors.ts';
import { DEFAULT_SWARM_SPEC, type NodeSpec, type SwarmSpec } from '../model/specs.ts';
import { goQuote } from './go-quote.ts';
import { refused, text, type Posted } from './posted.ts';

/** A swarm spec as decoded, with what the twin does not keep. */
export type PostedSwarmSpec = Posted<Omit<SwarmSpec, 'CAConfig'>> & {
  readonly CAConfig?: {
    readonly NodeCertExpiry?: number;
    readonly ForceRotate?: number;
    readonly ExternalCAs?: readonly {
      readonly Protocol?: string;
      readonly URL?: string;
      readonly Options?: Readonly<Record<string, string>>;
      readonly CACert?: string;
    }[];
    readonly SigningCACert?: string;
    readonly SigningCAKey?: string;
  };
};

/** What an update starts from: nothing, so that whatever the client leaves out becomes zero. */
const ZERO_SPEC: SwarmSpec = {
  Name: '',
  Labels: {},
  Orchestration: { TaskHistoryRetentionLimit: 0 },
  Raft: {
    SnapshotInterval: 0,
    KeepOldSnapshots: 0,
    LogEntriesForSlowFollowers: 0,
    ElectionTick: 0,
    HeartbeatTick: 0,
  },
  Dispatcher: { HeartbeatPeriod: 0 },
  CAConfig: { NodeCertExpiry: 0 },
  TaskDefaults: {},
  EncryptionConfig: { AutoLockManagers: false },
};

/** The spec of a new swarm: the defaults, or what a swarm had that begins anew, changed where the client says something else than nothing. */
export const convertInitSpec = (posted: PostedSwarmSpec, base = DEFAULT_SWARM_SPEC): SwarmSpec =>
  mergeSpec(posted, base);

/** The spec of an update, which replaces the one before (moby: SwarmSpecToGRPC). */
export const convertUpdateSpec = (posted: PostedSwarmSpec): SwarmSpec =>
  mergeSpec(posted, ZERO_SPEC);

/** Refuses any other name than the one there is. */
export function checkSwarmName(name: string | undefined): void {
  if (name !== undefined && name !== '' && name !== 'default')
    throw refused('swarm spec must be named "default"');
}

function mergeSpec(posted: PostedSwarmSpec, base: SwarmSpec): SwarmSpec {
  const labels = (posted.Labels ?? {}) as Readonly<Record<string, string>>;
  const raft = posted.Raft ?? {};
  const ca = posted.CAConfig ?? {};
  return {
    Name: 'default',
    Labels: Object.keys(labels).length === 0 ? base.Labels : labels,
    Orchestration: {
      TaskHistoryRetentionLimit:
        posted.Orchestration?.TaskHistoryRetentionLimit ??
        base.Orchestration.TaskHistoryRetentionLimit ??
        0,
    },
    Raft: {
      SnapshotInterval: given(raft.SnapshotInterval) ?? base.Raft.SnapshotInterval,
      KeepOldSnapshots: raft.KeepOldSnapshots ?? base.Raft.KeepOldSnapshots,
      LogEntriesForSlowFollowers:
        given(raft.LogEntriesForSlowFollowers) ?? base.Raft.LogEntriesForSlowFollowers,
      ElectionTick: uint32(given(raft.ElectionTick)) ?? base.Raft.ElectionTick,
      HeartbeatTick: uint32(given(raft.HeartbeatTick)) ?? base.Raft.HeartbeatTick,
    },
    Dispatcher: {
      HeartbeatPeriod: given(posted.Dispatcher?.HeartbeatPeriod) ?? base.Dispatcher.HeartbeatPeriod,
    },
    CAConfig: {
      NodeCertExpiry: given(ca.NodeCertExpiry) ?? base.CAConfig.NodeCertExpiry,
      ...(given(ca.ForceRotate) === undefined ? {} : { ForceRotate: ca.ForceRotate ?? 0 }),
      ...externalAuthorities(ca),
      ...signing(ca),
    },
    // moby takes a default log driver and loses it.
    TaskDefaults: {},
    EncryptionConfig: { AutoLockManagers: posted.EncryptionConfig?.AutoLockManagers ?? false },
  };
}

/** Go's conversion, which keeps the lowest 32 bits. */
const uint32 = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : value >>> 0;

const given = (value: number | undefined): number | undefined => (value === 0 ? undefined : value);

/** A root of one's own; what is wrong with it is for the leader to say. */
function signing({
  SigningCACert = '',
  SigningCAKey = '',
}: NonNullable<PostedSwarmSpec['CAConfig']>): Partial<SwarmSpec['CAConfig']> {
  return {
    ...(SigningCACert === '' ? {} : { SigningCACert }),
    ...(SigningCAKey === '' ? {} : { SigningCAKey }),
  };
}

/** The only kind of authority elsewhere is CFSSL. */
function externalAuthorities({
  ExternalCAs = [],
}: NonNullable<PostedSwarmSpec['CAConfig']>): Partial<SwarmSpec['CAConfig']> {
  if (ExternalCAs.length === 0) return {};
  return {
    ExternalCAs: ExternalCAs.map(({ Protocol = '', URL = '', Options, CACert = '' }) => {
      if (Protocol.toLowerCase() !== 'cfssl')
        throw refused(`invalid protocol: ${goQuote(Protocol)}`);
      return {
        Protocol: 'cfssl',
        URL,
        ...(Options === undefined ? {} : { Options }),
        ...(CACert === '' ? {} : { CACert }),
      };
    }),
  };
}

const ROLES = ['worker', 'manager'] as const;
const AVAILABILITIES = ['active', 'pause', 'drain'] as const;

/** A node's spec; role and availability must both be there, in any case (moby: convert.NodeSpecToGRPC). */
export function convertNodeSpec(posted: Posted<NodeSpec>): NodeSpec {
  const role = oneOf(ROLES, posted.Role ?? '');
  if (role === undefined) throw refused(`invalid Role: ${goQuote(posted.Role ?? '')}`);
  const availability = oneOf(AVAILABILITIES, posted.Availability ?? '');
  if (availability === undefined)
    throw refused(`invalid Availability: ${goQuote(posted.Availability ?? '')}`);
  const name = text(posted.Name);
  return {
    ...(name === undefined ? {} : { Name: name }),
    Labels: (posted.Labels ?? {}) as Readonly<Record<string, string>>,
    Role: role,
    Availability: availability,
  };
}

/** The availability that a node starts with, active unless given; here a wrong one is status 500. */
export function startAvailability(posted: string | undefined): NodeSpec['Availability'] {
  const word = posted ?? '';
  const availability = word === '' ? 'active' : oneOf(AVAILABILITIES, word);
  if (availability === undefined)
    throw new SwarmError('Unknown', `invalid Availability: ${goQuote(word)}`, 'facade');
  return availability;
}

const oneOf = <Word extends string>(words: readonly Word[], posted: string): Word | undefined =>
  words.find((word) => word === posted.toLowerCase());

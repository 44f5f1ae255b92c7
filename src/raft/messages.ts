/**
 * The words two replicas exchange and a host stores. Every message maps field by field onto
 * etcd's `raftpb.Message`, which is what Swarm managers send each other.
 */

/** A member's raft id: the decimal text of a non-zero uint64, opaque here. `''` means nobody. */
export type RaftId = string;

/** One change of membership. `context` is opaque here (Swarm: node id and address as JSON). */
export interface ConfChange {
  readonly type: 'add' | 'remove' | 'update';
  readonly raftId: RaftId;
  readonly context: string;
}

/** What a client proposed; a null payload is the empty entry of a new leader. */
export interface NormalEntry<P> {
  readonly index: number;
  readonly term: number;
  readonly kind: 'normal';
  readonly payload: P | null;
}

/** A change of membership in the log; it counts once the host applies it. */
export interface ConfEntry {
  readonly index: number;
  readonly term: number;
  readonly kind: 'conf';
  readonly change: ConfChange;
}

/** One line of the replicated log. */
export type Entry<P> = NormalEntry<P> | ConfEntry;

/** What a replica must remember over a crash beside its log. `vote` is `''` for no vote. */
export interface HardState {
  readonly term: number;
  readonly vote: RaftId;
  readonly commit: number;
}

/** The state after applying `index`, with the members as of that index. `data` is opaque here. */
export interface Snapshot<S> {
  readonly index: number;
  readonly term: number;
  readonly members: readonly RaftId[];
  readonly data: S;
}

/** The `context` of a vote request that was asked for by the leader itself (etcd's very bytes). */
export const CAMPAIGN_TRANSFER = 'CampaignTransfer';

interface Envelope {
  readonly to: RaftId;
  readonly from: RaftId;
  readonly term: number;
}

/** MsgApp: entries that follow the entry (`index`, `logTerm`), and the leader's commit index. */
export interface AppendMessage<P> extends Envelope {
  readonly type: 'app';
  readonly index: number;
  readonly logTerm: number;
  readonly entries: readonly Entry<P>[];
  readonly commit: number;
}

/**
 * MsgAppResp. Accepted: `index` is the last entry now shared with the leader. Rejected: `index`
 * repeats the request's, `rejectHint` is the last index that may match and `logTerm` its term.
 */
export interface AppendResponse extends Envelope {
  readonly type: 'appResp';
  readonly index: number;
  readonly reject: boolean;
  readonly rejectHint: number;
  readonly logTerm: number;
}

/** MsgVote: (`index`, `logTerm`) is the candidate's last entry. */
export interface VoteMessage extends Envelope {
  readonly type: 'vote';
  readonly index: number;
  readonly logTerm: number;
  readonly context: string;
}

/** MsgVoteResp. */
export interface VoteResponse extends Envelope {
  readonly type: 'voteResp';
  readonly reject: boolean;
}

/** MsgHeartbeat: `commit` never exceeds what the leader knows the receiver to hold. */
export interface HeartbeatMessage extends Envelope {
  readonly type: 'heartbeat';
  readonly commit: number;
}

/** MsgHeartbeatResp. */
export interface HeartbeatResponse extends Envelope {
  readonly type: 'heartbeatResp';
}

/** MsgSnap: for a follower whose next entry the leader no longer keeps. */
export interface SnapshotMessage<S> extends Envelope {
  readonly type: 'snap';
  readonly snapshot: Snapshot<S>;
}

/** MsgTimeoutNow: the leader asks this member to take over at once. */
export interface TimeoutNowMessage extends Envelope {
  readonly type: 'timeoutNow';
}

/**
 * Everything replicas say to each other. There is no forwarded proposal: Swarm's managers drop
 * those and forward the client's request instead.
 */
export type Message<P, S> =
  | AppendMessage<P>
  | AppendResponse
  | VoteMessage
  | VoteResponse
  | HeartbeatMessage
  | HeartbeatResponse
  | SnapshotMessage<S>
  | TimeoutNowMessage;

/** What a manager needs of the world to be a raft member: a disk, and a way to the other managers. */
import type { SwarmError, SwarmtwinError } from '../../model/errors.ts';
import type { ControlReply, ControlRequest } from '../../model/control.ts';
import type { NodeId } from '../../model/ids.ts';
import type { StoreAction } from '../../model/objects.ts';
import type { Done } from '../../model/result.ts';
import type { Message, RaftId } from '../../raft/messages.ts';
import type { Ready, Stored } from '../../raft/ready.ts';
import type { TablesData } from '../tables.ts';

/** A raft member: SwarmKit's RaftMember. The address is where its peers reach it. */
export interface Member {
  readonly raftId: RaftId;
  readonly nodeId: NodeId;
  readonly addr: string;
}

/** What a raft entry carries: the changes of one transaction. */
export interface Payload {
  readonly actions: readonly StoreAction[];
}

/** What a snapshot carries: the whole store, who the members are, and who must never come back. */
export interface State {
  readonly tables: TablesData;
  readonly members: readonly Member[];
  readonly removed: readonly RaftId[];
}

export type RaftMessage = Message<Payload, State>;
export type RaftReady = Ready<Payload, State>;
export type RaftStored = Stored<Payload, State>;

/** Stable storage. `done` comes after the parcel is on the disk, and synced where it says so; an error is final for this manager. */
export interface RaftDisk {
  save(
    parcel: Pick<RaftReady, 'hardState' | 'entries' | 'snapshot' | 'mustSync'>,
    done: (error: SwarmtwinError | null) => void,
  ): void;
  /** Keeps a snapshot of our own and drops the log before `keepFrom`. */
  compact(snapshot: NonNullable<RaftReady['snapshot']>, keepFrom: number): void;
  /** Bytes of a payload on the wire. */
  sizeOf(payload: Payload | null): number;
}

/** What a candidate for membership is told. */
export interface JoinReply {
  readonly raftId: RaftId;
  readonly members: readonly Member[];
  readonly removed: readonly RaftId[];
}

/** The other managers, over mutual TLS. Calls carry their own deadlines and always answer. */
export interface RaftPeers {
  /** Delivers a message or, within 2 s, says that it could not. Order between messages to one member is kept. */
  send(to: Member, message: RaftMessage, failed: (error: SwarmError | null) => void): void;
  /** Whether the manager at that address answers as a healthy raft member. */
  health(addr: string, deadlineMs: number, done: Done<null>): void;
  /** Asks the manager at `addr` where a member is reached. Errors: NotFound where it knows no such member. */
  resolve(addr: string, member: RaftId, deadlineMs: number, done: Done<string>): void;
  /** Asks the manager at `addr` (which hands it to the leader) to be taken in. */
  join(addr: string, ownAddr: string, done: Done<JoinReply>): void;
  /** Hands a client's request to the leader. */
  control(
    leader: Member,
    request: ControlRequest,
    deadlineMs: number,
    done: Done<ControlReply>,
  ): void;
  /** The connection to this member is not wanted any more. */
  forget(member: Member): void;
}

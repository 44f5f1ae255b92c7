/** What a whole node needs of the world, beside what its manager and its agent need. */
import type { SwarmError, SwarmtwinError } from '../../model/errors.ts';
import type { ClusterId, NodeId } from '../../model/ids.ts';
import type { Done } from '../../model/result.ts';
import type { NodeAvailability, NodeRole } from '../../model/specs.ts';
import type { RaftId } from '../../raft/messages.ts';
import type { Executor } from '../agent/executor.ts';
import type { AgentStorage } from '../agent/storage.ts';
import type { Authority, Issuer, RootCa } from '../manager/authority.ts';
import type { RaftDisk, RaftPeers, RaftStored } from '../manager/consensus-ports.ts';
import type { RemoteLeaders } from '../manager/remote.ts';
import type { Ports } from '../ports.ts';
import type { StoreEvent } from '../store-watch.ts';
import type { ManagerDialer, WeightedPeer } from '../session.ts';

/** Who this node is in its swarm; kept on disk, and what its TLS is made of. Certificates and keys are PEM. */
export interface Identity {
  readonly nodeId: NodeId;
  readonly clusterId: ClusterId;
  readonly role: NodeRole;
  readonly certificate: string;
  readonly key: string;
  readonly rootCa: string;
}

/** Everything of the node's own that outlives its process. */
export interface NodeState {
  readonly identity: Identity;
  /** `''` while this node is no raft member. */
  readonly raftId: RaftId;
  readonly listenAddr: string;
  /** `host:port` that the other managers use; `0.0.0.0:port` leaves it to whoever is asked. */
  readonly advertiseAddr: string;
  /** `0.0.0.0:port` where the address was left to whoever is asked: the next one may see another. */
  readonly joinAddr?: string;
  /** The managers last heard of, to begin with after a restart. */
  readonly managers: readonly WeightedPeer[];
}

/** A node whose keys are encrypted on its disk: until somebody brings the unlock key it is nothing but an address. */
export interface LockedNode {
  readonly isLocked: true;
  readonly advertiseAddr: string;
}

/** What a starting process finds; null where the node is in no swarm. */
export type StoredNode = NodeState | LockedNode | null;

/** The key that a node's own keys are encrypted with on its disk (SwarmKit: KEKData); null for none. The newest version counts. */
export interface Lock {
  /** 32 bytes in base 64. */
  readonly key: string | null;
  readonly version: number;
}

export interface JoinParameters {
  readonly remoteAddr: string;
  readonly joinToken: string;
  readonly availability: NodeAvailability;
}

/** From when until when a certificate is valid, in ms. */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

/** Getting certificates. Every call has its deadlines in the driver. */
export interface Enrolment {
  /** A key of our own and a certificate signed with the root that we just made. */
  selfSign(
    root: RootCa,
    nodeId: NodeId,
    clusterId: ClusterId,
    done: Done<Identity & { readonly csr: string }>,
  ): void;
  /** Fetches the root, checks it against the token's digest, asks for a certificate and waits until it is issued. */
  join(parameters: JoinParameters, done: Done<Identity>): void;
  /** A new certificate for the role that the leader has on record. */
  renew(current: Identity, managers: readonly WeightedPeer[], done: Done<Identity>): void;
  /** What the certificate says; null when it cannot be read. */
  validity(identity: Identity): Validity | null;
  /** Who signed the certificate; null when nobody did that this node trusts. */
  issuer(identity: Identity): Issuer | null;
}

/** Stable storage of the node itself. */
export interface NodeStorage {
  save(state: NodeState, done: (error: SwarmtwinError | null) => void): void;
  /**
   * Encrypts the node's keys with another unlock key, or with none, also in every `save` from now on. Answers whether they lay there unencrypted before and
   * do so no more: then the data key of the raft log is another one, and the node's own key should be. Null: this node is no manager any more, and will hear
   * of no other unlock key.
   */
  lock(
    lock: Lock | null,
    done: (answer: { readonly isNewlyLocked: boolean } | SwarmtwinError) => void,
  ): void;
  /** Tries a key on a locked node's disk; null where it does not fit. */
  unlock(key: string, done: (answer: NodeState | null | SwarmtwinError) => void): void;
  /** Forgets everything: identity, raft, tasks. */
  wipe(done: (error: SwarmtwinError | null) => void): void;
  /** Opens the raft log and snapshot; `fresh` wipes what is there. */
  openRaft(
    fresh: boolean,
    done: (
      opened: { readonly disk: RaftDisk; readonly stored: RaftStored } | SwarmtwinError,
    ) => void,
  ): void;
  agentStorage(): AgentStorage;
}

export interface NodePorts extends Ports {
  readonly storage: NodeStorage;
  readonly enrolment: Enrolment;
  readonly authority: Authority;
  readonly executor: Executor;
  readonly dialer: ManagerDialer;
  readonly peers: RaftPeers;
  readonly remote: RemoteLeaders;
  /** From now on every connection uses this identity; null: the node has left. */
  useIdentity(identity: Identity | null): void;
  /** Serves the manager port; answers when it listens. */
  listen(addr: string, done: (error: SwarmError | null) => void): void;
  /** Stops serving it and ends its connections. */
  unlisten(done: () => void): void;
  /**
   * Whether a node that becomes a manager asks nobody to take it in but the manager that it joined through, and ends, to begin anew, where that one does not (moby
   * up to 20.10, until 47854). Absent: it asks one of the managers that it knows, and goes on as an agent meanwhile.
   */
  readonly keepsJoinAddress?: boolean;
  /** Told of everything that is committed, on a manager; not of what a restart only takes up again. */
  readonly observe?: (committed: readonly StoreEvent[]) => void;
  /** Removes every container that this node runs for the swarm. */
  removeContainers(nodeId: NodeId, done: Done<null>): void;
}

/** The parcel a replica hands its host: what to store, what to send, what to apply. */
import type { Entry, HardState, Message, RaftId, Snapshot } from './messages.ts';

/** What a member is at the moment. */
export type Role = 'follower' | 'candidate' | 'leader';

/** Volatile facts worth telling the rest of the manager; `leader` is `''` when none is known. */
export interface SoftState {
  readonly leader: RaftId;
  readonly role: Role;
}

/**
 * The host's duties, in this order: store `snapshot` (it replaces the whole stored log, entries
 * after its index too), then `entries` (an append at index i replaces everything stored from i
 * on), then `hardState`; sync if `mustSync`; send `messages`;
 * install `snapshot`; apply `committed` in order (calling `applyConfChange` for each `conf`
 * entry); `advance(parcel)`. A message sent before the sync can elect two leaders.
 */
export interface Ready<P, S> {
  /** Changed since the last parcel. */
  readonly hardState?: HardState | undefined;
  /** Received from the leader; replaces the host's state and its whole stored log. */
  readonly snapshot?: Snapshot<S> | undefined;
  /** Changed since the last parcel. */
  readonly softState?: SoftState | undefined;
  readonly entries: readonly Entry<P>[];
  readonly messages: readonly Message<P, S>[];
  /** Never beside a `snapshot`. */
  readonly committed: readonly Entry<P>[];
  /** Something in here (term, vote, entries, snapshot) others will rely on. */
  readonly mustSync: boolean;
}

/** What a host read back from its disk: all empty for a member that never ran. */
export interface Stored<P, S> {
  readonly hardState: HardState;
  readonly snapshot: Snapshot<S> | null;
  readonly entries: readonly Entry<P>[];
}

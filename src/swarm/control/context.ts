import type { Cluster, ManagerStatus, Node } from '../../model/objects.ts';
import type { Authority } from '../manager/authority.ts';
import type { Ports } from '../ports.ts';
import type { Store } from '../store.ts';

/** What the leader's rules may look at and call upon. */
export interface ControlContext {
  readonly ports: Ports;
  readonly store: Store;
  readonly members: MembersView;
  /** `SWMTKN-1-…`, a fresh one for this root certificate. */
  newJoinToken(cluster: Cluster): string;
  /** Of a founder (model/control: ClusterView). */
  readonly showsNoPool?: boolean;
  readonly authority: Pick<
    Authority,
    'createRoot' | 'crossSign' | 'checkRoot' | 'reachesAny' | 'unlockKey'
  >;
}

/** The raft members as the serving leader sees them. */
export interface MembersView {
  statusOf(nodeId: Node['id']): ManagerStatus | undefined;
  /** Whether a reachable quorum would be left without that node. */
  canRemove(nodeId: Node['id']): boolean;
}

import type { ClusterView, NodeView } from '../../model/control.ts';
import { ok, type Done } from '../../model/result.ts';
import type { Manager } from '../manager/manager.ts';
import type { WeightedPeer } from '../session.ts';
import type { NodeState } from './node-ports.ts';

/** moby: types.LocalNodeState. */
export type LocalState = 'inactive' | 'pending' | 'active' | 'error' | 'locked';

/** What a node knows of itself without asking anybody. */
export interface NodeFacts {
  readonly state: NodeState | null;
  /** Also of a locked node, which has no other state. */
  readonly advertiseAddr: string;
  readonly localState: LocalState;
  readonly error: string;
  readonly manager: Manager | null;
  readonly managers: readonly WeightedPeer[];
}

/** The swarm block of `docker info` (behaviour.md 11.9). */
export interface NodeInfo {
  readonly nodeId: string;
  readonly nodeAddr: string;
  readonly localNodeState: NodeFacts['localState'];
  readonly controlAvailable: boolean;
  readonly error: string;
  readonly remoteManagers: readonly { readonly nodeId: string; readonly addr: string }[];
  readonly nodes: number;
  readonly managers: number;
  readonly cluster?: ClusterView | null;
}

/** Asks the leader for what only it knows; where there is none the rest is told, with the reason in `error`. */
export function describeNode(facts: NodeFacts, done: Done<NodeInfo>): void {
  const { manager } = facts;
  const own = local(facts);
  if (manager === null || !own.controlAvailable) {
    done(ok(own));
    return;
  }
  manager.control({ method: 'get-cluster' }, (cluster) => {
    if (!cluster.ok) {
      done(ok({ ...own, error: cluster.error.text, cluster: null }));
      return;
    }
    manager.control({ method: 'list-nodes', filters: {} }, (nodes) => {
      if (nodes.ok) done(ok({ ...own, cluster: cluster.value, ...counts(nodes.value) }));
      else done(ok({ ...own, cluster: cluster.value, error: nodes.error.text }));
    });
  });
}

const counts = (nodes: readonly NodeView[]): Pick<NodeInfo, 'nodes' | 'managers'> => ({
  nodes: nodes.length,
  managers: nodes.filter((view) => view.manager !== undefined).length,
});

function local(facts: NodeFacts): NodeInfo {
  const { state, advertiseAddr, localState, error, manager, managers } = facts;
  return {
    nodeId: state?.identity.nodeId ?? '',
    nodeAddr: hostOf(advertiseAddr),
    localNodeState: localState,
    controlAvailable: manager !== null && localState === 'active',
    error,
    remoteManagers: managers.map((peer) => ({ nodeId: peer.nodeId, addr: peer.addr })),
    nodes: 0,
    managers: 0,
  };
}

/** The host of `host:port`, without brackets. */
export const hostOf = (addr: string): string => addr.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');

import { INFO } from './cluster-schema.ts';
import type { EngineLine } from '../model/engines.ts';
import { encodeGo } from './go-encode.ts';
import type { SwarmInfo, SwarmNodeView } from './node-view.ts';
import { renderCluster } from './render-swarm.ts';

/** moby warns of two managers in four lines, the last three set in by nine spaces. */
const TWO_MANAGERS = [
  'WARNING: Running Swarm in a two-manager configuration. This configuration provides',
  'no fault tolerance, and poses a high risk to lose control over the cluster.',
  'Refer to https://docs.docker.com/engine/swarm/admin_guide/ to configure the',
  'Swarm for fault-tolerance.',
].join('\n         ');

/** The swarm block of `/info` (moby: Cluster.Info), as JSON has it. */
export function renderInfo(info: SwarmInfo, engine: EngineLine): Record<string, unknown> {
  const warnings = info.managers === 2 && info.localNodeState !== 'error' ? [TWO_MANAGERS] : [];
  const { cluster } = info;
  const block = {
    NodeID: info.nodeId,
    NodeAddr: info.nodeAddr,
    LocalNodeState: info.localNodeState,
    ControlAvailable: info.controlAvailable,
    Error: info.error,
    RemoteManagers:
      info.remoteManagers.length === 0
        ? undefined
        : info.remoteManagers.map(({ nodeId, addr }) => ({ NodeID: nodeId, Addr: addr })),
    Nodes: info.nodes,
    Managers: info.managers,
    // A manager without an answer shows a cluster of zeros.
    Cluster: cluster === undefined ? undefined : cluster === null ? {} : renderCluster(cluster),
    Warnings: warnings,
  };
  return JSON.parse(encodeGo(block, INFO, engine)) as Record<string, unknown>;
}

/** dockerd's own `/info` with its swarm block replaced, every member in its place; the swarm's warnings come after the engine's. */
export function mergeInfo(
  engineInfo: Readonly<Record<string, unknown>>,
  info: SwarmInfo,
  engine: EngineLine = '26.1',
): Record<string, unknown> {
  const swarm = renderInfo(info, engine);
  const own = swarm['Warnings'] as readonly string[] | undefined;
  const merged: Record<string, unknown> = { ...engineInfo, Swarm: swarm };
  if (own !== undefined)
    merged['Warnings'] = [
      ...((engineInfo['Warnings'] as string[] | null | undefined) ?? []),
      ...own,
    ];
  return merged;
}

/** What `/_ping` says of the swarm beside dockerd's own headers (moby: Cluster.Status). 20.10 says nothing. */
export function pingHeaders(
  node: SwarmNodeView,
  engine: EngineLine = '26.1',
): Record<string, string> {
  if (engine === '20.10') return {};
  const state = node.localState();
  return { Swarm: state === 'active' ? `active/${node.role() ?? 'worker'}` : state };
}

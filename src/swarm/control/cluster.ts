/** What the leader does with requests about the swarm itself (behaviour.md 11.3). */
import type { ControlReplies, ControlRequest } from '../../model/control.ts';
import { SwarmError } from '../../model/errors.ts';
import type { Cluster } from '../../model/objects.ts';
import type { Done } from '../../model/result.ts';
import type { Reader } from '../tables.ts';
import type { ControlContext } from './context.ts';
import { validateClusterSpec } from './validate-service.ts';

export function theCluster(read: Reader): Cluster {
  const cluster = read.all('cluster')[0];
  if (cluster === undefined) throw new SwarmError('NotFound', 'cluster not found');
  return cluster;
}

export function updateCluster(
  context: ControlContext,
  request: Extract<ControlRequest, { method: 'update-cluster' }>,
  done: Done<ControlReplies['update-cluster']>,
): void {
  context.store.update((transaction) => {
    const cluster = theCluster(transaction);
    const invalid = validateClusterSpec(request.spec);
    if (invalid !== null) throw invalid;
    const { worker, manager } = cluster.joinTokens;
    const joinTokens = {
      worker: request.rotateWorkerToken ? context.newJoinToken(cluster) : worker,
      manager: request.rotateManagerToken ? context.newJoinToken(cluster) : manager,
    };
    const meta = { ...cluster.meta, version: request.version };
    transaction.update('cluster', { ...cluster, meta, spec: request.spec, joinTokens });
    return {};
  }, done);
}

/** What the leader does with requests about the swarm itself (behaviour.md 11.3). */
import type { ClusterView, ControlReplies, ControlRequest } from '../../model/control.ts';
import { isSwarmError, SwarmError } from '../../model/errors.ts';
import type { Cluster, ClusterRoot } from '../../model/objects.ts';
import { failed, type Done, type Result } from '../../model/result.ts';
import type { Reader } from '../tables.ts';
import type { Transaction } from '../transaction.ts';
import type { ControlContext } from './context.ts';
import { changeRoot } from './root-change.ts';
import { validateClusterSpec } from './validate-service.ts';

type UpdateCluster = Extract<ControlRequest, { method: 'update-cluster' }>;

export function theCluster(read: Reader): Cluster {
  const cluster = read.all('cluster')[0];
  if (cluster === undefined) throw new SwarmError('NotFound', 'cluster not found');
  return cluster;
}

export const viewCluster = ({ showsNoPool }: ControlContext, cluster: Cluster): ClusterView =>
  showsNoPool === true ? { ...cluster, showsNoPool } : cluster;

/** A new root is made before the transaction, which takes it only where the root is still the one that it was made for. */
export function updateCluster(
  context: ControlContext,
  request: UpdateCluster,
  done: Done<ControlReplies['update-cluster']>,
): void {
  const { rootCa } = theCluster(context.store.read);
  const invalid = validateClusterSpec(request.spec);
  if (invalid !== null) throw invalid;
  const change: Done<ClusterRoot> = (root) => {
    context.store.update((transaction) => {
      write(context, transaction, request, { before: rootCa, root });
      return {};
    }, done);
  };
  try {
    changeRoot(context.authority, rootCa, request.spec.CAConfig, change);
  } catch (caught) {
    if (!isSwarmError(caught)) throw caught;
    change(failed(caught));
  }
}

/** SwarmKit: a stale version is told last, after everything that is wrong with the request itself. */
function write(
  context: ControlContext,
  transaction: Transaction,
  request: UpdateCluster,
  { before, root }: { readonly before: ClusterRoot; readonly root: Result<ClusterRoot> },
): void {
  const cluster = theCluster(transaction);
  if (!root.ok) throw root.error;
  if (cluster.rootCa !== before) throw new SwarmError('Unknown', 'update out of sequence');
  const { unlockKey, ...rest } = cluster;
  const { worker, manager } = cluster.joinTokens;
  const joinTokens = {
    worker: request.rotateWorkerToken ? context.newJoinToken(cluster) : worker,
    manager: request.rotateManagerToken ? context.newJoinToken(cluster) : manager,
  };
  transaction.update('cluster', {
    ...rest,
    meta: { ...cluster.meta, version: request.version },
    spec: request.spec,
    joinTokens,
    blacklist: unexpired(cluster, context.ports.clock.now()),
    rootCa: root.value,
    ...nextUnlockKey(context, request, unlockKey),
  });
}

/** Certificates of removed nodes that ran out meanwhile need no refusal of their own. */
const unexpired = ({ blacklist }: Cluster, now: number): Cluster['blacklist'] =>
  Object.fromEntries(Object.entries(blacklist).filter(([, until]) => until > now));

/** None while managers do not lock themselves; a new one when they begin to, and when it is asked for. */
function nextUnlockKey(
  context: ControlContext,
  { spec, rotateUnlockKey = false }: UpdateCluster,
  current: string | undefined,
): Pick<Cluster, 'unlockKey'> {
  if (!spec.EncryptionConfig.AutoLockManagers) return {};
  if (current !== undefined && !rotateUnlockKey) return { unlockKey: current };
  return { unlockKey: context.authority.unlockKey() };
}

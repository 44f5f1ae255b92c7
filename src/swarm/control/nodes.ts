/** What the leader does with requests about nodes (behaviour.md 9.2, 11.4; SwarmKit: controlapi/node). */
import type { ControlReplies, ControlRequest, Filters, NodeView } from '../../model/control.ts';
import { SwarmError } from '../../model/errors.ts';
import type { Node } from '../../model/objects.ts';
import type { Done } from '../../model/result.ts';
import { isTerminal } from '../../model/task-state.ts';
import type { Reader } from '../tables.ts';
import type { Transaction } from '../transaction.ts';
import type { ControlContext, MembersView } from './context.ts';
import { nodeFilter } from './filter.ts';
import { resolveNode } from './resolve.ts';
import { validateNodeSpec } from './validate-service.ts';

type Request<M extends ControlRequest['method']> = Extract<ControlRequest, { method: M }>;

/** SwarmKit: a removed node's certificate is refused for as long as it could be valid, and 7 days more. */
const BLACKLIST_GRACE_MS = 7 * 86_400_000;

export function viewNode(members: MembersView, node: Node): NodeView {
  const manager = node.role === 'manager' ? members.statusOf(node.id) : undefined;
  return manager === undefined ? { node } : { node, manager };
}

export function listNodes(context: ControlContext, filters: Filters): readonly NodeView[] {
  const nodes = context.store.read.all('node').filter(nodeFilter(filters));
  return nodes
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((node) => viewNode(context.members, node));
}

export function updateNode(
  context: ControlContext,
  request: Request<'update-node'>,
  done: Done<ControlReplies['update-node']>,
): void {
  context.store.update((transaction) => {
    const node = resolveNode(transaction, request.ref);
    const invalid = validateNodeSpec(request.spec);
    if (invalid !== null) throw invalid;
    if (node.spec.Role === 'manager' && request.spec.Role === 'worker') {
      checkDemotion(transaction, context.members, node);
    }
    if (node.spec.Role === 'worker' && request.spec.Role === 'manager') checkPromotion(node);
    const meta = { ...node.meta, version: request.version };
    transaction.update('node', { ...node, meta, spec: request.spec });
    return {};
  }, done);
}

/** dockerd's own agent would end, and its tasks with it, when its manager is refused by ours. */
function checkPromotion({ id, description }: Node): void {
  if (description?.isForeign !== true) return;
  throw new SwarmError(
    'FailedPrecondition',
    `node ${id} runs dockerd's own swarm mode and cannot be promoted: the managers of this swarm are swarmtwins, whose raft log it cannot read`,
  );
}

function checkDemotion(read: Reader, members: MembersView, node: Node): void {
  const managers = read.all('node').filter((other) => other.spec.Role === 'manager');
  if (managers.length === 1) {
    throw new SwarmError(
      'FailedPrecondition',
      'attempting to demote the last manager of the swarm',
    );
  }
  if (members.statusOf(node.id) === undefined) {
    throw new SwarmError('NotFound', "can't find manager in raft memberlist");
  }
  if (!members.canRemove(node.id)) {
    const text = "can't remove member from the raft: this would result in a loss of quorum";
    throw new SwarmError('FailedPrecondition', text);
  }
}

export function removeNode(
  context: ControlContext,
  request: Request<'remove-node'>,
  done: Done<ControlReplies['remove-node']>,
): void {
  const now = context.ports.clock.now();
  context.store.update((transaction) => {
    const node = resolveNode(transaction, request.ref);
    if (node.spec.Role === 'manager' && context.members.statusOf(node.id) !== undefined) {
      const text = `node ${node.id} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal`;
      throw new SwarmError('FailedPrecondition', text);
    }
    if (!request.force && node.status.state === 'ready') {
      throw new SwarmError(
        'FailedPrecondition',
        `node ${node.id} is not down and can't be removed`,
      );
    }
    blacklist(transaction, node, now);
    orphanTasks(transaction, node, now);
    transaction.remove('node', node.id);
    return {};
  }, done);
}

function blacklist(transaction: Transaction, node: Node, now: number): void {
  const cluster = transaction.all('cluster')[0];
  if (cluster === undefined) return;
  const expiryMs = cluster.spec.CAConfig.NodeCertExpiry / 1_000_000;
  const current = Object.entries(cluster.blacklist).filter(([, until]) => until > now);
  current.push([node.id, now + expiryMs + BLACKLIST_GRACE_MS]);
  transaction.update('cluster', { ...cluster, blacklist: Object.fromEntries(current) });
}

function orphanTasks(transaction: Transaction, node: Node, now: number): void {
  for (const task of transaction.tasksOfNode(node.id)) {
    if (isTerminal(task.status.state)) continue;
    const message = 'Task belonged to a node that has been deleted';
    const status = { state: 'orphaned', message, err: '', timestamp: now, appliedAt: now } as const;
    transaction.update('task', { ...task, status });
  }
}

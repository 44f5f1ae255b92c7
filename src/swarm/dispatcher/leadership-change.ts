import type { Store } from '../store.ts';
import type { Transaction } from '../transaction.ts';
import type { DownNodes } from './down-nodes.ts';
import type { NodeRegistry } from './node-registry.ts';

/**
 * What a new leader does with the nodes it finds: those that are down stay down and their day starts anew, all others become unknown until they register, or
 * expire when they do not (SwarmKit: markNodesUnknown).
 */
export function markNodesUnknown(
  store: Store,
  registry: NodeRegistry,
  down: DownNodes,
  expire: (nodeId: string, message: string) => void,
): void {
  const expected = [];
  for (const node of store.read.all('node')) {
    if (node.status.state === 'down') down.add(node.id);
    else {
      expected.push(node);
      registry.addUnknown(node.id, () => {
        expire(node.id, 'heartbeat failure for node in "unknown" state');
      });
    }
  }
  store.batch(
    expected.map(({ id }) => (transaction: Transaction) => {
      const node = transaction.get('node', id);
      if (node === undefined || registry.isRegistered(id)) return;
      const message = 'Node moved to "unknown" state due to leadership change in cluster';
      transaction.update('node', {
        ...node,
        status: { ...node.status, state: 'unknown', message },
      });
    }),
  );
}

import type { NodeView } from '../model/control.ts';
import { then, type Call } from './call.ts';
import { unavailable } from './not-manager.ts';

/** moby gives the count of managers 5 s, and leaves it out of its answer when it does not come. */
const COUNT_BUDGET_MS = 5000;

const MANAGER =
  'You are attempting to leave the swarm on a node that is participating as a manager. ';
const RESTORE =
  'The only way to restore a swarm that has lost consensus is to reinitialize it with `--force-new-cluster`. Use `--force` to suppress this message.';
const LAST =
  'Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message. ';
const LOCKED =
  'Swarm is encrypted and locked. Please unlock it first or use `--force` to ignore this message.';

/** Leaves the swarm; a manager without force is always refused, with what its leaving would mean (moby: Cluster.Leave). */
export function leave(call: Call, force: boolean): void {
  const { node } = call;
  const state = node.localState();
  if (state === 'inactive') throw unavailable('This node is not part of a swarm');
  if (!force && state === 'locked') throw unavailable(LOCKED);
  // One that was demoted, or promoted, a moment ago, or ended by an error, has a manager's certificate and no manager (moby: IsManager).
  const isOnlyNamed = (state === 'active' || state === 'error') && !node.managerReady();
  if (force || node.role() !== 'manager' || isOnlyNamed) {
    node.leave(
      then(call, () => {
        call.reply.empty();
      }),
    );
  } else if (!node.managerReady()) {
    throw unavailable(`${MANAGER}Doing so may lose the consensus of your cluster. ${RESTORE}`);
  } else {
    node.control(
      { method: 'list-nodes', filters: {} },
      (result) => {
        const sense = result.ok ? consequence(result.value, node.nodeId()) : '';
        call.reply.error(unavailable(`${MANAGER}${sense}${sense === LAST ? '' : RESTORE}`));
      },
      COUNT_BUDGET_MS,
    );
  }
}

function consequence(nodes: readonly NodeView[], self: string): string {
  const managers = nodes.filter(({ manager }) => manager !== undefined);
  const those = (reachability: string): readonly NodeView[] =>
    managers.filter(({ manager }) => manager?.reachability === reachability);
  const reachable = those('reachable');
  const unreachable = those('unreachable').length;
  const isActive = reachable.some(({ node }) => node.id === self);
  if (!isActive || reachable.length - 2 > unreachable) return '';
  if (reachable.length === 1 && unreachable === 0) return LAST;
  return `Removing this node leaves ${reachable.length - 1} managers out of ${reachable.length + unreachable}. Without a Raft quorum your swarm will be inaccessible. `;
}

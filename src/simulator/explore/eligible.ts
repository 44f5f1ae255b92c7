import type { Node, Task } from '../../model/objects.ts';
import { matchesConstraints, placementConstraints } from '../../swarm/constraint.ts';

/** Whether the scheduler may give the node a task of this spec, as far as the node itself goes: it is ready and active and fits the constraints. */
export const mayTake = ({ Placement }: Task['spec'], node: Node | undefined): boolean =>
  node?.status.state === 'ready' &&
  node.spec.Availability === 'active' &&
  matchesConstraints(placementConstraints(Placement), node);

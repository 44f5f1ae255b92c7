import type { Task } from '../../model/objects.ts';
import type { NodeInfo } from './node-info.ts';

/** One reason why a node may not take a task. */
export interface Filter {
  /** The check for this task, or null where the filter does not concern it. */
  forTask(task: Task): ((info: NodeInfo) => boolean) | null;
  /** What people read when it turned `nodes` nodes away; Swarm's own words. */
  explain(nodes: number): string;
}

/** `insufficient resources on 1 node`, `… on 3 nodes`. */
export const onNodes =
  (what: string) =>
  (nodes: number): string =>
    nodes === 1 ? `${what} on 1 node` : `${what} on ${nodes} nodes`;

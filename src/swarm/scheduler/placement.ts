import type { Task } from '../../model/objects.ts';
import type { NodeInfo } from './node-info.ts';
import type { NodeSet } from './node-set.ts';
import type { Pipeline } from './pipeline.ts';

/** What placing one group of equal tasks needs: tasks of one service that were made from the same version of its spec. */
export interface Group {
  /** Any of the tasks; they are all alike. */
  readonly task: Task;
  readonly pipeline: Pipeline;
  readonly nodes: NodeSet;
  /** Nodes that the service keeps failing on, with the number of failures. */
  readonly suspects: ReadonlyMap<NodeInfo, number>;
  /** How many tasks wait. */
  readonly waiting: () => number;
  /** Puts the next waiting task on the node. */
  readonly assign: (info: NodeInfo) => void;
}

/**
 * Which of two nodes gets the next task: below zero for `one` (SwarmKit's order). Repeated failures decide first, then the fewest tasks of the service, then
 * the fewest tasks in all.
 */
export function compareNodes(group: Group, one: NodeInfo, other: NodeInfo): number {
  const failures = (group.suspects.get(one) ?? 0) - (group.suspects.get(other) ?? 0);
  if (failures !== 0) return failures;
  const { serviceId } = group.task;
  const ofService = one.activeOf(serviceId) - other.activeOf(serviceId);
  return ofService !== 0 ? ofService : one.activeTasks - other.activeTasks;
}

/** Up to `wanted` nodes that pass the pipeline, the best first. Looks no further than it must. */
export function bestNodes(group: Group, wanted: number): NodeInfo[] {
  const { nodes, pipeline, suspects } = group;
  const used = nodes.ofService(group.task.serviceId);
  const best: NodeInfo[] = [];
  pipeline.refuseUnavailable(nodes.unavailable);
  const take = (info: NodeInfo): boolean => {
    if (pipeline.passes(info)) best.push(info);
    return best.length >= wanted;
  };
  for (const info of nodes.emptiestFirst())
    if (!used.has(info) && !suspects.has(info) && take(info)) return best;
  // What is left are nodes that the order cannot tell from the number of tasks alone.
  const rest = [...new Set([...used, ...suspects.keys()])]
    .filter((info) => info.bucket >= 0)
    .sort((one, other) => compareNodes(group, one, other));
  for (const info of rest) if (take(info)) return best;
  return best;
}

/**
 * Puts up to `count` tasks on `nodes`, which all pass and are in order; answers how many found a place. The best node gets tasks until the next one compares
 * better; once the last was reached, every node gets one in turn for as long as it passes (SwarmKit: scheduleNTasksOnNodes).
 */
export function fillNodes(group: Group, nodes: readonly NodeInfo[], count: number): number {
  if (nodes.length === 0) return 0;
  const open = new OpenRing(nodes.length);
  let at = 0;
  for (let placed = 1; placed <= count; placed += 1) {
    const info = nodes[at % nodes.length];
    if (info === undefined) return placed - 1;
    group.assign(info);
    if (placed === count) break;
    const next = nodes[at + 1];
    if (next === undefined || compareNodes(group, next, info) < 0) at += 1;
    const usable = nextUsable(group, nodes, open, at);
    if (usable < 0) return placed;
    at = usable;
  }
  return count;
}

/** The first position from `at` on, round the ring, whose node still passes; -1 when none does. */
function nextUsable(group: Group, nodes: readonly NodeInfo[], open: OpenRing, at: number): number {
  let position = at;
  for (;;) {
    const found = open.from(position % nodes.length);
    if (found < 0) return -1;
    const step = (found - (position % nodes.length) + nodes.length) % nodes.length;
    position += step;
    const info = nodes[found];
    if (info !== undefined && group.pipeline.passes(info)) return position;
    open.close(found);
  }
}

/** Places 0 to size-1 in a ring, of which some are closed for good; finding the next open one costs next to nothing. */
class OpenRing {
  readonly #next: number[];
  #left: number;

  constructor(size: number) {
    this.#next = Array.from({ length: size }, (_, place) => place);
    this.#left = size;
  }

  /** The first open place at or after `place`, round the ring; -1 when all are closed. */
  from(place: number): number {
    if (this.#left === 0) return -1;
    let found = place;
    for (let next = this.#next[found]; next !== undefined && next !== found;) {
      // Halves the path for whoever comes next.
      this.#next[found] = this.#next[next] ?? next;
      found = next;
      next = this.#next[found];
    }
    return found;
  }

  close(place: number): void {
    if (this.#next[place] !== place) return;
    this.#next[place] = (place + 1) % this.#next.length;
    this.#left -= 1;
  }
}

import type { Task } from '../../model/objects.ts';
import {
  hostPortFilter,
  maxReplicasFilter,
  resourceFilter,
  volumesFilter,
} from './capacity-filters.ts';
import type { Filter } from './filter.ts';
import type { NodeInfo } from './node-info.ts';
import {
  constraintFilter,
  platformFilter,
  pluginFilter,
  readyFilter,
} from './suitability-filters.ts';

/** In SwarmKit's order; the first that refuses a node is the one that is told. */
const FILTERS: readonly Filter[] = [
  readyFilter,
  resourceFilter,
  pluginFilter,
  constraintFilter,
  platformFilter,
  hostPortFilter,
  maxReplicasFilter,
  volumesFilter,
];

interface Check {
  readonly filter: Filter;
  readonly passes: (info: NodeInfo) => boolean;
  refused: number;
}

/** The filters as they concern one task, with the count of nodes that each has refused since a node last passed them all. */
export class Pipeline {
  readonly #checks: readonly Check[];
  /** How many nodes were looked at: the scheduler's work, for tests of how it grows. */
  looked = 0;

  constructor(task: Task) {
    this.#checks = FILTERS.flatMap((filter) => {
      const passes = filter.forTask(task);
      return passes === null ? [] : [{ filter, passes, refused: 0 }];
    });
  }

  passes(info: NodeInfo): boolean {
    this.looked += 1;
    const refusing = this.#checks.find((check) => !check.passes(info));
    if (refusing !== undefined) refusing.refused += 1;
    else for (const check of this.#checks) check.refused = 0;
    return refusing === undefined;
  }

  /** Counts nodes that are known to be unavailable without looking at each. */
  refuseUnavailable(nodes: number): void {
    const ready = this.#checks.find((check) => check.filter === readyFilter);
    if (ready !== undefined) ready.refused += nodes;
  }

  /** `2 nodes not available for new tasks; insufficient resources on 1 node`: the most frequent reason first. */
  explain(): string {
    return this.#checks
      .filter((check) => check.refused > 0)
      .sort((one, other) => other.refused - one.refused)
      .map((check) => check.filter.explain(check.refused))
      .join('; ');
  }
}

/** Runs as many scenarios at once as the machine carries, the longest first, so that the whole takes little longer than its parts must. */
import type { Scenario } from '../model/scenario.ts';
import { nodeNames } from '../model/scenario.ts';

/** How many lab nodes may run at the same time. */
export interface Capacity {
  readonly nodes: number;
}

/** What a node needs at rest beside its share of work, measured: 150 MiB of memory; bring-up and container starts want processor time. */
const NODE_BYTES = 220 * 1024 * 1024;
// With 14 a core the run took 378 s and container starts waited for each other (load 57), which blurred what is compared.
const NODES_PER_CORE = 11;

/** What a machine carries. `freeBytes` is the memory that is available now. */
export const capacityOf = (cores: number, freeBytes: number): Capacity => ({
  nodes: Math.max(4, Math.min(cores * NODES_PER_CORE, Math.floor(freeBytes / NODE_BYTES))),
});

/** What is packed: a scenario, or one of several plays of it. */
export type Packed = Pick<Scenario, 'shape' | 'expectedS'>;

/** How many nodes a scenario occupies on `subjects` clusters. */
export const nodesOf = ({ shape }: Packed, subjects: number): number =>
  nodeNames(shape).length * subjects;

/**
 * Plays every scenario once; at any time the nodes of those that run fit the capacity (one that is larger than all of it runs alone).
 * Results come in the order of `scenarios`. A `play` that rejects lets the others end first.
 */
export async function playAll<P extends Packed, T>(
  scenarios: readonly P[],
  subjects: number,
  capacity: Capacity,
  play: (scenario: P) => Promise<T>,
): Promise<readonly T[]> {
  const waiting = [...scenarios].sort((a, b) => b.expectedS - a.expectedS);
  const running = new Map<P, Promise<void>>();
  const results = new Map<P, PromiseSettledResult<T>>();
  let free = capacity.nodes;
  const start = (scenario: P): void => {
    const nodes = nodesOf(scenario, subjects);
    free -= nodes;
    const settle = (result: PromiseSettledResult<T>): void => {
      results.set(scenario, result);
      running.delete(scenario);
      free += nodes;
    };
    running.set(
      scenario,
      play(scenario).then(
        (value) => {
          settle({ status: 'fulfilled', value });
        },
        (reason: unknown) => {
          settle({ status: 'rejected', reason });
        },
      ),
    );
  };
  while (waiting.length > 0 || running.size > 0) {
    for (const scenario of [...waiting]) {
      if (nodesOf(scenario, subjects) > free && running.size > 0) continue;
      waiting.splice(waiting.indexOf(scenario), 1);
      start(scenario);
    }
    await Promise.race(running.values());
  }
  return scenarios.map((scenario) => {
    const result = results.get(scenario);
    if (result?.status === 'fulfilled') return result.value;
    throw result?.reason;
  });
}

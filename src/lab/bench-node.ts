/** Joins a planned node with the container that runs it. */
import type { BenchNode } from './bench.ts';
import { API_PORT } from './lab-plan.ts';
import type { PlannedNode } from './lab-plan.ts';
import { nodeClient } from './node-client.ts';

export function benchNodeOf(
  planned: PlannedNode,
  containerId: string,
  client = nodeClient(planned.address),
): BenchNode {
  return { ...planned, dockerHost: `tcp://${planned.address}:${API_PORT}`, containerId, client };
}

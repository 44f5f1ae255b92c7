/** One node's state for people. */
import type { Bench, BenchNode } from './bench.ts';
import { readChain } from './data-cuts.ts';
import type { NodeStatus } from './lab.ts';
import { pingText, stateOf, stateText } from './node-state.ts';

const PING_MS = 1000;

export async function statusOf(
  bench: Bench,
  node: BenchNode,
): Promise<Pick<NodeStatus, 'state' | 'cutOff'>> {
  const state = await stateOf(bench, node);
  const canRun = state.isRunning && !state.isPaused;
  const [ping, chain] = await Promise.all([
    state.isRunning ? pingText(node, PING_MS) : 'API does not answer',
    canRun ? readChain(node) : undefined,
  ]);
  const cutAddresses = new Set(chain?.cuts.map((cut) => cut.fromAddress));
  return {
    state: `${stateText(state)}; ${ping}`,
    cutOff: bench.nodes
      .filter((other) => cutAddresses.has(other.address))
      .map((other) => other.name),
  };
}

/** The state of a node's container as the host's engine tells it, and short ways to change it. */
import type { Bench, BenchNode } from './bench.ts';
import { ask, hostDocker } from './docker.ts';
import { eventually } from './eventually.ts';

export interface NodeState {
  readonly isRunning: boolean;
  readonly isPaused: boolean;
  readonly exitCode: number;
  /** Attached to the lab's network. */
  readonly isPlugged: boolean;
  /** Microseconds of CPU time per 100 ms; 0 where there is no limit. */
  readonly cpuQuota: number;
}

export async function stateOf(bench: Bench, node: BenchNode): Promise<NodeState> {
  const seen = await ask(
    `inspecting ${node.name}`,
    hostDocker().getContainer(node.containerId).inspect(),
  );
  return {
    isRunning: seen.State.Running,
    isPaused: seen.State.Paused,
    exitCode: seen.State.ExitCode,
    isPlugged: Object.keys(seen.NetworkSettings.Networks).includes(bench.networkName),
    cpuQuota: Math.max(0, seen.HostConfig.CpuQuota ?? 0),
  };
}

/** A state in a few words, for proofs. */
export function stateText(state: NodeState): string {
  const running = state.isRunning ? 'running' : `exited (${state.exitCode})`;
  const parts = [state.isPaused ? 'paused' : running, state.isPlugged ? 'plugged' : 'unplugged'];
  if (state.cpuQuota > 0) parts.push(`cpu quota ${state.cpuQuota} µs`);
  return parts.join(', ');
}

/** Whether the node's API answers within `waitMs`, in words. */
export async function pingText(node: BenchNode, waitMs: number): Promise<string> {
  const answer = await node.client.call('GET', '/_ping', { deadlineMs: waitMs });
  return answer.kind === 'answer' && answer.status === 200
    ? `API answers in ${answer.tookMs} ms`
    : `API does not answer (${answer.kind === 'answer' ? `HTTP ${answer.status}` : answer.code})`;
}

export const isAnswering = (ping: string): boolean => ping.startsWith('API answers');

/** Pings until the API answers; gives the words of the last ping. Throws what `waiting` says. */
export async function untilPing(node: BenchNode, deadlineMs: number): Promise<string> {
  return eventually(
    {
      what: `the API of ${node.name}`,
      deadlineMs,
      code: 'heal-not-taken',
      next: `Look at its log: docker logs ${node.containerId.slice(0, 12)}`,
    },
    async () => {
      const ping = await pingText(node, deadlineMs);
      return isAnswering(ping) ? ping : undefined;
    },
  );
}

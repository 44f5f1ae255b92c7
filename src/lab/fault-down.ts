/** Faults that take a node out as a whole: kill, stop, pause, unplug. */
import { messageOf } from '../model/errors.ts';
import type { NodeFault } from '../model/fault.ts';
import type { Bench, BenchNode } from './bench.ts';
import { notBitten, notHealed, spanOf } from './bite.ts';
import type { Bite, Proved } from './bite.ts';
import { RULES_IN_FORCE } from './boot-rules.ts';
import { ask, hostDocker } from './docker.ts';
import { runIn } from './node-exec.ts';
import { isAnswering, pingText, stateOf, stateText, untilPing } from './node-state.ts';
import type { NodeState } from './node-state.ts';

/** A graceful stop waits for the node's containers, which have 10 s each. */
const STOP_GRACE_S = 40;
/** A node that is there answers within milliseconds; one that is not is given this long to prove it. */
const SILENCE_MS = 700;
const START_DEADLINE_MS = 60_000;

type DownKind = 'kill' | 'stop' | 'pause' | 'unplug';

interface Way {
  readonly bite: (bench: Bench, node: BenchNode) => Promise<unknown>;
  readonly isBitten: (state: NodeState) => boolean;
}

const WAYS: Readonly<Record<DownKind, Way>> = {
  kill: {
    bite: (_, node) => container(node).kill({ signal: 'SIGKILL' }),
    isBitten: (state) => !state.isRunning && state.exitCode === 137,
  },
  stop: {
    bite: (_, node) => container(node).stop({ t: STOP_GRACE_S }),
    // 137 would be a stop that had to kill: another fault than the one asked for.
    isBitten: (state) => !state.isRunning && state.exitCode !== 137,
  },
  pause: {
    bite: (_, node) => container(node).pause(),
    isBitten: (state) => state.isPaused,
  },
  unplug: {
    bite: (bench, node) =>
      hostDocker()
        .getNetwork(bench.networkName)
        .disconnect({ Container: node.containerId, Force: false }),
    isBitten: (state) => !state.isPlugged,
  },
};

/** Takes a node down, and proves by its state and its silence that it is. */
export async function takeDown(
  bench: Bench,
  fault: NodeFault & { readonly kind: DownKind },
  node: BenchNode,
): Promise<Bite> {
  const what = `${fault.kind} ${node.name}`;
  const before = await lookAt(bench, node);
  if (!isWhole(before.state) || !isAnswering(before.ping))
    throw notBitten(what, `the node was not whole before: ${before.text}`);
  const way = WAYS[fault.kind];
  const span = await spanOf(() =>
    ask(what, way.bite(bench, node), (STOP_GRACE_S + 20) * 1000),
  ).catch((error: unknown) => {
    throw notBitten(what, messageOf(error), error);
  });
  const after = await lookAt(bench, node);
  if (!way.isBitten(after.state) || isAnswering(after.ping)) throw notBitten(what, after.text);
  return {
    proof: { looked: lookedAt(node), before: before.text, after: after.text },
    span,
    undo: () => bringBack(bench, node, what),
  };
}

/** Whatever took the node down, brings it back at its old address, and proves that it answers. */
export async function bringBack(bench: Bench, node: BenchNode, what: string): Promise<Proved> {
  try {
    const before = await stateOf(bench, node);
    const span = await spanOf(() => undoState(bench, node, before));
    const ping = await untilPing(node, START_DEADLINE_MS);
    const after = await stateOf(bench, node);
    if (!isWhole(after)) throw new Error(`${stateText(after)}; ${ping}`);
    const proof = {
      looked: lookedAt(node),
      before: stateText(before),
      after: `${stateText(after)}; ${ping}`,
    };
    return { proof, span };
  } catch (error) {
    throw notHealed(what, messageOf(error), error);
  }
}

/** Plugs in first: a node starts with the network it is to have. */
async function undoState(bench: Bench, node: BenchNode, state: NodeState): Promise<void> {
  if (!state.isPlugged) await plugIn(bench, node);
  if (state.isPaused) await ask(`unpausing ${node.name}`, container(node).unpause());
  if (!state.isRunning) await ask(`starting ${node.name}`, container(node).start());
  const owed = bench.owed.get(node.name) ?? [];
  bench.owed.delete(node.name);
  // Cuts that were begun or healed meanwhile: after the boot rules, which bring back what was cut before.
  if (owed.length > 0) await runIn(node.containerId, RULES_IN_FORCE, START_DEADLINE_MS);
  for (const work of owed) await work();
}

async function plugIn(bench: Bench, node: BenchNode): Promise<void> {
  const network = hostDocker().getNetwork(bench.networkName);
  await ask(
    `plugging in ${node.name}`,
    network.connect({
      Container: node.containerId,
      EndpointConfig: { IPAMConfig: { IPv4Address: node.address } },
    }),
  );
}

const isWhole = (state: NodeState): boolean =>
  state.isRunning && !state.isPaused && state.isPlugged;

const lookedAt = (node: BenchNode): string => `the container of ${node.name} and a ping of its API`;

async function lookAt(
  bench: Bench,
  node: BenchNode,
): Promise<{ readonly state: NodeState; readonly ping: string; readonly text: string }> {
  const [state, ping] = await Promise.all([stateOf(bench, node), pingText(node, SILENCE_MS)]);
  return { state, ping, text: `${stateText(state)}; ${ping}` };
}

const container = (node: BenchNode): ReturnType<ReturnType<typeof hostDocker>['getContainer']> =>
  hostDocker().getContainer(node.containerId);

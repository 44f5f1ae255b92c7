/** Faults on a task's container, behind the swarm's back, through its node's own engine. */
import { SwarmtwinError, messageOf } from '../model/errors.ts';
import type { ContainerFault } from '../model/fault.ts';
import type { BenchNode } from './bench.ts';
import { notBitten, notHealed, spanOf } from './bite.ts';
import type { Bite, Proved } from './bite.ts';
import type { NodeAnswer } from './node-client.ts';

const DEADLINE_MS = 15_000;

/** The state of a container in one word: `running`, `paused`, `exited`, …, or `gone`. */
type Seen = string;

interface Way {
  readonly method: 'POST' | 'DELETE';
  readonly path: (id: string) => string;
  readonly isBitten: (seen: Seen) => boolean;
}

const WAYS: Readonly<Record<ContainerFault['kind'], Way>> = {
  'kill-container': {
    method: 'POST',
    path: (id) => `/containers/${id}/kill?signal=SIGKILL`,
    // Swarm may have removed what was killed before we look.
    isBitten: (seen) => ['exited', 'dead', 'gone', 'removing'].includes(seen),
  },
  'remove-container': {
    method: 'DELETE',
    path: (id) => `/containers/${id}?force=1&v=1`,
    isBitten: (seen) => seen === 'gone',
  },
  'pause-container': {
    method: 'POST',
    path: (id) => `/containers/${id}/pause`,
    isBitten: (seen) => seen === 'paused',
  },
};

/** Does it, and proves it by what the node's engine says of the container. */
export async function breakContainer(fault: ContainerFault, node: BenchNode): Promise<Bite> {
  const what = `${fault.kind} ${fault.container} on ${node.name}`;
  const way = WAYS[fault.kind];
  const id = await findContainer(node, fault.container);
  try {
    const before = await stateOf(node, id);
    if (before !== 'running') throw new Error(`the container was ${before} before`);
    const span = await spanOf(async () =>
      refuseFailure(await call(node, way.method, way.path(id))),
    );
    const after = await stateOf(node, id);
    if (!way.isBitten(after)) throw new Error(`the container is ${after}`);
    const proof = { looked: `container ${id.slice(0, 12)} on ${node.name}`, before, after };
    const undo = (): Promise<Proved> =>
      fault.kind === 'pause-container'
        ? unpause(node, id, what)
        : Promise.resolve(nothingToUndo(what));
    return { proof, span, undo };
  } catch (error) {
    throw notBitten(what, messageOf(error), error);
  }
}

/** Finds a task's container by the label that Swarm gives it, or a container by id or name. */
async function findContainer(node: BenchNode, taskOrContainer: string): Promise<string> {
  const filters = encodeURIComponent(
    JSON.stringify({ label: [`com.docker.swarm.task.id=${taskOrContainer}`] }),
  );
  const list = JSON.parse(
    refuseFailure(await call(node, 'GET', `/containers/json?all=1&filters=${filters}`)),
  ) as readonly { readonly Id: string }[];
  const id = list[0]?.Id ?? taskOrContainer;
  if ((await stateOf(node, id)) === 'gone')
    throw new SwarmtwinError(
      'bad-usage',
      `${node.name} has no container of task or id ${taskOrContainer}`,
      'Name a task that runs on this node: docker service ps --no-trunc.',
    );
  return id;
}

async function unpause(node: BenchNode, id: string, what: string): Promise<Proved> {
  try {
    const before = await stateOf(node, id);
    const span = await spanOf(async () => {
      if (before === 'paused') refuseFailure(await call(node, 'POST', `/containers/${id}/unpause`));
    });
    const after = await stateOf(node, id);
    if (after === 'paused') throw new Error('the container is still paused');
    return {
      proof: { looked: `container ${id.slice(0, 12)} on ${node.name}`, before, after },
      span,
    };
  } catch (error) {
    throw notHealed(what, messageOf(error), error);
  }
}

function nothingToUndo(what: string): Proved {
  const now = performance.now();
  return {
    proof: {
      looked: what,
      before: 'done',
      after: 'nothing to undo: replacing it is up to the swarm',
    },
    span: { fromMs: now, toMs: now },
  };
}

async function stateOf(node: BenchNode, id: string): Promise<Seen> {
  const answer = await call(node, 'GET', `/containers/${encodeURIComponent(id)}/json`);
  if (answer.kind === 'answer' && answer.status === 404) return 'gone';
  const seen = JSON.parse(refuseFailure(answer)) as { readonly State: { readonly Status: string } };
  return seen.State.Status;
}

const call = (node: BenchNode, method: string, path: string): Promise<NodeAnswer> =>
  node.client.call(method, path, { deadlineMs: DEADLINE_MS });

function refuseFailure(answer: NodeAnswer): string {
  if (answer.kind === 'no-answer') throw new Error(`${answer.code}: ${answer.message}`);
  if (answer.status >= 300) throw new Error(`HTTP ${answer.status} ${answer.body.trim()}`);
  return answer.body;
}

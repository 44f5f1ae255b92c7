/** Makes a swarm of a lab's nodes through the Engine API, each under its own address, with the links already in place. */
import { SwarmtwinError } from '../model/errors.ts';
import type { NodeName } from '../model/fault.ts';
import type { Bench, BenchNode } from './bench.ts';
import { eventually } from './eventually.ts';
import { CONTROL_PORT } from './lab-plan.ts';
import type { FormOptions } from './lab.ts';

const DEADLINE_MS = 90_000;
const NEXT = 'Look at the nodes with `swarmtwin lab status` and at their logs with `docker logs`.';

/** Init on the first manager, then the other managers one by one (Raft changes one member at a time), and the workers beside them. */
export async function formSwarm(bench: Bench, options: FormOptions): Promise<void> {
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const [first, ...others] = bench.nodes.filter((node) => node.role === 'manager');
  if (first === undefined) throw new SwarmtwinError('bad-usage', 'a lab without a manager', NEXT);
  await must(first, 'POST', '/swarm/init', deadlineMs, {
    ...options.init,
    ListenAddr: `0.0.0.0:${CONTROL_PORT}`,
    AdvertiseAddr: controlAddress(first),
    Spec: options.spec ?? {},
  });
  const tokens = await joinTokens(first, deadlineMs);
  const workers = bench.nodes.filter((node) => node.role === 'worker');
  await Promise.all([
    joinInOrder(others, first, tokens.manager, deadlineMs),
    ...workers.map((node) => joinWith(node, first, tokens.worker, deadlineMs)),
  ]);
  await untilMembers(first, [first, ...others, ...workers], deadlineMs);
}

/** Joins one node by way of a manager; returns when that manager sees it Ready. */
export async function joinNode(
  node: BenchNode,
  as: 'manager' | 'worker',
  through: BenchNode,
): Promise<void> {
  const tokens = await joinTokens(through, DEADLINE_MS);
  await joinWith(node, through, tokens[as], DEADLINE_MS);
  await untilMembers(through, [{ ...node, role: as }], DEADLINE_MS);
}

async function joinInOrder(
  nodes: readonly BenchNode[],
  through: BenchNode,
  token: string,
  deadlineMs: number,
): Promise<void> {
  for (const node of nodes) await joinWith(node, through, token, deadlineMs);
}

async function joinWith(
  node: BenchNode,
  through: BenchNode,
  token: string,
  deadlineMs: number,
): Promise<void> {
  await must(node, 'POST', '/swarm/join', deadlineMs, {
    ListenAddr: `0.0.0.0:${CONTROL_PORT}`,
    AdvertiseAddr: controlAddress(node),
    RemoteAddrs: [controlAddress(through)],
    JoinToken: token,
  });
}

const controlAddress = (node: BenchNode): string => `${node.address}:${CONTROL_PORT}`;

async function joinTokens(
  manager: BenchNode,
  deadlineMs: number,
): Promise<{ readonly manager: string; readonly worker: string }> {
  const swarm = (await must(manager, 'GET', '/swarm', deadlineMs)) as {
    readonly JoinTokens: { readonly Manager: string; readonly Worker: string };
  };
  return { manager: swarm.JoinTokens.Manager, worker: swarm.JoinTokens.Worker };
}

/** The part of `GET /nodes` that says who is in. */
interface SeenMember {
  readonly Description?: { readonly Hostname?: string };
  readonly Status?: { readonly State?: string };
  readonly ManagerStatus?: { readonly Reachability?: string };
}

async function untilMembers(
  manager: BenchNode,
  wanted: readonly Pick<BenchNode, 'name' | 'role'>[],
  deadlineMs: number,
): Promise<void> {
  const waiting = {
    what: `the swarm of ${wanted.map((node) => node.name).join(', ')}`,
    deadlineMs,
    everyMs: 50,
    code: 'lab-failed',
    next: NEXT,
  } as const;
  await eventually(waiting, async () => {
    const members = (await must(manager, 'GET', '/nodes', 10_000)) as readonly SeenMember[];
    const missing = wanted.filter((node) => !isIn(members, node.name, node.role));
    if (missing.length > 0)
      throw new Error(`waiting for ${missing.map((node) => node.name).join(', ')}`);
    return true;
  });
}

function isIn(members: readonly SeenMember[], name: NodeName, role: BenchNode['role']): boolean {
  return members.some(
    (member) =>
      member.Description?.Hostname === name &&
      member.Status?.State === 'ready' &&
      (role !== 'manager' || member.ManagerStatus?.Reachability === 'reachable'),
  );
}

/** A call that must succeed; gives its JSON. */
async function must(
  node: BenchNode,
  method: string,
  path: string,
  deadlineMs: number,
  body?: unknown,
): Promise<unknown> {
  const answer = await node.client.call(method, path, { body, deadlineMs });
  if (answer.kind === 'answer' && answer.status < 300)
    return answer.body.trim() === '' ? undefined : JSON.parse(answer.body);
  const heard =
    answer.kind === 'answer' ? `HTTP ${answer.status} ${answer.body.trim()}` : answer.message;
  throw new SwarmtwinError('lab-failed', `${method} ${path} on ${node.name}: ${heard}`, NEXT);
}

/** The few calls of the Engine API that measuring needs. Each has a deadline, and an answer that is none of these is an error. */
import type { Lab, LabNode } from '../lab/lab.ts';
import { eventually } from '../lab/eventually.ts';
import { SwarmtwinError } from '../model/errors.ts';

const CALL_MS = 30_000;
const NEXT =
  'Measure again when less runs on this machine; `swarmtwin lab up` shows a lab by hand.';

export interface NodeSeen {
  readonly ID: string;
  readonly Description?: { readonly Hostname?: string };
  readonly Status?: { readonly State?: string };
  readonly ManagerStatus?: { readonly Leader?: boolean; readonly Reachability?: string };
}

export interface TaskSeen {
  readonly ID: string;
  readonly NodeID?: string;
  readonly DesiredState: string;
  readonly Status: { readonly State: string };
}

interface ServiceSeen {
  readonly Version: { readonly Index: number };
  readonly Spec: Readonly<Record<string, unknown>>;
}

/** A call that must succeed; gives its JSON. @throws SwarmtwinError `lab-failed` */
export async function must(
  node: LabNode,
  method: string,
  path: string,
  body?: unknown,
  deadlineMs = CALL_MS,
): Promise<unknown> {
  const answer = await node.client.call(method, path, { body, deadlineMs });
  if (answer.kind === 'answer' && answer.status < 300)
    return answer.body.trim() === '' ? undefined : JSON.parse(answer.body);
  const heard =
    answer.kind === 'answer' ? `HTTP ${answer.status} ${answer.body.trim()}` : answer.message;
  throw new SwarmtwinError('lab-failed', `${method} ${path} on ${node.name}: ${heard}`, NEXT);
}

export async function nodesSeen(by: LabNode, deadlineMs?: number): Promise<readonly NodeSeen[]> {
  return (await must(by, 'GET', '/nodes', undefined, deadlineMs)) as readonly NodeSeen[];
}

export async function tasksOf(by: LabNode, service: string): Promise<readonly TaskSeen[]> {
  const filters = encodeURIComponent(JSON.stringify({ service: [service] }));
  return (await must(by, 'GET', `/tasks?filters=${filters}`)) as readonly TaskSeen[];
}

/** What no node is: a task that asks for it is a record in the store and waits. */
export const NOWHERE = 'node.labels.bench==nowhere';

/** A replicated service of a workload that runs until it is told to end, and ends at once then; gives its id. */
export async function createService(
  by: LabNode,
  name: string,
  replicas: number,
  constraints: readonly string[] = [],
): Promise<string> {
  const created = await must(by, 'POST', '/services/create', {
    Name: name,
    Labels: {},
    TaskTemplate: {
      ContainerSpec: { Image: 'swarmtwin/workload:v1' },
      Placement: { Constraints: constraints },
    },
    Mode: { Replicated: { Replicas: replicas } },
  });
  return (created as { readonly ID: string }).ID;
}

export async function serviceSeen(by: LabNode, id: string): Promise<ServiceSeen> {
  return (await must(by, 'GET', `/services/${id}`)) as ServiceSeen;
}

/** Waits for `look` with a bound; the error says what was waited for. @throws SwarmtwinError `lab-failed` */
export function until<T>(
  what: string,
  deadlineMs: number,
  everyMs: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  return eventually({ what, deadlineMs, everyMs, code: 'lab-failed', next: NEXT }, look);
}

/** As many tasks run as there should be. */
export async function untilRunning(
  by: LabNode,
  service: string,
  replicas: number,
  deadlineMs: number,
  everyMs: number,
): Promise<void> {
  await until(`${replicas} running tasks on ${by.name}`, deadlineMs, everyMs, async () => {
    const tasks = await tasksOf(by, service);
    return tasks.filter(isUp).length === replicas ? true : undefined;
  });
}

export const isUp = (task: TaskSeen): boolean =>
  task.DesiredState === 'running' && task.Status.State === 'running';

/** A node of the lab to begin with, whoever leads. */
export function firstNode(lab: Lab): LabNode {
  const [node] = lab.nodes;
  if (node === undefined) throw new RangeError('a lab without a node');
  return node;
}

/** Waits until the leader lists no tasks but so many. */
export async function untilTasks(by: LabNode, count: number, deadlineMs: number): Promise<void> {
  await until(`${count} tasks on ${by.name}`, deadlineMs, 200, async () => {
    const tasks = (await must(by, 'GET', '/tasks')) as readonly unknown[];
    if (tasks.length !== count) throw new Error(`there are ${tasks.length}`);
    return true;
  });
}

/** Removes services and waits until no node has a container left. */
export async function removeServices(
  lab: Lab,
  by: LabNode,
  services: readonly string[],
): Promise<void> {
  for (const id of services) await must(by, 'DELETE', `/services/${id}`);
  await until(`the end of all containers`, 120_000, 200, async () => {
    for (const node of lab.nodes) {
      const left = (await must(node, 'GET', '/containers/json?all=1')) as readonly unknown[];
      if (left.length > 0) throw new Error(`${node.name} still has ${left.length}`);
    }
    return true;
  });
}

/** The node that leads, as `by` sees it. */
export function leaderIn(lab: Lab, seen: readonly NodeSeen[]): LabNode | undefined {
  const leader = seen.find((node) => node.ManagerStatus?.Leader === true);
  return lab.nodes.find((node) => node.name === leader?.Description?.Hostname);
}

/** Waits until every node is ready, every manager reachable, and one leads; gives the leader. */
export function untilWhole(lab: Lab, by: LabNode, deadlineMs: number): Promise<LabNode> {
  return until(`a whole swarm (${lab.subject})`, deadlineMs, 200, async () => {
    const seen = await nodesSeen(by, 5000);
    const whole = seen.filter(
      (node) => node.Status?.State === 'ready' && node.ManagerStatus?.Reachability === 'reachable',
    );
    if (whole.length < lab.nodes.length)
      throw new Error(`${whole.length} of ${lab.nodes.length} are ready and reachable`);
    return leaderIn(lab, seen);
  });
}

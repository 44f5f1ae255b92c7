/** What must hold of a swarm after whatever was asked of it. */
import { isDeepStrictEqual } from 'node:util';
import { create, toBinary } from '@bufbuild/protobuf';
import { nodeToWire } from '../../src/host/wire/convert-node.ts';
import { taskToWire } from '../../src/host/wire/convert-task.ts';
import { NodeSchema, TaskSchema } from '../../src/host/wire/gen/objects_pb.js';
import { Store } from '../../src/swarm/store.ts';
import type { SimulatedApi } from './simulated-api.ts';

const LISTS = ['services', 'nodes', 'tasks', 'secrets', 'configs', 'networks'] as const;
type List = (typeof LISTS)[number];

/** Everything that does not hold, in words. */
export function unsoundness(api: SimulatedApi): readonly string[] {
  return [
    ...api.watch.violations.map(({ invariant, text }) => `${invariant}: ${text}`),
    ...unreadable(api),
    ...misindexed(api.store),
    ...unlogged(api.store),
    ...unsendable(api.store),
  ];
}

/** Each object is listed, and read back by its id. Asking takes time, in which a living swarm goes on: only what is there before and after is asked for. */
function unreadable(api: SimulatedApi): readonly string[] {
  const wrong: string[] = [];
  const isThere = (list: List, id: string): boolean =>
    api.things(list).some((thing) => thing.id === id);
  for (const list of LISTS) {
    const before = api.things(list).map(({ id }) => id);
    const { status, body } = api.ask('GET', `/v1.45/${list}`);
    if (status !== 200) {
      wrong.push(`GET /${list} answers ${status}: ${body}`);
      continue;
    }
    const listed = new Set(
      (JSON.parse(body) as readonly { ID?: string; Id?: string }[]).map(({ ID, Id }) => ID ?? Id),
    );
    for (const id of before) {
      if (!listed.has(id) && !isHidden(api, id) && isThere(list, id))
        wrong.push(`${list} ${id} is not listed`);
      const one = api.ask('GET', `/v1.45/${list}/${id}`);
      if (one.status !== 200 && isThere(list, id))
        wrong.push(`GET /${list}/${id} answers ${one.status}: ${one.body}`);
    }
  }
  return wrong;
}

/** The swarm's twins of the engines' own networks are seen by services only. */
const isHidden = (api: SimulatedApi, id: string): boolean =>
  api.store.read.get('network', id)?.spec.Labels['com.docker.swarm.predefined'] === 'true';

function misindexed({ read }: Store): readonly string[] {
  const wrong: string[] = [];
  const tasks = read.all('task');
  const check = (
    what: string,
    indexed: readonly { id: string }[],
    own: readonly { id: string }[],
  ): void => {
    const ids = (list: readonly { id: string }[]): string =>
      list
        .map(({ id }) => id)
        .sort()
        .join();
    if (ids(indexed) !== ids(own))
      wrong.push(`the index of ${what} has ${ids(indexed)}, not ${ids(own)}`);
  };
  for (const id of new Set(tasks.map(({ serviceId }) => serviceId)))
    check(
      `service ${id}`,
      read.tasksOfService(id),
      tasks.filter(({ serviceId }) => serviceId === id),
    );
  for (const { id } of read.all('node'))
    check(
      `node ${id}`,
      read.tasksOfNode(id),
      tasks.filter(({ nodeId }) => nodeId === id),
    );
  return wrong;
}

/** What a follower, or a restart, makes of the leader's state. */
function unlogged(store: Store): readonly string[] {
  const state = structuredClone(store.snapshot());
  const read = JSON.parse(JSON.stringify(state)) as typeof state;
  const other = new Store({ now: () => 0 });
  other.restore(read);
  const restored = structuredClone(other.snapshot());
  return isDeepStrictEqual(restored, state)
    ? []
    : [`the log gives another state: ${firstDifference(state, restored)}`];
}

function firstDifference(one: unknown, other: unknown, path = ''): string {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return `${path}: ${String(one)} and ${String(other)}`;
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const [a, b] = [one, other].map((each) => (each as Record<string, unknown>)[key]);
    if (!isDeepStrictEqual(a, b)) return firstDifference(a, b, `${path}/${key}`);
    if (key in one !== key in other) return `${path}/${key} is there and not there`;
  }
  return `${path} (?)`;
}

/** What agents are sent fits into Swarm's messages. */
function unsendable({ read }: Store): readonly string[] {
  const wrong: string[] = [];
  const attempt = (what: string, send: () => void): void => {
    try {
      send();
    } catch (caught) {
      wrong.push(`${what} cannot be sent: ${String(caught)}`);
    }
  };
  for (const task of read.all('task'))
    attempt(`task ${task.id}`, () => toBinary(TaskSchema, create(TaskSchema, taskToWire(task))));
  for (const node of read.all('node'))
    attempt(`node ${node.id}`, () => toBinary(NodeSchema, create(NodeSchema, nodeToWire(node))));
  return wrong;
}

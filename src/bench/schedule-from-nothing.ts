/** A leader's loops over an empty swarm: declares services and lets orchestrator, allocator and scheduler place every task of them. */
import { clusterId, nodeId, serviceId } from '../model/ids.ts';
import type { Cluster, Node, Service } from '../model/objects.ts';
import { createRandom } from '../model/random.ts';
import { ok } from '../model/result.ts';
import { DEFAULT_SWARM_SPEC } from '../model/specs.ts';
import { Allocator } from '../swarm/allocator/allocator.ts';
import { createOrchestrationLoops } from '../swarm/orchestrator/loops.ts';
import type { Ports } from '../swarm/ports.ts';
import { Scheduler } from '../swarm/scheduler/scheduler.ts';
import { Store } from '../swarm/store.ts';
import { VirtualTime } from '../swarm/virtual-time.ts';

export interface SchedulingSize {
  readonly nodes: number;
  readonly tasks: number;
  /** The tasks are shared out evenly among so many services. */
  readonly services: number;
}

/** What it took. */
export interface Scheduled {
  /** From the first service's declaration until the last task is assigned, by the wall clock. */
  readonly seconds: number;
  /** The process's own time on a processor meanwhile. */
  readonly cpuSeconds: number;
  /** The most that the process has held in memory until now. */
  readonly residentMib: number;
}

/** Virtual: what a commit takes on a leader, so that the loops overlap as they do there. */
const COMMIT_MS = 2;
const STEP_MS = 50;
/** Far more virtual time than the loops can need. */
const LIMIT_MS = 600_000;

/** Places all tasks. Throws where they are not placed, or not evenly: a figure for wrong work would be none. */
export function scheduleFromNothing(size: SchedulingSize): Scheduled {
  const { store, time } = startedLeader(size.nodes);
  let unassigned = size.tasks;
  store.watch((events) => {
    for (const event of events)
      if (event.kind === 'task' && event.action === 'update' && event.object.nodeId !== '')
        unassigned -= event.previous.nodeId === '' ? 1 : 0;
  });
  const began = performance.now();
  const cpu = process.cpuUsage();
  store.update((transaction) => {
    for (let at = 0; at < size.services; at += 1) transaction.create('service', service(at, size));
  });
  for (let ms = 0; unassigned > 0; ms += STEP_MS) {
    if (ms > LIMIT_MS) throw new Error(`${unassigned} tasks have no node after ${LIMIT_MS} ms`);
    time.advance(STEP_MS);
  }
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  requireEven(store, size);
  const residentMib = process.resourceUsage().maxRSS / 1024;
  return { seconds, cpuSeconds: (user + system) / 1e6, residentMib };
}

/** A leader's store with its nodes and running loops, on virtual time. */
function startedLeader(nodes: number): { readonly store: Store; readonly time: VirtualTime } {
  const time = new VirtualTime();
  const ports: Ports = {
    clock: { now: () => time.now },
    timers: time,
    random: createRandom('scheduling'),
    log: () => undefined,
  };
  const store = new Store(ports.clock);
  let index = 1;
  store.setProposer({
    commitIndex: () => index,
    propose: (actions, done) => {
      time.after(COMMIT_MS, () => {
        index += 1;
        store.apply(actions);
        done(ok(null));
      });
    },
  });
  for (const loop of [
    createOrchestrationLoops(ports, store),
    new Allocator(ports, store),
    new Scheduler(ports, store),
  ])
    loop.start();
  store.update((transaction) => {
    transaction.create('cluster', cluster());
    for (let at = 0; at < nodes; at += 1) transaction.create('node', node(at));
  });
  time.advance(2_000);
  return { store, time };
}

function requireEven(store: Store, { nodes, tasks }: SchedulingSize): void {
  const counts = store.read.all('node').map(({ id }) => store.read.tasksOfNode(id).length);
  const placed = counts.reduce((sum, count) => sum + count, 0);
  if (placed !== tasks) throw new Error(`${placed} tasks have a node, not ${tasks}`);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (least < Math.floor(tasks / nodes) || most > Math.ceil(tasks / nodes))
    throw new Error(`the fullest node has ${most} tasks and the emptiest ${least}`);
}

function service(at: number, { tasks, services }: SchedulingSize): Omit<Service, 'meta'> {
  const extra = at < tasks % services ? 1 : 0;
  return {
    id: serviceId(`service${at}`),
    specVersion: 0,
    spec: {
      Name: `service${at}`,
      Labels: {},
      Mode: { Replicated: { Replicas: Math.floor(tasks / services) + extra } },
      TaskTemplate: {
        ContainerSpec: { Image: 'v1' },
        ForceUpdate: 0,
        Resources: { Reservations: { NanoCPUs: 1_000_000, MemoryBytes: 4 << 20 } },
        Placement: { Constraints: ['node.role==worker', 'node.platform.os==linux'] },
      },
    },
  };
}

function node(at: number): Omit<Node, 'meta'> {
  const name = `node${at}`;
  return {
    id: nodeId(name),
    role: 'worker',
    spec: { Labels: {}, Role: 'worker', Availability: 'active' },
    description: {
      hostname: name,
      platform: { OS: 'linux', Architecture: 'x86_64' },
      resources: { nanoCpus: 64e9, memoryBytes: 256e9, generic: [] },
      engine: { version: '28.5.2', labels: {}, plugins: [] },
    },
    status: { state: 'ready', message: '', addr: '10.0.0.1' },
    certificate: { role: 'worker', state: 'issued', csr: '', certificate: '', cn: name },
  };
}

function cluster(): Omit<Cluster, 'meta'> {
  return {
    id: clusterId('cluster'),
    spec: DEFAULT_SWARM_SPEC,
    joinTokens: { worker: '', manager: '' },
    rootCa: { certificate: '', key: '' },
    defaultAddressPool: [],
    subnetSize: 24,
    dataPathPort: 4789,
    blacklist: {},
  };
}

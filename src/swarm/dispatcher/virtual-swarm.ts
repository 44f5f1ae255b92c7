/** A hand-driven clock, a store that commits at once, and objects to fill it with: what the tests of the swarm's loops run on. */
import { nodeId, serviceId, taskId } from '../../model/ids.ts';
import type {
  Kind,
  Meta,
  Node,
  NodeDescription,
  NodeState,
  Service,
  Tables,
  Task,
} from '../../model/objects.ts';
import { createRandom } from '../../model/random.ts';
import { ok } from '../../model/result.ts';
import type { NodeAvailability, Placement, Resources, TaskSpec } from '../../model/specs.ts';
import type { LogLine, Ports, Timer } from '../ports.ts';
import { Store } from '../store.ts';

interface Due {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that stands still until it is moved. */
export class VirtualTime {
  #now = 1_000_000;
  #due: Due[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): Timer {
    const due: Due = { at: this.#now + Math.max(0, delayMs), callback };
    this.#due.push(due);
    return {
      cancel: () => {
        this.#due = this.#due.filter((other) => other !== due);
      },
    };
  }

  /** Lets `delayMs` pass; every timer that is due rings at its own time, the earliest first. */
  advance(delayMs: number): void {
    const end = this.#now + delayMs;
    for (;;) {
      const next = this.#due.reduce<Due | null>(
        (first, due) => (first === null || due.at < first.at ? due : first),
        null,
      );
      if (next === null || next.at > end) break;
      this.#due = this.#due.filter((due) => due !== next);
      this.#now = next.at;
      next.callback();
    }
    this.#now = end;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#due.length;
  }
}

/** Ports on virtual time, a leader's store on them, and what was logged. */
export class VirtualSwarm {
  readonly time = new VirtualTime();
  readonly lines: LogLine[] = [];
  readonly ports: Ports;
  readonly store: Store;
  /** How long a commit takes. At 0 it is done before `propose` returns. */
  commitMs = 0;
  #index = 1;

  constructor(seed = 'virtual') {
    this.ports = {
      clock: this.time,
      timers: this.time,
      random: createRandom(seed),
      log: (line) => {
        this.lines.push(line);
      },
    };
    this.store = new Store(this.time);
    this.lead();
  }

  /** Makes the store a leader's. */
  lead(): void {
    this.store.setProposer({
      commitIndex: () => this.#index,
      propose: (actions, done) => {
        const commit = (): void => {
          this.#index += 1;
          this.store.apply(actions);
          done(ok(null));
        };
        if (this.commitMs === 0) commit();
        else this.time.after(this.commitMs, commit);
      },
    });
  }

  create<K extends Kind>(kind: K, ...objects: readonly Tables[K][]): void {
    this.store.update((transaction) => {
      for (const object of objects) transaction.create(kind, object);
    });
  }

  /** Changes a stored object with the function given. */
  change<K extends Kind>(kind: K, id: string, change: (object: Tables[K]) => Tables[K]): void {
    this.store.update((transaction) => {
      const object = transaction.get(kind, id);
      if (object === undefined) throw new Error(`no ${kind} ${id} to change`);
      transaction.update(kind, change(object));
    });
  }

  remove(kind: Kind, id: string): void {
    this.store.update((transaction) => {
      transaction.remove(kind, id);
    });
  }

  node(id: string): Node {
    const node = this.store.read.get('node', id);
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }

  task(id: string): Task {
    const task = this.store.read.get('task', id);
    if (task === undefined) throw new Error(`no task ${id}`);
    return task;
  }

  /** How many tasks of the service each node has, by node id; `''` for those without a node. */
  placement(service: string): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const task of this.store.read.tasksOfService(service))
      counts[task.nodeId] = (counts[task.nodeId] ?? 0) + 1;
    return counts;
  }
}

const META: Meta = { version: 0, createdAt: 0, updatedAt: 0 };

interface NodeOptions {
  readonly state?: NodeState;
  readonly availability?: NodeAvailability;
  readonly labels?: Readonly<Record<string, string>>;
  readonly engineLabels?: Readonly<Record<string, string>>;
  readonly plugins?: readonly { readonly Type: string; readonly Name: string }[];
  readonly resources?: Partial<NodeDescription['resources']>;
  readonly role?: Node['role'];
}

/** A ready node whose hostname is its id. */
export function makeNode(
  id: string,
  options: NodeOptions = {},
): Node & { readonly description: NodeDescription } {
  const role = options.role ?? 'worker';
  return {
    id: nodeId(id),
    meta: META,
    role,
    spec: {
      Labels: options.labels ?? {},
      Role: role,
      Availability: options.availability ?? 'active',
    },
    description: {
      hostname: id,
      platform: { Architecture: 'x86_64', OS: 'linux' },
      resources: { nanoCpus: 4e9, memoryBytes: 8e9, generic: [], ...options.resources },
      engine: {
        version: '28.5.2',
        labels: options.engineLabels ?? {},
        plugins: options.plugins ?? [],
      },
    },
    status: { state: options.state ?? 'ready', message: '', addr: '10.0.0.1' },
    certificate: { role, state: 'issued', csr: '', certificate: '', cn: id },
  };
}

export function makeService(id: string, options: Partial<Service> = {}): Service {
  return {
    id: serviceId(id),
    meta: META,
    specVersion: 1,
    spec: {
      Name: id,
      Labels: {},
      TaskTemplate: { ContainerSpec: { Image: 'v1' }, ForceUpdate: 0 },
      Mode: { Replicated: { Replicas: 1 } },
    },
    ...options,
  };
}

interface TaskOptions extends Partial<Omit<Task, 'id' | 'spec' | 'status' | 'nodeId'>> {
  readonly state?: Task['status']['state'];
  readonly node?: string;
  readonly spec?: Partial<TaskSpec>;
  readonly placement?: Placement;
  readonly reservations?: Resources;
}

/** A pending task of the service `web` that nobody has placed yet. */
export function makeTask(id: string, options: TaskOptions = {}): Task {
  const { state = 'pending', node = '', spec, placement, reservations, ...rest } = options;
  return {
    id: taskId(id),
    meta: META,
    serviceId: serviceId('web'),
    serviceName: 'web',
    serviceLabels: {},
    slot: 1,
    nodeId: nodeId(node),
    specVersion: 1,
    desiredState: 'running',
    status: { state, timestamp: 0, message: 'pending task scheduling', err: '' },
    ...rest,
    spec: {
      ContainerSpec: { Image: 'v1' },
      ForceUpdate: 0,
      ...(placement === undefined ? {} : { Placement: placement }),
      ...(reservations === undefined ? {} : { Resources: { Reservations: reservations } }),
      ...spec,
    },
  };
}

/** `count` tasks `prefix1`, `prefix2`, … with their slots. */
export const makeTasks = (count: number, prefix: string, options: TaskOptions = {}): Task[] =>
  Array.from({ length: count }, (_, at) =>
    makeTask(`${prefix}${at + 1}`, { slot: at + 1, ...options }),
  );

/**
 * A stage for the tests of this room: the real store and loops on virtual time, with a commit that takes a millisecond, a scheduler that
 * only spreads, and agents that walk tasks through their states as their image says. It is no part of the twin.
 */
import { clusterId, nodeId, serviceId, taskId } from '../../model/ids.ts';
import type { Cluster, Node, Service, Task, TaskStatus, Tables } from '../../model/objects.ts';
import { SwarmError } from '../../model/errors.ts';
import { failed, ok } from '../../model/result.ts';
import { createRandom } from '../../model/random.ts';
import {
  DEFAULT_SWARM_SPEC,
  type NodeAvailability,
  type ServiceMode,
  type ServiceSpec,
  type TaskSpec,
} from '../../model/specs.ts';
import { compareStates, isTerminal, type TaskState } from '../../model/task-state.ts';
import type { LogLine, Ports, Timer } from '../ports.ts';
import type { StoreEvent } from '../store-watch.ts';
import { Store } from '../store.ts';
import type { Transaction } from '../transaction.ts';
import { createOrchestrationLoops } from './loops.ts';
import { leastLoaded, nextStep } from './rehearsal-actors.ts';
import { VirtualTime } from '../virtual-time.ts';

export const SECOND = 1_000_000_000;

export class Rehearsal {
  readonly time = new VirtualTime();
  readonly store: Store;
  readonly ports: Ports;
  readonly logged: LogLine[] = [];
  readonly events: StoreEvent[] = [];
  /** Every transaction that was committed, by its time. */
  readonly commits: number[] = [];
  loops;
  /** How long a commit takes; 0 commits inside the proposal. */
  commitMs = 1;
  /** So many of the next proposals are refused. */
  refusals = 0;
  #index = 10;
  #leading = false;
  readonly #unreachable = new Set<string>();
  readonly #steps = new Map<string, { readonly timer: Timer; readonly state: TaskState }>();
  #scheduling = false;

  constructor(nodes = 3, seed = 'rehearsal') {
    const random = createRandom(seed);
    this.ports = {
      clock: { now: () => this.now },
      timers: this.time,
      random,
      log: (line) => this.logged.push(line),
    };
    this.store = new Store(this.ports.clock);
    this.loops = createOrchestrationLoops(this.ports, this.store);
    this.store.watch((events) => {
      this.events.push(...events);
      for (const event of events)
        if (event.kind === 'task' && event.action !== 'remove') this.#pump(event.object.id);
      this.#scheduleSoon();
    });
    this.lead();
    this.change((transaction) => {
      transaction.create('cluster', clusterDraft());
      for (let n = 1; n <= nodes; n += 1) transaction.create('node', nodeDraft(`n${n}`));
    });
  }

  /** Makes this store a leader's, without its loops. */
  lead(): void {
    this.#leading = true;
    this.store.setProposer({
      commitIndex: () => this.#index,
      propose: (actions, done) => {
        const commit = (): void => {
          if (!this.#leading) return;
          if (this.refusals > 0) {
            this.refusals -= 1;
            done(failed(new SwarmError('Unavailable', 'refused by the test')));
            return;
          }
          this.#index += 1;
          this.commits.push(this.now);
          this.store.apply(actions);
          done(ok(null));
        };
        if (this.commitMs === 0) commit();
        else this.time.after(this.commitMs, commit);
      },
    });
  }

  loseLead(): void {
    this.#leading = false;
    this.store.setProposer(null);
  }

  get now(): number {
    return this.time.now;
  }

  advance(ms: number): void {
    this.time.advance(ms);
  }

  /** Advances until the condition holds, at most `limitMs`; answers the time it took, or throws. */
  until(what: string, condition: () => boolean, limitMs = 120_000): number {
    const begin = this.now;
    while (!condition()) {
      if (this.now - begin > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
      this.advance(10);
    }
    return this.now - begin;
  }

  change(change: (transaction: Transaction) => void): void {
    this.store.update(change);
    this.advance(2);
  }

  createService(
    name: string,
    spec: Partial<ServiceSpec> & { readonly template?: Partial<TaskSpec> } = {},
  ): Service {
    const { template, ...rest } = spec;
    this.change((transaction) => {
      transaction.create('service', {
        id: serviceId(`service-${name}`),
        specVersion: 0,
        ...(isJobMode(rest.Mode) ? { jobStatus: { iteration: 0, lastExecution: this.now } } : {}),
        spec: {
          Name: name,
          Labels: {},
          Mode: { Replicated: { Replicas: 3 } },
          ...rest,
          TaskTemplate: { ContainerSpec: { Image: 'v1' }, ForceUpdate: 0, ...template },
        },
      });
    });
    return this.service(name);
  }

  /** What the control rules do on an update: the old spec is kept, the status cleared, the version the client's. */
  updateService(name: string, patch: (spec: ServiceSpec) => ServiceSpec): void {
    this.change((transaction) => {
      const service: Mutable<Service> = {
        ...present(transaction.get('service', `service-${name}`)),
      };
      delete service.updateStatus;
      const { jobStatus } = service;
      if (jobStatus !== undefined)
        service.jobStatus = { iteration: jobStatus.iteration + 1, lastExecution: this.now };
      transaction.update('service', {
        ...service,
        spec: patch(service.spec),
        previousSpec: service.spec,
        specVersion: service.meta.version,
        previousSpecVersion: service.specVersion,
      });
    });
  }

  image(name: string, image: string): void {
    this.template(name, { ContainerSpec: { Image: image } });
  }

  template(name: string, patch: Partial<TaskSpec>): void {
    this.updateService(name, (spec) => ({
      ...spec,
      TaskTemplate: { ...spec.TaskTemplate, ...patch },
    }));
  }

  scale(name: string, replicas: number): void {
    this.updateService(name, (spec) => ({ ...spec, Mode: { Replicated: { Replicas: replicas } } }));
  }

  /** A manual rollback: spec and previous spec change places. */
  rollBack(name: string): void {
    this.change((transaction) => {
      const service = present(transaction.get('service', `service-${name}`));
      transaction.update('service', {
        ...service,
        spec: present(service.previousSpec),
        previousSpec: service.spec,
        specVersion: present(service.previousSpecVersion),
        previousSpecVersion: service.specVersion,
        updateStatus: {
          state: 'rollback_started',
          message: 'manually requested rollback',
          startedAt: this.now,
        },
      });
    });
  }

  removeService(name: string): void {
    this.change((transaction) => {
      transaction.remove('service', `service-${name}`);
    });
  }

  addNode(name: string): void {
    this.change((transaction) => {
      transaction.create('node', nodeDraft(name));
    });
  }

  removeNode(name: string): void {
    this.change((transaction) => {
      transaction.remove('node', name);
    });
  }

  availability(name: string, availability: NodeAvailability): void {
    this.#changeNode(name, (node) => ({
      ...node,
      spec: { ...node.spec, Availability: availability },
    }));
  }

  label(name: string, labels: Readonly<Record<string, string>>): void {
    this.#changeNode(name, (node) => ({ ...node, spec: { ...node.spec, Labels: labels } }));
  }

  nodeState(name: string, state: Node['status']['state']): void {
    this.#changeNode(name, (node) => ({ ...node, status: { ...node.status, state } }));
  }

  /** The node is lost: its tasks report nothing, and it is soon down. */
  lose(name: string): void {
    this.silence(name);
    this.nodeState(name, 'down');
  }

  /** The node's tasks report nothing any more, but nobody has noticed. */
  silence(name: string): void {
    this.#unreachable.add(name);
    for (const task of this.store.read.tasksOfNode(name)) {
      this.#steps.get(task.id)?.timer.cancel();
      this.#steps.delete(task.id);
    }
  }

  /** The node returns; what was killed with it is reported so. */
  comeBack(name: string): void {
    const stale = this.store.read.tasksOfNode(name);
    this.#unreachable.delete(name);
    this.nodeState(name, 'ready');
    for (const task of stale) {
      this.#steps.delete(task.id);
      if (!isTerminal(task.status.state)) this.report(task, 'failed', 'task: non-zero exit (255)');
    }
  }

  /** A report of an agent, taken in by the leader. */
  report(task: Task, state: TaskState, err = ''): void {
    this.store.update((transaction) => {
      const now = transaction.get('task', task.id);
      if (now === undefined || compareStates(state, now.status.state) <= 0) return;
      transaction.update('task', { ...now, status: this.#status(state, err) });
    });
  }

  service(name: string): Service {
    return present(this.store.read.get('service', `service-${name}`));
  }

  tasks(name: string): readonly Task[] {
    return this.store.read.tasksOfService(`service-${name}`);
  }

  live(name: string): readonly Task[] {
    return this.tasks(name).filter((task) => compareStates(task.desiredState, 'running') <= 0);
  }

  slot(name: string, slot: number): readonly Task[] {
    return this.tasks(name).filter((task) => task.slot === slot);
  }

  /** Whether as many tasks run as declared, and nothing else is wanted. */
  converged(name: string, count = 3): boolean {
    const live = this.live(name);
    return live.length === count && live.every((task) => task.status.state === 'running');
  }

  converge(name: string, count = 3): number {
    return this.until(`${name} has ${count} running`, () => this.converged(name, count));
  }

  /** `desired/observed` of each task of a slot, oldest first. */
  states(name: string, slot: number): readonly string[] {
    return this.slot(name, slot).map((task) => `${task.desiredState}/${task.status.state}`);
  }

  /** The update states that the service went through, each with its message. */
  updates(name: string): readonly string[] {
    const seen: string[] = [];
    for (const event of this.events) {
      if (event.kind !== 'service' || event.object.spec.Name !== name) continue;
      const { updateStatus } = event.object;
      const text =
        updateStatus === undefined ? '-' : `${updateStatus.state}|${updateStatus.message}`;
      if (seen.at(-1) !== text) seen.push(text);
    }
    return seen;
  }

  /** When the condition first held of a task event, counted from `since`. */
  when(since: number, condition: (task: Task) => boolean): readonly number[] {
    return this.#times
      .filter(({ task, at }) => at >= since && condition(task))
      .map(({ at }) => at - since);
  }

  readonly #times: { readonly at: number; readonly task: Task }[] = [];

  #changeNode(name: string, change: (node: Node) => Node): void {
    this.change((transaction) => {
      transaction.update('node', change(present(transaction.get('node', name))));
    });
  }

  #status(state: TaskState, err = ''): TaskStatus {
    return { state, timestamp: this.now, message: state, err, appliedAt: this.now };
  }

  #scheduleSoon(): void {
    if (this.#scheduling) return;
    this.#scheduling = true;
    this.time.after(50, () => {
      this.#scheduling = false;
      this.store.update((transaction) => {
        for (const task of transaction.all('task'))
          if (task.status.state === 'new') this.#place(transaction, task);
      });
    });
  }

  #place(transaction: Transaction, task: Task): void {
    if (task.spec.ContainerSpec?.Image === 'stuck') return;
    if (compareStates(task.desiredState, 'complete') > 0) {
      transaction.update('task', { ...task, status: this.#status('shutdown') });
      return;
    }
    const target = task.nodeId !== '' ? task.nodeId : leastLoaded(transaction, task);
    if (target === undefined) return;
    transaction.update('task', { ...task, nodeId: target, status: this.#status('assigned') });
  }

  // One step at a time for each task; a wish to stop goes before whatever was under way.
  #pump(id: string): void {
    const task = this.store.read.get('task', id);
    if (task === undefined || task.status.state === 'new' || task.status.state === 'pending')
      return;
    this.#times.push({ at: this.now, task });
    if (this.#unreachable.has(task.nodeId)) return;
    const step = nextStep(task);
    const pending = this.#steps.get(id);
    if (pending !== undefined) {
      if (step === null || step.state === pending.state) return;
      pending.timer.cancel();
    }
    if (step === null) return;
    const timer = this.time.after(step.afterMs, () => {
      this.#steps.delete(id);
      const now = this.store.read.get('task', id);
      if (now !== undefined) this.report(now, step.state, step.err);
    });
    this.#steps.set(id, { timer, state: step.state });
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the test asks for what is not there');
  return value;
}

const isJobMode = (mode: ServiceMode | undefined): boolean =>
  mode?.ReplicatedJob !== undefined || mode?.GlobalJob !== undefined;

function clusterDraft(): Omit<Cluster, 'meta'> {
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

function nodeDraft(name: string): Omit<Node, 'meta'> {
  return {
    id: nodeId(name),
    spec: { Labels: {}, Role: 'worker', Availability: 'active' },
    role: 'worker',
    description: {
      hostname: name,
      platform: { OS: 'linux', Architecture: 'x86_64' },
      resources: { nanoCpus: 4e9, memoryBytes: 8e9, generic: [] },
      engine: { version: '28.5.2', labels: {}, plugins: [] },
    },
    status: { state: 'ready', message: '', addr: '' },
    certificate: { role: 'worker', state: 'issued', csr: '', certificate: '', cn: name },
  };
}

/** A task record as it may be found in a store, for tests of what a new leader finds. */
export function taskDraft(service: Service, patch: Partial<Tables['task']>): Omit<Task, 'meta'> {
  return {
    id: taskId('task'),
    serviceId: service.id,
    slot: 1,
    nodeId: nodeId('n1'),
    serviceName: service.spec.Name,
    serviceLabels: {},
    spec: service.spec.TaskTemplate,
    specVersion: service.specVersion,
    desiredState: 'running',
    status: { state: 'running', timestamp: 0, message: 'started', err: '' },
    ...patch,
  };
}

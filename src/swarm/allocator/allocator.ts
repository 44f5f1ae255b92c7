import type { Endpoint, Service, Task } from '../../model/objects.ts';
import type { Ports } from '../ports.ts';
import type { StoreEvent } from '../store-watch.ts';
import type { Store } from '../store.ts';
import type { Reader } from '../tables.ts';
import type { Transaction } from '../transaction.ts';
import { isIngress, PublishedPorts } from './published-ports.ts';

/**
 * Gives services their endpoint and takes tasks from new to pending once they have the network resources they need. Runs on the leader only. Overlay
 * networks and the routing mesh are not served: a task that needs one of them stays new, with the reason in its status.
 */
export class Allocator {
  readonly #ports: Ports;
  readonly #store: Store;
  #published = new PublishedPorts();
  #unwatch: (() => void) | null = null;

  constructor(ports: Ports, store: Store) {
    this.#ports = ports;
    this.#store = store;
  }

  /** Reads the store as it is, allocates what waits and follows every change from then on. */
  start(): void {
    if (this.#unwatch !== null) return;
    this.#published = new PublishedPorts();
    const services = this.#store.read.all('service');
    for (const service of services) this.#published.adopt(service);
    this.#unwatch = this.#store.watch((events) => {
      this.#follow(events);
    });
    const tasks = this.#store.read.all('task').filter((task) => task.status.state === 'new');
    this.#allocate(
      services.map((service) => service.id),
      tasks.map((task) => task.id),
    );
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = null;
  }

  #follow(events: readonly StoreEvent[]): void {
    const services = new Set<string>();
    const tasks = new Set<string>();
    for (const event of events) {
      if (event.kind === 'task' && event.action !== 'remove') {
        if (event.object.status.state === 'new') tasks.add(event.object.id);
      } else if (event.kind === 'service' && event.action !== 'remove') {
        services.add(event.object.id);
        for (const task of this.#store.read.tasksOfService(event.object.id))
          if (task.status.state === 'new') tasks.add(task.id);
      } else if (event.kind === 'service') {
        this.#published.release(event.object);
        // A port that became free may be what another service waits for.
        if (hasPorts(event.object))
          for (const service of this.#store.read.all('service')) services.add(service.id);
      }
    }
    this.#allocate(services, tasks);
  }

  /** Services first, since a task's endpoint is a copy of its service's. */
  #allocate(services: Iterable<string>, tasks: Iterable<string>): void {
    const waiting = [...services].filter((id) =>
      needsEndpoint(this.#store.read.get('service', id)),
    );
    this.#store.batch([
      ...waiting.map((id) => (transaction: Transaction) => {
        this.#allocateService(transaction, id);
      }),
      ...[...tasks].map((id) => (transaction: Transaction) => {
        this.#allocateTask(transaction, id);
      }),
    ]);
  }

  #allocateService(transaction: Transaction, id: string): void {
    const service = transaction.get('service', id);
    if (service === undefined || !needsEndpoint(service)) return;
    const ports = this.#published.allocate(service);
    if (ports === null) {
      const message = `service ${id} waits for a published port that is in use`;
      this.#ports.log({ level: 'warn', part: 'allocator', message });
      return;
    }
    const spec = service.spec.EndpointSpec;
    const endpoint: Endpoint = {
      ...(spec === undefined ? {} : { spec }),
      ports,
      virtualIps: service.endpoint?.virtualIps ?? [],
    };
    transaction.update('service', { ...service, endpoint });
  }

  #allocateTask(transaction: Transaction, id: string): void {
    const task = transaction.get('task', id);
    if (task?.status.state !== 'new') return;
    const service = transaction.get('service', task.serviceId);
    const reason = whatIsMissing(transaction, task, service);
    const timestamp = this.#ports.clock.now();
    if (reason !== null) {
      if (task.status.err !== reason)
        transaction.update('task', { ...task, status: { ...task.status, timestamp, err: reason } });
      return;
    }
    const endpoint = service?.endpoint;
    transaction.update('task', {
      ...task,
      ...(endpoint === undefined ? {} : { endpoint }),
      status: { state: 'pending', timestamp, message: 'pending task scheduling', err: '' },
    });
  }
}

const hasPorts = (service: Service): boolean => (service.endpoint?.ports ?? []).length > 0;

/** Without ports there is nothing to allocate, and the endpoint stays unset (SwarmKit: IsServiceAllocated). */
function needsEndpoint(service: Service | undefined): boolean {
  if (service === undefined) return false;
  const wanted = service.spec.EndpointSpec?.Ports ?? [];
  if (wanted.length === 0) return hasPorts(service);
  return JSON.stringify(service.endpoint?.spec) !== JSON.stringify(service.spec.EndpointSpec);
}

/** Why the task cannot be scheduled yet, or null. */
function whatIsMissing(reader: Reader, task: Task, service: Service | undefined): string | null {
  if (needsEndpoint(service)) return 'a published port of the service is in use';
  if ((service?.endpoint?.ports ?? []).some(isIngress))
    return 'ports published on the routing mesh are not supported; publish them with mode=host';
  const wanted = task.spec.Networks ?? service?.spec.Networks ?? [];
  const overlay = wanted.find(({ Target }) => !isLocalNetwork(reader, Target ?? ''));
  return overlay === undefined
    ? null
    : `overlay networks are not supported; the task needs network ${overlay.Target ?? ''}`;
}

/** The engine's own bridge, host and none need nothing from the swarm; the swarm's copies of them carry the driver's name. */
function isLocalNetwork(reader: Reader, target: string): boolean {
  const driver = reader.get('network', target)?.spec.Driver?.Name ?? target;
  return driver === 'bridge' || driver === 'host' || driver === 'none' || driver === 'null';
}

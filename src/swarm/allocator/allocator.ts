import type { Endpoint, Node, Service, Task } from '../../model/objects.ts';
import { isTerminal } from '../../model/task-state.ts';
import type { Ports } from '../ports.ts';
import type { StoreEvent } from '../store-watch.ts';
import type { Store } from '../store.ts';
import type { Reader } from '../tables.ts';
import type { Transaction } from '../transaction.ts';
import {
  attach,
  balance,
  detach,
  freeAddresses,
  giveAddresses,
  hasItsAddresses,
} from './network-allocation.ts';
import { isNodeLocal, networksOf } from './network-needs.ts';
import { NetworkSpace } from './network-space.ts';
import { isIngress, PublishedPorts } from './published-ports.ts';

/** Ids of what may have something to be allocated, by kind, in the order in which they are seen to. */
class Work {
  readonly network = new Set<string>();
  readonly node = new Set<string>();
  readonly service = new Set<string>();
  readonly task = new Set<string>();

  get isEmpty(): boolean {
    return this.network.size + this.node.size + this.service.size + this.task.size === 0;
  }

  add(other: Work): void {
    for (const kind of WORK_KINDS) for (const id of other[kind]) this[kind].add(id);
  }
}

type WorkKind = 'network' | 'node' | 'service' | 'task';
const WORK_KINDS: readonly WorkKind[] = ['network', 'node', 'service', 'task'];

/**
 * Gives networks their subnets, services their endpoint, nodes and tasks their addresses, and takes tasks from new to pending once they have the network
 * resources they need. Runs on the leader only. There is no data plane: a task that needs an overlay network or the routing mesh has all of it and stays new,
 * with the reason in its status.
 */
export class Allocator {
  readonly #ports: Ports;
  readonly #store: Store;
  #published = new PublishedPorts();
  #space = new NetworkSpace([], 0);
  /** What could not be had; tried again when something is freed, or a network is there. */
  #waiting = new Work();
  #unwatch: (() => void) | null = null;

  constructor(ports: Ports, store: Store) {
    this.#ports = ports;
    this.#store = store;
  }

  /** Reads the store as it is, allocates what waits and follows every change from then on. */
  start(): void {
    if (this.#unwatch !== null) return;
    this.#adopt();
    this.#unwatch = this.#store.watch((events) => {
      this.#follow(events);
    });
    const { read } = this.#store;
    const work = new Work();
    for (const { id, spec } of read.all('network')) if (spec.Ingress === true) work.network.add(id);
    for (const { id } of read.all('network')) work.network.add(id);
    for (const { id } of read.all('node')) work.node.add(id);
    for (const { id } of read.all('service')) work.service.add(id);
    for (const { id, status } of read.all('task')) if (status.state === 'new') work.task.add(id);
    this.#allocate(work);
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = null;
  }

  /** Takes for taken what the leaders before have given. */
  #adopt(): void {
    const { read } = this.#store;
    const [cluster] = read.all('cluster');
    this.#published = new PublishedPorts();
    this.#waiting = new Work();
    this.#space = new NetworkSpace(cluster?.defaultAddressPool ?? [], cluster?.subnetSize ?? 0);
    for (const network of read.all('network'))
      if (network.ipam !== undefined) this.#space.allocate(network);
    for (const { attachments = [] } of read.all('node')) this.#adoptPlaces(attachments);
    for (const service of read.all('service')) {
      this.#published.adopt(service);
      for (const { networkId, addr } of service.endpoint?.virtualIps ?? [])
        if (addr !== '') this.#space.takeAddress(networkId, addr);
    }
    for (const { networks = [], status } of read.all('task'))
      if (!isTerminal(status.state)) this.#adoptPlaces(networks);
  }

  #adoptPlaces(places: NonNullable<Node['attachments']>): void {
    for (const { networkId, addresses } of places)
      for (const address of addresses) this.#space.takeAddress(networkId, address);
  }

  #follow(events: readonly StoreEvent[]): void {
    const work = new Work();
    let isFreed = false;
    for (const event of events) {
      switch (event.kind) {
        case 'task':
          isFreed = this.#followTask(event, work) || isFreed;
          break;
        case 'service':
          isFreed = this.#followService(event, work) || isFreed;
          break;
        case 'node':
          isFreed = this.#followNode(event, work) || isFreed;
          break;
        case 'network':
          isFreed = this.#followNetwork(event, work) || isFreed;
          break;
        default:
          break;
      }
    }
    if (isFreed) {
      work.add(this.#waiting);
      this.#waiting = new Work();
    }
    this.#allocate(work);
  }

  /** Like the others, adds to the work what the change calls for, and says whether something has become free. */
  #followTask(event: Extract<StoreEvent, { kind: 'task' }>, work: Work): boolean {
    const { id, nodeId, networks, status } = event.object;
    if (event.action !== 'remove' && status.state === 'new') work.task.add(id);
    if (networks === undefined) return false;
    const before = event.action === 'update' ? event.previous : undefined;
    const last = event.action === 'remove' ? event.object : before;
    const isOver = event.action === 'remove' || isTerminal(status.state);
    const wasOver = last !== undefined && isTerminal(last.status.state);
    if (nodeId !== '' && (isOver !== wasOver || before?.nodeId !== nodeId)) work.node.add(nodeId);
    if (!isOver || wasOver) return false;
    detach(this.#space, networks);
    return true;
  }

  #followService(event: Extract<StoreEvent, { kind: 'service' }>, work: Work): boolean {
    const service = event.object;
    if (event.action !== 'remove') {
      work.service.add(service.id);
      for (const task of this.#store.read.tasksOfService(service.id))
        if (task.status.state === 'new') work.task.add(task.id);
      return false;
    }
    this.#published.release(service);
    freeAddresses(this.#space, service.endpoint?.virtualIps ?? []);
    // A port that became free may be what another service waits for.
    if (hasPorts(service))
      for (const { id } of this.#store.read.all('service')) work.service.add(id);
    return service.endpoint !== undefined;
  }

  #followNode(event: Extract<StoreEvent, { kind: 'node' }>, work: Work): boolean {
    const { id, attachments } = event.object;
    if (event.action !== 'remove') {
      if (event.action === 'create' || attachments === undefined) work.node.add(id);
      return false;
    }
    detach(this.#space, attachments ?? []);
    return attachments !== undefined;
  }

  #followNetwork(event: Extract<StoreEvent, { kind: 'network' }>, work: Work): boolean {
    if (event.action !== 'remove') {
      if (event.object.ipam === undefined) work.network.add(event.object.id);
      else if (event.action === 'update' && event.previous.ipam === undefined) {
        if (event.object.spec.Ingress === true)
          for (const { id } of this.#store.read.all('node')) work.node.add(id);
        return true;
      }
      return false;
    }
    this.#space.free(event.object.id);
    for (const { id, attachments = [] } of this.#store.read.all('node'))
      if (attachments.some(({ networkId }) => networkId === event.object.id)) work.node.add(id);
    return true;
  }

  /** Networks first and tasks last: each needs what is before it. */
  #allocate(work: Work): void {
    if (work.isEmpty) return;
    const { read } = this.#store;
    const hasNetworks = read.all('network').length > 0;
    const one: Readonly<Record<WorkKind, (transaction: Transaction, id: string) => void>> = {
      network: (transaction, id) => {
        this.#allocateNetwork(transaction, id);
      },
      node: (transaction, id) => {
        this.#allocateNode(transaction, id);
      },
      service: (transaction, id) => {
        this.#allocateService(transaction, id);
      },
      task: (transaction, id) => {
        this.#allocateTask(transaction, id);
      },
    };
    const isNeeded: Readonly<Record<WorkKind, (id: string) => boolean>> = {
      network: (id) => !this.#space.has(id),
      node: () => hasNetworks,
      service: (id) => needsEndpoint(read, read.get('service', id)),
      task: () => true,
    };
    this.#store.batch(
      WORK_KINDS.flatMap((kind) =>
        [...work[kind]].filter(isNeeded[kind]).map((id) => (transaction: Transaction) => {
          one[kind](transaction, id);
        }),
      ),
    );
  }

  #allocateNetwork(transaction: Transaction, id: string): void {
    const network = transaction.get('network', id);
    if (network === undefined || this.#space.has(id)) return;
    const allocated = this.#space.allocate(network);
    if (allocated === null) this.#wait('network', id, 'a subnet or a VXLAN number');
    else transaction.update('network', allocated);
  }

  #allocateNode(transaction: Transaction, id: string): void {
    const node = transaction.get('node', id);
    if (node === undefined) return;
    const attachments = balance(transaction, this.#space, node);
    if (attachments !== undefined && attachments !== node.attachments)
      transaction.update('node', { ...node, attachments });
  }

  #allocateService(transaction: Transaction, id: string): void {
    const service = transaction.get('service', id);
    if (service === undefined || !needsEndpoint(transaction, service)) return;
    const ports = this.#published.allocate(service);
    const virtualIps = ports === null ? null : giveAddresses(transaction, this.#space, service);
    if (ports === null || virtualIps === null) {
      this.#wait('service', id, ports === null ? 'a published port that is in use' : 'an address');
      return;
    }
    const spec = service.spec.EndpointSpec;
    const endpoint: Endpoint = { ...(spec === undefined ? {} : { spec }), ports, virtualIps };
    transaction.update('service', { ...service, endpoint });
  }

  #allocateTask(transaction: Transaction, id: string): void {
    const task = transaction.get('task', id);
    if (task?.status.state !== 'new') return;
    const service = transaction.get('service', task.serviceId);
    const timestamp = this.#ports.clock.now();
    const networks = needsEndpoint(transaction, service)
      ? task.networks
      : attach(transaction, this.#space, task, service);
    const given: Task = {
      ...task,
      ...(service?.endpoint === undefined ? {} : { endpoint: service.endpoint }),
      ...(networks == null ? {} : { networks }),
    };
    const reason =
      networks === null
        ? 'a network that the task needs has no free address'
        : whatIsMissing(transaction, task, service);
    if (reason === null) {
      const message = 'pending task scheduling';
      const status = { state: 'pending', timestamp, message, err: '' } as const;
      transaction.update('task', { ...given, status });
      return;
    }
    this.#waiting.task.add(id);
    if (task.status.err === reason && task.networks === given.networks) return;
    transaction.update('task', { ...given, status: { ...task.status, timestamp, err: reason } });
  }

  #wait(kind: WorkKind, id: string, what: string): void {
    this.#waiting[kind].add(id);
    this.#ports.log({
      level: 'warn',
      part: 'allocator',
      message: `${kind} ${id} waits for ${what}`,
    });
  }
}

const hasPorts = (service: Service): boolean => (service.endpoint?.ports ?? []).length > 0;

/** Without ports and networks there is nothing to allocate, and the endpoint stays unset (SwarmKit: IsServiceAllocated). */
function needsEndpoint(read: Reader, service: Service | undefined): boolean {
  if (service === undefined) return false;
  if (!hasItsAddresses(read, service)) return true;
  const wanted = service.spec.EndpointSpec?.Ports ?? [];
  if (wanted.length === 0) return hasPorts(service);
  return JSON.stringify(service.endpoint?.spec) !== JSON.stringify(service.spec.EndpointSpec);
}

/** Why the task cannot be scheduled yet, or null. */
function whatIsMissing(reader: Reader, task: Task, service: Service | undefined): string | null {
  if (needsEndpoint(reader, service))
    return service !== undefined && hasItsAddresses(reader, service)
      ? 'a published port of the service is in use'
      : 'a network of the service is not allocated yet';
  if ((service?.endpoint?.ports ?? []).some(isIngress))
    return 'ports published on the routing mesh are not supported; publish them with mode=host';
  const wanted = task.spec.Networks ?? (service === undefined ? [] : networksOf(service.spec));
  const overlay = wanted.find(({ Target }) => !isLocalNetwork(reader, Target ?? ''));
  if (overlay === undefined) return null;
  const name = reader.get('network', overlay.Target ?? '')?.spec.Name ?? overlay.Target ?? '';
  return `overlay networks are not supported; the task needs network ${name}`;
}

/** The engine's own bridge, host and none need nothing from the swarm; the swarm's copies of them carry the driver's name. */
function isLocalNetwork(reader: Reader, target: string): boolean {
  const network = reader.get('network', target);
  return network === undefined ? LOCAL_NAMES.includes(target) : isNodeLocal(network);
}

const LOCAL_NAMES = ['bridge', 'host', 'none'];

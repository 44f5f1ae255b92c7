/** Sees every transition of a run, once each, on whichever machine it shows first. */
import type { Node, Service, Task } from '../../model/objects.ts';
import type { Status } from '../../raft/status.ts';
import type { Manager } from '../../swarm/manager/manager.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { Touched } from '../touched.ts';
import type { World } from '../world.ts';
import { withoutNames, type Coverage } from './coverage.ts';

/** One line of a replay. */
export interface Transition {
  /** Virtual time from the beginning of the run. */
  readonly atMs: number;
  /** The machine that it happened on, or showed on first; `client` and `nemesis` for what comes from outside. */
  readonly machine: string;
  readonly role: string;
  readonly term: number;
  readonly what: string;
}

export type Tell = (transition: Transition) => void;

interface Seen {
  manager: Manager | null;
  status: Status | null;
  role: string;
  isAlive: boolean;
}

export class Sightings {
  readonly #world: World;
  readonly #touched: Touched;
  readonly #coverage: Coverage;
  readonly #tell: Tell | null;
  readonly #isDetailed: boolean;
  readonly #begin: number;
  /** By the machine's ordinal. */
  readonly #seen: Seen[] = [];
  /** Objects by id in the newest version that was told. */
  readonly #told = new Map<string, number>();

  /** In detail: each step of each manager's log too. */
  constructor(world: World, coverage: Coverage, tell: Tell | null, isDetailed = false) {
    this.#world = world;
    this.#touched = world.touched();
    this.#coverage = coverage;
    this.#tell = tell;
    this.#isDetailed = isDetailed && tell !== null;
    this.#begin = world.time.now;
  }

  /** After every event: at the machines on which anything happened. */
  look(): void {
    for (const { name, ordinal, process } of this.#touched.take()) {
      let seen = this.#seen[ordinal];
      if (seen === undefined)
        this.#seen[ordinal] = seen = { manager: null, status: null, role: '', isAlive: true };
      if (seen.isAlive !== process.isAlive()) {
        seen.isAlive = !seen.isAlive;
        this.say(name, seen.isAlive ? 'daemon starts' : 'daemon is gone');
      }
      if (seen.isAlive) this.#lookAt(name, seen, process.node.manager);
    }
  }

  /** Something that comes from outside, or belongs to no store. */
  say(machine: string, what: string): void {
    if (this.#tell === null) return;
    const status = this.#seen[this.#world.machines.get(machine)?.ordinal ?? -1]?.status;
    this.#tell({
      ...{ atMs: this.#world.time.now - this.#begin, machine, what },
      ...{ role: status?.role ?? '', term: status?.term ?? 0 },
    });
  }

  #lookAt(name: string, seen: Seen, manager: Manager | null): void {
    if (manager !== seen.manager) this.#newManager(name, seen, manager);
    const status = manager?.raftStatus() ?? null;
    if (status === seen.status) return;
    const before = seen.status;
    seen.status = status;
    if (this.#isDetailed) this.#log(name, before, status);
    const role = status?.role ?? '';
    if (role === seen.role) return;
    seen.role = role;
    if (role === '') return;
    this.#coverage.count('raft role', role);
    this.say(name, role === 'leader' ? 'leads' : `is ${role}`);
  }

  #log(name: string, before: Status | null, status: Status | null): void {
    if (status === null) return;
    const news = logNews(before, status, (id) => this.#memberOf(id));
    if (news !== '') this.say(name, `log: ${news}`);
  }

  #newManager(name: string, seen: Seen, manager: Manager | null): void {
    this.say(name, manager === null ? 'is no manager any more' : 'opens its manager');
    seen.manager = manager;
    seen.role = '';
    manager?.store.watch((events) => {
      for (const event of events) this.#stored(name, event);
    });
  }

  #stored(name: string, event: StoreEvent): void {
    const { id, meta } = event.object;
    const version = event.action === 'remove' ? Infinity : meta.version;
    if ((this.#told.get(id) ?? -1) >= version) return;
    this.#told.set(id, version);
    if (event.kind === 'task') this.#task(name, event);
    else if (event.kind === 'node') this.#node(name, event);
    else if (event.kind === 'service') this.#service(name, event);
  }

  #task(name: string, event: Extract<StoreEvent, { kind: 'task' }>): void {
    const { object: task } = event;
    const before = event.action === 'update' ? event.previous : null;
    if (event.action === 'remove') {
      this.#sayTask(name, task, 'record removed');
      return;
    }
    const { state, err } = task.status;
    if (state !== before?.status.state) {
      this.#coverage.count('task state', state);
      this.#sayTask(name, task, state);
    }
    if (task.desiredState !== before?.desiredState) {
      this.#coverage.count('desired state', task.desiredState);
      if (before !== null) this.#sayTask(name, task, `is to be ${task.desiredState}`);
    }
    if (err !== '' && err !== before?.status.err) {
      this.#coverage.count('error text', withoutNames(err));
      this.#sayTask(name, task, `says: ${err}`);
    }
  }

  #sayTask(name: string, task: Task, what: string): void {
    if (this.#tell === null) return;
    const slot = task.slot === 0 ? 'global' : String(task.slot);
    const place = task.nodeId === '' ? '' : ` on ${this.#machineOf(task.nodeId)}`;
    this.say(name, `${task.serviceName}.${slot}.${task.id.slice(0, 4)}${place} ${what}`);
  }

  #node(name: string, event: Extract<StoreEvent, { kind: 'node' }>): void {
    const { object: node } = event;
    const before = event.action === 'update' ? event.previous : null;
    if (event.action !== 'remove' && node.status.state !== before?.status.state)
      this.#coverage.count('node state', node.status.state);
    if (this.#tell === null) return;
    const what = event.action === 'remove' ? 'removed' : nodeNews(node, before);
    if (what !== '') this.say(name, `node ${this.#machineOf(node.id)} ${what}`);
  }

  #service(name: string, event: Extract<StoreEvent, { kind: 'service' }>): void {
    const { object: service } = event;
    const before = event.action === 'update' ? event.previous : null;
    const state = service.updateStatus?.state;
    if (state !== undefined && state !== before?.updateStatus?.state)
      this.#coverage.count('update state', state);
    if (this.#tell === null) return;
    const what = event.action === 'remove' ? 'removed' : serviceNews(service, before);
    if (what !== '') this.say(name, `service ${service.spec.Name} ${what}`);
  }

  #memberOf(raftId: string): string {
    for (const [name, machine] of this.#world.machines)
      if (machine.process.node.manager?.self.raftId === raftId) return name;
    return raftId;
  }

  #machineOf(nodeId: string): string {
    for (const [name, machine] of this.#world.machines)
      if (machine.process.node.nodeId() === nodeId) return name;
    return nodeId.slice(0, 6);
  }
}

function logNews(before: Status | null, status: Status, name: (raftId: string) => string): string {
  const { vote, leader, commit, lastIndex, members } = status;
  const names = (ids: readonly string[]): string => ids.map(name).join(' ');
  return [
    ...(vote === before?.vote || vote === '' ? [] : [`votes for ${name(vote)}`]),
    ...(leader === before?.leader
      ? []
      : [leader === '' ? 'knows no leader' : `follows ${name(leader)}`]),
    ...(commit === before?.commit ? [] : [`committed to ${commit} of ${lastIndex}`]),
    ...(names(members) === names(before?.members ?? []) ? [] : [`members ${names(members)}`]),
  ].join(', ');
}

function nodeNews(node: Node, before: Node | null): string {
  const news = [
    ...(node.status.state === before?.status.state ? [] : [node.status.state]),
    ...(node.role === before?.role ? [] : [`role ${node.role}`]),
    ...(before === null || node.spec.Role === before.spec.Role
      ? []
      : [`is to be ${node.spec.Role}`]),
    ...(node.spec.Availability === (before?.spec.Availability ?? 'active')
      ? []
      : [`availability ${node.spec.Availability}`]),
  ];
  return news.join(', ');
}

function serviceNews(service: Service, before: Service | null): string {
  const state = service.updateStatus?.state;
  const old = before?.updateStatus?.state;
  const replicas = service.spec.Mode.Replicated?.Replicas;
  return [
    ...(before === null ? ['created'] : []),
    ...(service.spec === before?.spec ? [] : [`image ${imageOf(service)}`]),
    ...(replicas === undefined || replicas === before?.spec.Mode.Replicated?.Replicas
      ? []
      : [`replicas ${replicas}`]),
    ...(state === old ? [] : [`update ${state ?? 'status cleared'}`]),
  ].join(', ');
}

const imageOf = (service: Service): string =>
  (service.spec.TaskTemplate.ContainerSpec?.Image ?? '').replace(/^.*:/, '');

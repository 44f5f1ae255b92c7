import type { Node, Task } from '../../model/objects.ts';
import type { PortConfig, Resources } from '../../model/specs.ts';
import { compareStates } from '../../model/task-state.ts';
import { GenericResources } from './generic-resources.ts';

/** Whether the task counts for spreading: it is not meant to end (SwarmKit: desired at most complete). */
const isActive = (task: Task): boolean => compareStates(task.desiredState, 'complete') <= 0;

export const reservationsOf = (task: Task): Resources => task.spec.Resources?.Reservations ?? {};

/** `tcp/8080` for each port that the task binds on the host itself. */
export const hostPortsOf = (task: Task): readonly string[] =>
  (task.endpoint?.ports ?? []).filter(isFixedHostPort).map(portKey);

const isFixedHostPort = (port: PortConfig): boolean =>
  port.PublishMode === 'host' && (port.PublishedPort ?? 0) !== 0;

const portKey = (port: PortConfig): string =>
  `${port.Protocol ?? 'tcp'}/${String(port.PublishedPort ?? 0)}`;

/** One node as the scheduler sees it: the tasks on it between pending and running, and what they leave free. */
export class NodeInfo {
  node: Node;
  readonly tasks = new Map<string, Task>();
  readonly activeByService = new Map<string, number>();
  readonly usedHostPorts = new Set<string>();
  activeTasks = 0;
  freeNanoCpus = 0;
  freeMemoryBytes = 0;
  freeGeneric = new GenericResources([]);
  /** Where the node set keeps it: bucket and place in it, or -1. */
  bucket = -1;
  place = -1;

  constructor(node: Node) {
    this.node = node;
    this.update(node);
  }

  /** Takes a newer node object; what is free is counted anew from its description. */
  update(node: Node): void {
    const total = node.description?.resources;
    this.node = node;
    this.freeNanoCpus = total?.nanoCpus ?? 0;
    this.freeMemoryBytes = total?.memoryBytes ?? 0;
    this.freeGeneric = new GenericResources(total?.generic ?? []);
    for (const task of this.tasks.values()) this.#reserve(task, 1);
  }

  /** Adds a task, or notes that a known one became wanted or unwanted. False when nothing that counts has changed. */
  add(task: Task): boolean {
    const known = this.tasks.get(task.id);
    if (known !== undefined) {
      if (isActive(known) === isActive(task)) return false;
      this.tasks.set(task.id, task);
      this.#count(task, isActive(task) ? 1 : -1);
      return true;
    }
    this.tasks.set(task.id, task);
    this.#reserve(task, 1);
    for (const port of hostPortsOf(task)) this.usedHostPorts.add(port);
    if (isActive(task)) this.#count(task, 1);
    return true;
  }

  /** Forgets a task; false when it was not here. */
  remove(id: string): boolean {
    const known = this.tasks.get(id);
    if (known === undefined) return false;
    this.tasks.delete(id);
    this.#reserve(known, -1);
    for (const port of hostPortsOf(known)) this.usedHostPorts.delete(port);
    if (isActive(known)) this.#count(known, -1);
    return true;
  }

  activeOf(serviceId: string): number {
    return this.activeByService.get(serviceId) ?? 0;
  }

  #count(task: Task, change: 1 | -1): void {
    this.activeTasks += change;
    const count = this.activeOf(task.serviceId) + change;
    if (count === 0) this.activeByService.delete(task.serviceId);
    else this.activeByService.set(task.serviceId, count);
  }

  #reserve(task: Task, sign: 1 | -1): void {
    const reserved = reservationsOf(task);
    this.freeNanoCpus -= sign * (reserved.NanoCPUs ?? 0);
    this.freeMemoryBytes -= sign * (reserved.MemoryBytes ?? 0);
    const assigned = task.genericResources ?? [];
    if (sign === 1) this.freeGeneric.take(assigned);
    else this.freeGeneric.giveBack(assigned);
  }
}

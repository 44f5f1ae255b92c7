import type { Node, Task } from '../../model/objects.ts';
import type { Random } from '../../model/random.ts';
import { NodeInfo } from './node-info.ts';
import { isAvailable } from './suitability-filters.ts';

/**
 * All nodes, kept in the order in which they are wanted: the available ones in buckets by how many active tasks they have. Each change of a task moves one
 * node by one bucket, so choosing the emptiest nodes for a service needs no look at the others.
 */
export class NodeSet {
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #buckets: NodeInfo[][] = [];
  readonly #ofService = new Map<string, Set<NodeInfo>>();
  readonly #random: Random;
  #available = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get(id: string): NodeInfo | undefined {
    return this.#nodes.get(id);
  }

  all(): Iterable<NodeInfo> {
    return this.#nodes.values();
  }

  get unavailable(): number {
    return this.#nodes.size - this.#available;
  }

  /** The nodes that have active tasks of the service. */
  ofService(serviceId: string): ReadonlySet<NodeInfo> {
    return this.#ofService.get(serviceId) ?? NONE;
  }

  /** The available nodes with the fewest active tasks first; equal ones begin anywhere. Nothing may change while it runs. */
  *emptiestFirst(): Generator<NodeInfo> {
    for (const bucket of this.#buckets) {
      if (bucket.length === 0) continue;
      const start = this.#random.below(bucket.length);
      for (let step = 0; step < bucket.length; step += 1) {
        const info = bucket[(start + step) % bucket.length];
        if (info !== undefined) yield info;
      }
    }
  }

  createOrUpdate(node: Node): void {
    const known = this.#nodes.get(node.id);
    const info = known ?? new NodeInfo(node);
    if (known === undefined) this.#nodes.set(node.id, info);
    else info.update(node);
    this.#place(info);
  }

  remove(id: string): void {
    const info = this.#nodes.get(id);
    if (info === undefined) return;
    this.#nodes.delete(id);
    this.#unplace(info);
    for (const service of info.activeByService.keys()) this.#ofService.get(service)?.delete(info);
  }

  /** Puts the task on its node; nothing happens when the node is unknown or nothing that counts has changed. */
  addTask(task: Task): void {
    const info = this.#nodes.get(task.nodeId);
    if (info?.add(task) === true) this.#counted(info, task.serviceId);
  }

  /** Takes the task off its node; false when it was not there. */
  removeTask(task: Task): boolean {
    const info = this.#nodes.get(task.nodeId);
    if (info?.remove(task.id) !== true) return false;
    this.#counted(info, task.serviceId);
    return true;
  }

  #counted(info: NodeInfo, serviceId: string): void {
    this.#place(info);
    const nodes = this.#ofService.get(serviceId) ?? new Set<NodeInfo>();
    if (info.activeOf(serviceId) > 0) nodes.add(info);
    else nodes.delete(info);
    if (nodes.size > 0) this.#ofService.set(serviceId, nodes);
    else this.#ofService.delete(serviceId);
  }

  #place(info: NodeInfo): void {
    const wanted = isAvailable(info) ? info.activeTasks : -1;
    if (info.bucket === wanted) return;
    this.#unplace(info);
    if (wanted < 0) return;
    while (this.#buckets.length <= wanted) this.#buckets.push([]);
    const bucket = this.#buckets[wanted] ?? [];
    info.bucket = wanted;
    info.place = bucket.length;
    bucket.push(info);
    this.#available += 1;
  }

  // The last of the bucket takes the place that becomes free.
  #unplace(info: NodeInfo): void {
    if (info.bucket < 0) return;
    const bucket = this.#buckets[info.bucket] ?? [];
    const last = bucket.pop();
    if (last !== undefined && last !== info) {
      bucket[info.place] = last;
      last.place = info.place;
    }
    info.bucket = -1;
    info.place = -1;
    this.#available -= 1;
  }
}

const NONE: ReadonlySet<NodeInfo> = new Set();

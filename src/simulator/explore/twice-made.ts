/** Nodes on which an update of a global service and the look at the node have each made a task, as Swarm has it. */
import type { Node, Service, Task } from '../../model/objects.ts';
import type { Reader } from '../../swarm/tables.ts';
import { isLive } from './counted-slots.ts';

/** A look at a node makes tasks that are to run at once, an update such as wait until they are to. */
type Maker = 'look' | 'update';

/**
 * An update of a global service goes by the tasks that it found when it began, and the look at a node that was written by those that it found before it writes (SwarmKit:
 * global orchestrator, reconcileOneNode beside the updater). So each may make a task on the node, from the same spec. The next look at the node shuts one of them
 * down, and so does whoever writes the service: an update that ends with a status does.
 */
export class TwiceMade {
  /** By service, the tasks made from the spec in force, as they were last seen, and who made them. */
  readonly #made = new Map<string, Map<string, { readonly task: Task; readonly maker: Maker }>>();
  /** By service, the nodes that have had a task of each since they were last looked at. */
  readonly #nodes = new Map<string, Set<string>>();

  clear(): void {
    this.#made.clear();
    this.#nodes.clear();
  }

  /** The service has another spec: what was made before it is replaced. */
  forget(serviceId: string): void {
    this.#made.delete(serviceId);
    this.#nodes.delete(serviceId);
  }

  /** A task was made; `stopped` are the tasks of its slot that were told to end with it. */
  made(task: Task, stopped: readonly Task[]): void {
    if (task.slot !== 0) return;
    const made = this.#made.get(task.serviceId) ?? new Map<string, { task: Task; maker: Maker }>();
    this.#made.set(task.serviceId, made);
    const restarted = stopped.find(({ id }) => made.has(id));
    const own: Maker = task.desiredState === 'running' ? 'look' : 'update';
    const maker = (restarted && made.get(restarted.id)?.maker) ?? own;
    const isBeside = [...made.values()].some(
      (other) =>
        other.maker !== maker &&
        other.task.nodeId === task.nodeId &&
        isLive(other.task) &&
        !stopped.some(({ id }) => id === other.task.id),
    );
    made.set(task.id, { task, maker });
    if (!isBeside) return;
    const nodes = this.#nodes.get(task.serviceId) ?? new Set<string>();
    this.#nodes.set(task.serviceId, nodes.add(task.nodeId));
  }

  changed(task: Task): void {
    const made = this.#made.get(task.serviceId);
    const known = made?.get(task.id);
    if (known !== undefined) made?.set(task.id, { ...known, task });
  }

  removed(task: Task): void {
    this.#made.get(task.serviceId)?.delete(task.id);
  }

  /** A node was written: whoever looks at it then leaves one task, where it takes tasks at all. */
  lookedAt({ id, spec, status }: Node): void {
    if (spec.Availability !== 'active' || status.state === 'down') return;
    for (const nodes of this.#nodes.values()) nodes.delete(id);
  }

  /** Whether two tasks of the service are to run on a node where each has made one. */
  has(store: Reader, { id }: Service): boolean {
    const live = store.tasksOfService(id).filter(isLive);
    return [...(this.#nodes.get(id) ?? [])].some(
      (nodeId) => live.filter((task) => task.nodeId === nodeId).length > 1,
    );
  }
}

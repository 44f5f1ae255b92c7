/** Slots in which a rolling update and somebody beside it have each made a task, as Swarm has it. */
import type { Node, Service, Task } from '../../model/objects.ts';
import type { Reader } from '../../swarm/tables.ts';
import { isLive } from '../invariants/given-up.ts';

/**
 * A look at a node makes tasks that are to run at once, a restart ends one with the task that it makes, and an update start-first makes one that waits and ends
 * nothing. One stop-first reads as a restart: it makes none where the slot's task has been restarted meanwhile.
 */
type Maker = 'look' | 'restart' | 'update';

/** The slot of a task; of a global service's, its node. */
export const slotOf = ({ slot, nodeId }: Task): string => (slot === 0 ? nodeId : String(slot));

/**
 * An update goes by the tasks that it found when it began. The look at a node that was written goes by those that it found before it writes (SwarmKit: global
 * orchestrator, reconcileOneNode beside the updater), and a task that ends before the update has come to its slot, or while the new one starts, is restarted from the
 * new spec (SwarmKit: restart supervisor, Restart; updater, worker and removeOldTasks, which know nothing of that one). So each may make a task in the slot, from the
 * same spec. Whoever looks at the service when it is written shuts one of them down, as an update that ends with a status has it, unless it is paused, and so does the next
 * look at the node.
 */
export class TwiceMade {
  /** By service, the tasks made from the spec in force, as they were last seen, and who made them. */
  readonly #made = new Map<string, Map<string, { readonly task: Task; readonly maker: Maker }>>();
  /** By service, the slots that have had a task of two since they were last looked at. */
  readonly #slots = new Map<string, Set<string>>();

  /** Another manager leads, and looks at every service; where an update is paused it leaves the slots as they are. */
  clear(isPaused: (serviceId: string) => boolean): void {
    this.#made.clear();
    for (const id of this.#slots.keys()) if (!isPaused(id)) this.#slots.delete(id);
  }

  /** The service has another spec: what was made before it is replaced. */
  forget(serviceId: string): void {
    this.#made.delete(serviceId);
    this.#slots.delete(serviceId);
  }

  /** A task was made; `stopped` are the tasks of its slot that were told to end with it. */
  made(task: Task, stopped: readonly Task[]): void {
    const made = this.#made.get(task.serviceId) ?? new Map<string, { task: Task; maker: Maker }>();
    this.#made.set(task.serviceId, made);
    const restarted = stopped.find(({ id }) => made.has(id));
    const maker = (restarted && made.get(restarted.id)?.maker) ?? makerOf(task, stopped);
    const isBeside = [...made.values()].some(
      (other) =>
        other.maker !== maker &&
        slotOf(other.task) === slotOf(task) &&
        isLive(other.task) &&
        !stopped.some(({ id }) => id === other.task.id),
    );
    made.set(task.id, { task, maker });
    if (!isBeside) return;
    const slots = this.#slots.get(task.serviceId) ?? new Set<string>();
    this.#slots.set(task.serviceId, slots.add(slotOf(task)));
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
    for (const slots of this.#slots.values()) slots.delete(id);
  }

  /** Whether two tasks of the service are to run in a slot where two have made one each. */
  has(store: Reader, { id }: Service): boolean {
    const live = store.tasksOfService(id).filter(isLive);
    return [...(this.#slots.get(id) ?? [])].some(
      (slot) => live.filter((task) => slotOf(task) === slot).length > 1,
    );
  }
}

function makerOf({ desiredState }: Task, stopped: readonly Task[]): Maker {
  if (stopped.length > 0) return 'restart';
  return desiredState === 'running' ? 'look' : 'update';
}

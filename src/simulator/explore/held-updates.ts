/** Rolling updates that will never end, as Swarm has it: they wait for a task that was given up before it ran. */
import type { Service, Task } from '../../model/objects.ts';
import { compareStates } from '../../model/task-state.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { Reader } from '../../swarm/tables.ts';
import type { World } from '../world.ts';
import { Reign } from './reign.ts';

/**
 * Follows the leader's tasks. An update waits without end for the task that it made in a slot to be seen at running or beyond (SwarmKit: updater, updateTask, "TODO:
 * Consider adding a timeout here"). It never ends where that task is given up first and nobody will ever report of it again: its node is gone, or its record is.
 * The next leader begins the update anew, and so does the next change of the service's spec.
 */
export class HeldUpdates {
  readonly #reign: Reign;
  /**
   * By service and slot, the first task that was made there in this reign from the spec in force, as it was last seen. An update makes a task only in a slot
   * that has none of its spec yet; later ones are restarts, for which nobody waits.
   */
  readonly #first = new Map<string, Map<string, Task>>();

  constructor(world: World) {
    this.#reign = new Reign(world, {
      begins: () => {
        this.#first.clear();
      },
      follow: (events) => {
        for (const event of events) this.#follow(event);
      },
    });
  }

  /** After every event. */
  look(): void {
    this.#reign.look();
  }

  /** Whether an update of the service waits for nobody. `store` is the leader's. */
  has(store: Reader, service: Service): boolean {
    const state = service.updateStatus?.state;
    if (state !== 'updating' && state !== 'rollback_started') return false;
    return [...(this.#first.get(service.id)?.values() ?? [])].some((task) => isSilent(store, task));
  }

  #follow(event: StoreEvent): void {
    if (event.kind === 'service') {
      if (!keepsSpec(event)) this.#first.delete(event.object.id);
    } else if (event.kind === 'task') this.#followTask(event);
  }

  #followTask({ action, object: task }: Extract<StoreEvent, { kind: 'task' }>): void {
    const slots = this.#first.get(task.serviceId) ?? new Map<string, Task>();
    this.#first.set(task.serviceId, slots);
    const slot = task.slot === 0 ? task.nodeId : String(task.slot);
    const isFirst = action === 'create' && !slots.has(slot);
    if (isFirst || slots.get(slot)?.id === task.id) slots.set(slot, task);
  }
}

/** Given up before it ran, or its record removed, with nobody left to report of it. An agent in session does, and what was never placed the scheduler ends. */
function isSilent(store: Reader, last: Task): boolean {
  if (hasRun(last)) return false;
  const task = store.get('task', last.id);
  if (task === undefined) return true;
  if (compareStates(task.desiredState, 'running') <= 0 || task.nodeId === '') return false;
  return store.get('node', task.nodeId)?.status.state !== 'ready';
}

/** An update to an equal spec begins nothing anew (SwarmKit: update supervisor, DeepEqual). */
function keepsSpec(event: Extract<StoreEvent, { kind: 'service' }>): boolean {
  if (event.action !== 'update') return false;
  const { previous, object } = event;
  return (
    previous.spec === object.spec || JSON.stringify(previous.spec) === JSON.stringify(object.spec)
  );
}

const hasRun = ({ status }: Task): boolean => compareStates(status.state, 'running') >= 0;

/** Rolling updates that will never end, as Swarm has it: they wait for a task that was given up before it ran. */
import type { Service, Task } from '../../model/objects.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { Reader } from '../../swarm/tables.ts';
import { haveSameSpec, isUnderWay } from '../invariants/update-course.ts';
import type { World } from '../world.ts';
import { BrokenOff } from './broken-off.ts';
import { mayTake } from './eligible.ts';
import { Reign } from './reign.ts';
import { slotOf, TwiceMade } from './twice-made.ts';

/**
 * Follows the leader's tasks. An update waits without end for the task that it made in a slot to be seen at running or beyond (SwarmKit: updater, updateTask, "TODO:
 * Consider adding a timeout here"). It never ends where that task is given up first and nobody will ever report of it again: its node is gone, or its record is.
 * The next leader begins the update anew, and so does the next change of the service's spec.
 */
export class HeldUpdates {
  readonly #reign: Reign;
  /** By service, the tasks for which an update may wait, as they were last seen. */
  readonly #made = new Map<string, Map<string, Task>>();
  /** By service, the slots in which a task was made in this reign from the spec in force. */
  readonly #slots = new Map<string, Set<string>>();
  readonly #twice = new TwiceMade();
  readonly #brokenOff = new BrokenOff();
  #read: Reader | null = null;

  /** Services with an update whose status an update to an equal spec has cleared. */
  readonly #silenced = new Set<string>();

  constructor(world: World) {
    this.#reign = Reign.followed(world, {
      begins: (read) => {
        this.#read = read;
        this.#made.clear();
        this.#slots.clear();
        this.#twice.clear((id) => isPaused(read.get('service', id)));
        this.#silenced.clear();
      },
      follow: (events) => {
        for (const event of events) this.#follow(event, events);
      },
    });
  }

  /** After every event. */
  look(): void {
    this.#reign.look();
  }

  /** Whether an update of the service waits for nobody. `store` is the leader's. */
  has(store: Reader, service: Service): boolean {
    if (!isUnderWay(service)) return false;
    return this.#madeFor(service).some((task) => isSilent(store, task));
  }

  /**
   * Whether an update start-first may have left two tasks in a slot for good. It stops the old task of a slot once it has seen the new one at running, and no more
   * where that one ended first. What is left over is found when the status of the update is written at its end; an update to an equal spec lets it go on and
   * clears the status, and then its end is not written (SwarmKit: updater, updateTask and completeUpdate, "The service was changed since we started this update").
   */
  leavesTwo(store: Reader, service: Service): boolean {
    if (!this.#silenced.has(service.id)) return false;
    return this.#madeFor(service).some(
      (made) => isTerminal(made.status.state) || isSilent(store, made),
    );
  }

  /**
   * Whether an update and the look at a node, or a restart, have each made a task in a slot, with nobody left to stop one of them: neither knows of the other, and
   * what finds two is the end of the update, where it is written as complete, or the next look at the node. An update that is paused looks at no slot any more (SwarmKit:
   * Updater, Run).
   */
  leavesTwice(store: Reader, service: Service): boolean {
    const isOver = this.#silenced.has(service.id) || isPaused(service);
    return isOver && this.#twice.has(store, service);
  }

  /** Whether an update start-first was broken off with two tasks in a slot, and the one after it paused before it came to that. */
  leavesBrokenOff(store: Reader, service: Service): boolean {
    return isPaused(service) && this.#brokenOff.has(store, service);
  }

  #madeFor({ id }: Service): readonly Task[] {
    return [...(this.#made.get(id)?.values() ?? [])];
  }

  #follow(event: StoreEvent, events: readonly StoreEvent[]): void {
    if (event.kind === 'service') this.#followService(event);
    else if (event.kind === 'task') this.#followTask(event, events);
    else if (event.kind === 'node' && event.action !== 'remove') this.#twice.lookedAt(event.object);
  }

  #followService(event: Extract<StoreEvent, { kind: 'service' }>): void {
    const { id, updateStatus } = event.object;
    if (keepsSpec(event)) {
      if (updateStatus !== undefined) this.#silenced.delete(id);
      else if (event.action === 'update' && isUnderWay(event.previous)) this.#silenced.add(id);
      return;
    }
    if (event.action !== 'update') this.#brokenOff.forget(id);
    else if (this.#read !== null)
      this.#brokenOff.replaced(this.#read, event.previous, this.#silenced.has(id));
    this.#made.delete(id);
    this.#slots.delete(id);
    this.#twice.forget(id);
    this.#silenced.delete(id);
  }

  #followTask(event: Extract<StoreEvent, { kind: 'task' }>, events: readonly StoreEvent[]): void {
    const { action, object: task } = event;
    if (action === 'create') this.#twice.made(task, stoppedFor(task, events));
    else if (action === 'update') this.#twice.changed(task);
    else this.#twice.removed(task);
    if (this.#read !== null) this.#brokenOff.changed(this.#read, task);
    const made = gotten(this.#made, task.serviceId, () => new Map<string, Task>());
    if (action === 'create' && this.#mayBeOfUpdate(task, events)) made.set(task.id, task);
    else if (made.has(task.id)) made.set(task.id, task);
  }

  /**
   * An update stop-first makes a task only in a slot that has none of its spec yet: later ones are restarts, for which nobody waits. One start-first stops nothing
   * when it makes its task, and goes by the slots that it found when it began.
   */
  #mayBeOfUpdate(task: Task, events: readonly StoreEvent[]): boolean {
    const slots = gotten(this.#slots, task.serviceId, () => new Set<string>());
    const isFirst = !slots.has(slotOf(task));
    slots.add(slotOf(task));
    return isFirst || (task.desiredState === 'ready' && stoppedFor(task, events).length === 0);
  }
}

function gotten<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}

/** The tasks of its slot that were told to end in the same transaction. */
const stoppedFor = (task: Task, events: readonly StoreEvent[]): readonly Task[] =>
  events.flatMap((event) =>
    event.kind === 'task' &&
    event.action === 'update' &&
    event.object.serviceId === task.serviceId &&
    slotOf(event.object) === slotOf(task) &&
    event.object.desiredState === 'shutdown'
      ? [event.object]
      : [],
  );

/**
 * Given up before it ran, or its record removed, with nobody left to report of it. An agent in session does, once it has the task: one that is bound to its node and
 * still waits there comes to it only where the scheduler may confirm it (SwarmKit: taskFitNode). What was never placed the scheduler ends.
 */
function isSilent(store: Reader, last: Task): boolean {
  if (hasRun(last)) return false;
  const task = store.get('task', last.id);
  if (task === undefined) return true;
  if (compareStates(task.desiredState, 'running') <= 0 || task.nodeId === '') return false;
  const node = store.get('node', task.nodeId);
  return task.status.state === 'pending'
    ? !mayTake(task.spec, node)
    : node?.status.state !== 'ready';
}

const isPaused = (service: Service | undefined): boolean =>
  service?.updateStatus?.state === 'paused' || service?.updateStatus?.state === 'rollback_paused';

const keepsSpec = (event: Extract<StoreEvent, { kind: 'service' }>): boolean =>
  event.action === 'update' && haveSameSpec(event.previous, event.object);

const hasRun = ({ status }: Task): boolean => compareStates(status.state, 'running') >= 0;

import type { Service, Task } from '../../model/objects.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import type { Ports, Timer } from '../ports.ts';
import type { StoreEvent } from '../store-watch.ts';
import type { Store } from '../store.ts';
import { LoopWrites } from './loop-writes.ts';
import { isGlobal, isReplicated } from './service-mode.ts';
import { groupBySlot, slotKey, taskTime } from './slot.ts';
import { removeTask } from './task-changes.ts';
import { clusterOf } from './task-factory.ts';

/** SwarmKit: the reaper works this long after the first thing to do, or at once when there is more than `MAX_WAITING`. */
const BATCHING_MS = 250;
const MAX_WAITING = 1_000;
const DEFAULT_LIMIT = 5;

/**
 * Removes task records (SwarmKit: task reaper). Of each slot it keeps as many as the history limit says, the live one included, and looks
 * at a slot when a task is made in it, so that a lower limit takes effect with the next task. Tasks that are to be removed go as soon as
 * they have stopped or were never placed. What jobs leave behind is kept (SwarmKit: they have no history limit).
 */
export class TaskReaper {
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #writes: LoopWrites;
  #unwatch: () => void = () => undefined;
  #timer: Timer | null = null;
  /** Slots with a new task, by service. */
  readonly #slots = new Map<string, Set<string>>();
  #slotCount = 0;
  /** How many records each slot has, by service: most slots have no more than they may keep, and are then not looked into. */
  readonly #records = new Map<string, Map<string, number>>();
  #removable = new Set<string>();

  constructor(ports: Ports, store: Store) {
    this.#ports = ports;
    this.#store = store;
    this.#writes = new LoopWrites(ports, store);
  }

  start(): void {
    for (const task of this.#store.read.all('task')) {
      this.#count(task, 1);
      this.#checkTask(task);
    }
    this.#unwatch = this.#store.watch((events) => {
      for (const event of events) this.#gather(event);
      this.#wait();
    });
    this.#reap();
  }

  stop(): void {
    this.#unwatch();
    this.#writes.stop();
    this.#timer?.cancel();
  }

  #gather(event: StoreEvent): void {
    if (event.kind !== 'task') return;
    if (event.action === 'update') this.#checkTask(event.object);
    else this.#count(event.object, event.action === 'create' ? 1 : -1);
    if (event.action === 'create') this.#slotFilled(event.object);
  }

  // The history of jobs has no limit, so their records are not counted.
  #count(task: Task, change: 1 | -1): void {
    if (task.jobIteration !== undefined) return;
    const slots = this.#records.get(task.serviceId) ?? new Map<string, number>();
    const key = recordKey(task);
    const count = (slots.get(key) ?? 0) + change;
    if (count > 0) slots.set(key, count);
    else slots.delete(key);
    if (slots.size > 0) this.#records.set(task.serviceId, slots);
    else this.#records.delete(task.serviceId);
  }

  #slotFilled(task: Task): void {
    const service = this.#store.read.get('service', task.serviceId);
    if (service === undefined) return;
    const slots = this.#slots.get(service.id) ?? new Set();
    this.#slotCount -= slots.size;
    slots.add(slotKey(service, task));
    this.#slotCount += slots.size;
    this.#slots.set(service.id, slots);
  }

  #checkTask(task: Task): void {
    const { state } = task.status;
    const stopped = compareStates(state, 'assigned') < 0 || isTerminal(state);
    const orphaned = task.serviceId === '' && state === 'orphaned';
    if (orphaned || (task.desiredState === 'remove' && stopped)) this.#removable.add(task.id);
  }

  #wait(): void {
    const waiting = this.#slotCount + this.#removable.size;
    if (waiting > MAX_WAITING) this.#reap();
    else if (waiting > 0)
      this.#timer ??= this.#ports.timers.after(BATCHING_MS, () => {
        this.#reap();
      });
  }

  #reap(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const remove = this.#removable;
    this.#removable = new Set();
    for (const [serviceId, slots] of this.#slots) {
      const unfinished = this.#reapSlots(serviceId, slots, remove);
      this.#slotCount -= slots.size - unfinished.size;
      if (unfinished.size === 0) this.#slots.delete(serviceId);
      else this.#slots.set(serviceId, unfinished);
    }
    this.#writes.batch([...remove].map(removeTask));
  }

  /** Adds what is over the limit to `remove`; answers the slots to look at again, in which more than one task still lives. */
  #reapSlots(serviceId: string, keys: ReadonlySet<string>, remove: Set<string>): Set<string> {
    const unfinished = new Set<string>();
    const { read } = this.#store;
    const service = read.get('service', serviceId);
    if (service === undefined || !(isReplicated(service) || isGlobal(service))) return unfinished;
    const limit = this.#limit(service);
    if (limit < 0) return unfinished;
    const records = this.#records.get(serviceId);
    const full = [...keys].filter((key) => (records?.get(key) ?? 0) > limit);
    if (full.length === 0) return unfinished;
    const slots = groupBySlot(service, read.tasksOfService(serviceId));
    for (const key of full)
      if (reapSlot(slots.get(key) ?? [], limit, remove) > 1) unfinished.add(key);
    return unfinished;
  }

  // The restart history must be rebuilt from the records by the next leader, so a limit of attempts decides how many are kept.
  #limit(service: Service): number {
    const attempts = service.spec.TaskTemplate.RestartPolicy?.MaxAttempts ?? 0;
    if (attempts > 0) return attempts + 1;
    const cluster = clusterOf(this.#store.read);
    return cluster?.spec.Orchestration.TaskHistoryRetentionLimit ?? DEFAULT_LIMIT;
  }
}

/** The slot's key by the task alone, since its service may be gone: only a global service has tasks in slot 0. */
const recordKey = (task: Task): string => (task.slot === 0 ? task.nodeId : String(task.slot));

/** Marks the oldest ended tasks until `limit` are left; answers how many live ones it met on the way. */
function reapSlot(slot: Task[], limit: number, remove: Set<string>): number {
  let left = slot.length;
  let live = 0;
  if (left <= limit) return 0;
  slot.sort((a, b) => taskTime(a) - taskTime(b));
  for (const task of slot) {
    if (!hasEnded(task)) {
      live += 1;
      continue;
    }
    remove.add(task.id);
    left -= 1;
    if (left <= limit) break;
  }
  return live;
}

/** Beyond running, or never placed and never to run. */
function hasEnded(task: Task): boolean {
  if (isTerminal(task.status.state)) return true;
  return (
    compareStates(task.status.state, 'assigned') < 0 &&
    compareStates(task.desiredState, 'running') > 0
  );
}

/** Slots with two tasks, in which an update start-first was broken off, as Swarm has it. */
import type { Service, Task } from '../../model/objects.ts';
import type { Reader } from '../../swarm/tables.ts';
import { isLive } from '../invariants/given-up.ts';
import { slotOf } from './twice-made.ts';

/**
 * An update start-first makes its task beside the slot's old one, and stops that once it has seen the new one at running. Where the service gets another spec meanwhile, as
 * a rollback is, it is broken off and stops nothing any more; the update to the new spec is to leave one of the two when it comes to the slot (SwarmKit: Updater, Cancel
 * and updateTask; isSlotDirty, worker). One that is paused before never comes to it, whatever its own order is.
 */
export class BrokenOff {
  /** By service, the slots that have had two tasks to run ever since. */
  readonly #slots = new Map<string, Set<string>>();

  /** The service has another spec; `before` is the service as it was, and `isSilenced` says whether its update went on without a status. */
  replaced(read: Reader, before: Service, isSilenced: boolean): void {
    if (!wasStartFirst(before, isSilenced)) return;
    const known = this.#slots.get(before.id) ?? new Set<string>();
    this.#slots.set(before.id, known);
    for (const slot of filledTwice(read, before.id)) known.add(slot);
  }

  /** A task of the service was made, has changed or is gone. */
  changed(read: Reader, task: Task): void {
    const slots = this.#slots.get(task.serviceId);
    const slot = slotOf(task);
    if (slots?.has(slot) === true && !filledTwice(read, task.serviceId).has(slot))
      slots.delete(slot);
  }

  /** The service is gone. */
  forget(serviceId: string): void {
    this.#slots.delete(serviceId);
  }

  has(read: Reader, { id }: Service): boolean {
    const slots = this.#slots.get(id) ?? new Set();
    return slots.size > 0 && [...filledTwice(read, id)].some((slot) => slots.has(slot));
  }
}

function wasStartFirst({ spec, updateStatus }: Service, isSilenced: boolean): boolean {
  const isUpdate = spec.UpdateConfig?.Order === 'start-first';
  const isRollback = spec.RollbackConfig?.Order === 'start-first';
  if (updateStatus?.state === 'updating') return isUpdate;
  if (updateStatus?.state === 'rollback_started') return isRollback;
  return isSilenced && (isUpdate || isRollback);
}

function filledTwice(read: Reader, serviceId: string): ReadonlySet<string> {
  const slots = Map.groupBy(read.tasksOfService(serviceId).filter(isLive), slotOf);
  return new Set([...slots].filter(([, tasks]) => tasks.length > 1).map(([slot]) => slot));
}

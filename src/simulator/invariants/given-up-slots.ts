/** Slots that nobody fills again, and that an update of their service fills all the same, as Swarm has it. */
import type { Task } from '../../model/objects.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { Reader } from '../../swarm/tables.ts';
import { isGivenUp } from './given-up.ts';
import type { Committed } from './ledger.ts';
import { haveSameSpec, isUnderWay } from './update-course.ts';

/**
 * Slots of replicated services in which nothing was to run, and nothing to be restarted, when their update looked for its slots: between the write of another spec and
 * that of the update's status, or when a reign began. A rollback takes up none (SwarmKit: UpdatableTasksInSlot; updater, Run).
 */
export class GivenUpSlots {
  readonly #read: Reader;
  #term = 0;
  readonly #found = new Map<string, Set<number>>();
  /** Services whose update has not said yet that it begins. */
  readonly #beginning = new Set<string>();

  constructor(read: Reader) {
    this.#read = read;
  }

  committed({ events, term }: Committed): void {
    if (term !== this.#term) {
      this.#term = term;
      this.#found.clear();
      this.#beginning.clear();
      for (const service of this.#read.all('service')) this.#look(service.id);
    }
    for (const event of events) {
      if (event.kind === 'service') this.#followService(event);
      else if (event.kind === 'task' && this.#beginning.has(event.object.serviceId))
        this.#look(event.object.serviceId);
    }
  }

  /** Whether the update of the task's service may have found the task's slot given up. */
  has({ serviceId, slot }: Task): boolean {
    return this.#found.get(serviceId)?.has(slot) === true;
  }

  // An update to a spec equal to the one under way lets that go on, with the slots that it has found before (SwarmKit: update supervisor, DeepEqual).
  #followService(event: Extract<StoreEvent, { kind: 'service' }>): void {
    const { id } = event.object;
    const isEqual = event.action === 'update' && haveSameSpec(event.previous, event.object);
    if (!isEqual) this.#found.delete(id);
    if (event.action !== 'update' || isUnderWay(event.object)) this.#beginning.delete(id);
    else if (!isEqual || !isUnderWay(event.previous)) this.#beginning.add(id);
    if (this.#beginning.has(id)) this.#look(id);
  }

  #look(id: string): void {
    const service = this.#read.get('service', id);
    if (service?.spec.Mode.Replicated === undefined) return;
    if (service.updateStatus?.state === 'rollback_started') return;
    const found = this.#found.get(id) ?? new Set<number>();
    this.#found.set(id, found);
    for (const [slot, tasks] of Map.groupBy(this.#read.tasksOfService(id), (task) => task.slot))
      if (isGivenUp(tasks)) found.add(slot);
  }
}

/** Slots that count as replicas although nothing is to run in them, as Swarm has it: their last task was given up, and its restart policy leaves it at that. */
import type { Service, Task } from '../../model/objects.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { Reader } from '../../swarm/tables.ts';
import { isGivenUp, isLive, isNotReplaced } from '../invariants/given-up.ts';
import type { World } from '../world.ts';
import { Reign } from './reign.ts';

/**
 * The slots of a replicated service are counted when it is written, when the record of a task that is to run vanishes, and when a reign begins. A slot that a scale-down
 * has just given up counts then as long as the record of its task is there, where that task would not be restarted (SwarmKit: UpdatableTasksInSlot, shouldRestart). So
 * a scale-up right after makes no task for it; and when the task has stopped and its record goes, nobody counts again (SwarmKit: replicated orchestrator,
 * handleTaskEvent, which looks at records of tasks that are to run only).
 * - A service that is written while a scale-down gives up its slots, as the beginning of its update is, is counted once more when that is done. The slots that were just
 *   given up may be kept then, and others be given up for them (SwarmKit: reconcile, slotsByRunningState puts those first that run).
 * - A slot whose task was given up as its restart policy has it stays so until it is counted again. Its record may go before those of older tasks of the slot, which ended
 *   later, on a node that was away (SwarmKit: task reaper, TasksByTimestamp).
 */
export class CountedSlots {
  readonly #reign: Reign;
  /** By service: the slots that counted when it was last looked at. */
  readonly #counted = new Map<string, ReadonlySet<number>>();
  #read: Reader | null = null;

  constructor(world: World) {
    this.#reign = Reign.followed(world, {
      begins: (read) => {
        this.#read = read;
        this.#counted.clear();
        for (const service of read.all('service')) this.#count(service);
      },
      follow: (events) => {
        for (const event of events) this.#follow(event);
        this.#followGivenUp(events);
      },
    });
  }

  /** After every event. */
  look(): void {
    this.#reign.look();
  }

  /** Slots that counted as replicas, with nothing to run in them, when the service was last looked at; their records may be gone since. */
  of({ id }: Service): ReadonlySet<number> {
    return this.#counted.get(id) ?? new Set();
  }

  #follow(event: StoreEvent): void {
    const isLoss = event.kind === 'task' && event.action === 'remove' && isLive(event.object);
    if (event.kind !== 'service' && !isLoss) return;
    const id = isLoss ? event.object.serviceId : event.object.id;
    const service = this.#read?.get('service', id);
    if (service === undefined) this.#counted.delete(id);
    else this.#count(service);
  }

  #followGivenUp(events: readonly StoreEvent[]): void {
    const scaledDown = givenUp(events, 'remove');
    for (const [id, tasks] of Map.groupBy(scaledDown, ({ serviceId }) => serviceId)) {
      const service = this.#read?.get('service', id);
      const gone = tasks.map(({ slot }) => slot);
      const counted = service === undefined ? [] : this.#notReplaced(service);
      this.#add(
        id,
        counted.filter((slot) => !gone.includes(slot)),
      );
    }
    for (const task of givenUp(events, 'shutdown')) {
      const others = this.#read?.tasksOfService(task.serviceId) ?? [];
      const isFilled = others.some((other) => other.slot === task.slot && isLive(other));
      if (!isFilled && isNotReplaced(task)) this.#add(task.serviceId, [task.slot]);
    }
  }

  #add(id: string, slots: readonly number[]): void {
    if (slots.length > 0)
      this.#counted.set(id, new Set([...(this.#counted.get(id) ?? []), ...slots]));
  }

  #count(service: Service): void {
    this.#counted.set(service.id, new Set(this.#notReplaced(service)));
  }

  #notReplaced({ id, spec, updateStatus }: Service): readonly number[] {
    if (spec.Mode.Replicated === undefined || updateStatus?.state === 'rollback_started') return [];
    const slots = Map.groupBy(this.#read?.tasksOfService(id) ?? [], ({ slot }) => slot);
    return [...slots].filter(([, tasks]) => isGivenUp(tasks)).map(([slot]) => slot);
  }
}

/** The tasks that were given up in one transaction, with this as their desired state. */
const givenUp = (
  events: readonly StoreEvent[],
  desiredState: Task['desiredState'],
): readonly Task[] =>
  events.flatMap((event) =>
    event.kind === 'task' &&
    event.action === 'update' &&
    event.object.desiredState === desiredState &&
    event.previous.desiredState !== desiredState
      ? [event.object]
      : [],
  );

/** Updates that go round without end, as Swarm has it: the end of one gives up a task that runs for a slot that is closed, and the next one fills that slot. */
import type { Service, Task } from '../../model/objects.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { Reader } from '../../swarm/tables.ts';
import { isLive } from '../invariants/given-up.ts';
import type { World } from '../world.ts';
import { Reign } from './reign.ts';
import { stopBoundMs } from './stop-bound.ts';

/**
 * A slot that a scale-down gave up counts as a replica again when the record of its task has gone and the one before it, from before an update that moved the service
 * to another node, is not restarted (SwarmKit: UpdatableTasksInSlot; moby/moby#40190, open). The next look finds one slot too many. It keeps the closed one, as the first
 * on its old node, and gives up the last that runs on the new one (SwarmKit: reconcile, slotsByIndex). The updater then fills the closed slot, and when it has
 * watched it writes the service, complete though it is already (SwarmKit: updater, completeUpdate). That is the next look: by now the slot that was given up counts in the
 * same way, and so on, until somebody writes the service, or a look comes before that updater has left the supervisor's list, so that none follows it (SwarmKit: update
 * supervisor; read in its source, not measured).
 * As many slots are to run as are declared all the time, and each task that is given up ends; there is always one that has just been.
 */
export class CirclingUpdates {
  readonly #world: World;
  readonly #reign: Reign;
  /** By task that was given up for a closed slot: when, in the world's time. */
  readonly #givenUpAt = new Map<string, number>();
  #read: Reader | null = null;

  constructor(world: World) {
    this.#world = world;
    this.#reign = Reign.followed(world, {
      begins: (read) => {
        this.#read = read;
      },
      follow: (events) => {
        this.#follow(events);
      },
    });
  }

  /** After every event. */
  look(): void {
    this.#reign.look();
  }

  /** Whether the task was given up for a closed slot, no longer ago than it takes to end. */
  hasJustGivenUp({ id, spec }: Task): boolean {
    const atMs = this.#givenUpAt.get(id) ?? -Infinity;
    return this.#world.time.now - atMs <= stopBoundMs(spec);
  }

  #follow(events: readonly StoreEvent[]): void {
    for (const event of events)
      if (event.kind === 'task' && event.action === 'remove')
        this.#givenUpAt.delete(event.object.id);
    for (const [id, tasks] of Map.groupBy(givenUp(events), ({ serviceId }) => serviceId)) {
      const service = this.#read?.get('service', id);
      if (service === undefined || !this.#isForClosed(service, tasks)) continue;
      for (const task of tasks) this.#givenUpAt.set(task.id, this.#world.time.now);
    }
  }

  /** Nobody has asked for fewer since its update ended, and no more were to run than are declared. */
  #isForClosed({ id, spec, updateStatus }: Service, tasks: readonly Task[]): boolean {
    const state = updateStatus?.state;
    if (state !== 'completed' && state !== 'rollback_completed') return false;
    const live = (this.#read?.tasksOfService(id) ?? []).filter(isLive);
    const before = new Set([...live, ...tasks].map(({ slot }) => slot)).size;
    return before <= (spec.Mode.Replicated?.Replicas ?? 0);
  }
}

/** Tasks that were to run until a look at their service took their slots. */
const givenUp = (events: readonly StoreEvent[]): readonly Task[] =>
  events.flatMap((event) =>
    event.kind === 'task' &&
    event.action === 'update' &&
    event.object.desiredState === 'remove' &&
    isLive(event.previous)
      ? [event.object]
      : [],
  );

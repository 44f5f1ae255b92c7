/** Follows the store of whoever leads. */
import type { Leader } from '../../swarm/manager/leader.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { Reader } from '../../swarm/tables.ts';
import type { World } from '../world.ts';

export interface ReignEvents {
  /** Another manager leads, or the same one again: what is in its store. */
  begins(read: Reader): void;
  follow(events: readonly StoreEvent[]): void;
}

export class Reign {
  readonly #world: World;
  readonly #events: ReignEvents;
  #leader: Leader | null = null;
  #unwatch: () => void = () => undefined;

  constructor(world: World, events: ReignEvents) {
    this.#world = world;
    this.#events = events;
  }

  /** To be called every now and then: a new leader's store is followed from then on. */
  look(): void {
    const name = this.#world.leader();
    const manager = name === '' ? null : this.#world.machine(name).node.manager;
    const leader = manager?.leader ?? null;
    if (manager === null || leader === null || leader === this.#leader) return;
    this.#unwatch();
    this.#leader = leader;
    this.#events.begins(manager.store.read);
    this.#unwatch = manager.store.watch((events) => {
      this.#events.follow(events);
    });
  }
}

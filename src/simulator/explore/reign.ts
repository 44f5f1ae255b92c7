/** Follows the store of whoever leads. */
import type { Leader } from '../../swarm/manager/leader.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { Reader } from '../../swarm/tables.ts';
import type { Touched } from '../touched.ts';
import type { World } from '../world.ts';

interface ReignEvents {
  /** Another manager leads, or the same one again: what is in its store. */
  begins(read: Reader): void;
  follow(events: readonly StoreEvent[]): void;
}

/** One for each world: looking costs something after every event. */
const reigns = new WeakMap<World, Reign>();

export class Reign {
  readonly #world: World;
  readonly #touched: Touched;
  readonly #followers: ReignEvents[] = [];
  #leader: Leader | null = null;
  #read: Reader | null = null;
  #unwatch: () => void = () => undefined;

  private constructor(world: World) {
    this.#world = world;
    this.#touched = world.touched();
  }

  /** That of the world, which tells this follower too from now on; of the reign that is, at once. */
  static followed(world: World, events: ReignEvents): Reign {
    const reign = reigns.get(world) ?? new Reign(world);
    reigns.set(world, reign);
    reign.#followers.push(events);
    if (reign.#read !== null) events.begins(reign.#read);
    return reign;
  }

  /** After every event, so that nothing of what a new leader writes is missed. Cheap: only what happened on a machine that leads is looked at. */
  look(): void {
    for (const { process } of this.#touched.take()) {
      const leader = process.node.manager?.leader ?? null;
      if (leader?.started === true && leader !== this.#leader) this.#lookAtLeader();
    }
  }

  #lookAtLeader(): void {
    const manager = this.#world.machines.get(this.#world.leader())?.process.node.manager;
    const leader = manager?.leader ?? null;
    if (manager === undefined || manager === null || leader === this.#leader) return;
    this.#unwatch();
    this.#leader = leader;
    this.#read = manager.store.read;
    for (const follower of this.#followers) follower.begins(manager.store.read);
    this.#unwatch = manager.store.watch((events) => {
      for (const follower of this.#followers) follower.follow(events);
    });
  }
}

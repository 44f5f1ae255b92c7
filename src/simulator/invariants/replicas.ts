import type { Manager } from '../../swarm/manager/manager.ts';
import type { Status } from '../../raft/replica.ts';
import type { World } from '../world.ts';

/** One manager from its opening to its end; a restart makes another. */
export interface Replica {
  readonly machine: string;
  readonly manager: Manager;
  readonly raftId: string;
}

/** Told of what changed on one machine. */
export interface ReplicaEvents {
  /** A new standing in raft; `before` is null for a manager that is seen for the first time. */
  status(replica: Replica, status: Status, before: Status | null): void;
}

interface Seen {
  replica: Replica | null;
  status: Status | null;
}

/** Looks at every machine's manager and tells what is new. Cheap when nothing is: one comparison of references per machine. */
export class Replicas {
  readonly #world: World;
  readonly #events: ReplicaEvents;
  readonly #seen = new Map<string, Seen>();

  constructor(world: World, events: ReplicaEvents) {
    this.#world = world;
    this.#events = events;
  }

  look(): void {
    for (const [name, machine] of this.#world.machines) {
      const { manager } = machine.node;
      if (manager === null || !machine.process.isAlive()) continue;
      let seen = this.#seen.get(name);
      if (seen === undefined) this.#seen.set(name, (seen = { replica: null, status: null }));
      if (seen.replica?.manager !== manager) {
        seen.replica = { machine: name, manager, raftId: manager.self.raftId };
        seen.status = null;
      }
      const status = manager.raftStatus();
      if (status === seen.status) continue;
      const before = seen.status;
      seen.status = status;
      this.#events.status(seen.replica, status, before);
    }
  }
}

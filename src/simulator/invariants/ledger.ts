import type { Entry } from '../../raft/messages.ts';
import type { Payload } from '../../swarm/manager/consensus-ports.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import { CommittedTables, type Reader } from '../../swarm/tables.ts';
import type { World } from '../world.ts';
import type { Report } from './rules.ts';

/** One committed transaction, when it was first seen applied anywhere. */
export interface Committed {
  readonly index: number;
  readonly term: number;
  readonly atMs: number;
  readonly events: readonly StoreEvent[];
}

/** What the rules about tasks, services and nodes see. */
export interface Sight {
  /** The committed state, with the transaction at hand already in it. */
  readonly read: Reader;
  readonly report: Report;
  readonly world: World;
  /** The machine of a node's id, for people; the id where no machine has it. */
  readonly machineOf: (nodeId: string) => string;
}

/** A family of rules about what the store holds. */
export interface Family {
  committed(committed: Committed): void;
}

/** The watch's own copy of the replicated state, made from the committed entries and from nothing else. */
export class Ledger {
  readonly tables = new CommittedTables();
  readonly sight: Sight;
  readonly #world: World;
  readonly #families: Family[] = [];
  /** The last entry that was taken in. */
  index = 0;
  term = 0;

  constructor(world: World, report: Report) {
    this.#world = world;
    this.sight = {
      ...{ read: this.tables, report, world },
      machineOf: (nodeId) => {
        for (const [name, machine] of world.machines)
          if (machine.process.node.nodeId() === nodeId) return name;
        return nodeId;
      },
    };
  }

  add(family: Family): void {
    this.#families.push(family);
  }

  committed(entry: Entry<Payload>): void {
    this.index = entry.index;
    this.term = entry.term;
    if (entry.kind === 'conf' || entry.payload === null) return;
    const events: StoreEvent[] = [];
    for (const action of entry.payload.actions) {
      const event = this.tables.apply(action);
      if (event !== null) events.push(event);
    }
    if (events.length === 0) return;
    const { index, term } = entry;
    const committed = { index, term, atMs: this.#world.time.now, events };
    for (const family of this.#families) family.committed(committed);
  }
}

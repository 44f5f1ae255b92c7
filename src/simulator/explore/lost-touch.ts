/** Nodes that read down for good although nothing is wrong with them, as Swarm has it. */
import type { Manager } from '../../swarm/manager/manager.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { World } from '../world.ts';
import { Reign } from './reign.ts';

/** SwarmKit: a node is given up after three heartbeat periods, each up to 0.5 s longer; as much again as a look of the explorer and a round of messages take. */
const graceMs = (heartbeatMs: number): number => 3 * (heartbeatMs + 500) + 2000;

export class LostTouch {
  readonly #world: World;
  readonly #reign: Reign;
  readonly #graceMs: number;
  /** Nodes that this event's writes have given up. */
  readonly #givenUp = new Set<string>();
  /** Nodes that read down since a moment at which they were in session. */
  readonly #overtaken = new Set<string>();
  /** By node: when it was last seen in session with whoever leads. */
  readonly #inSessionMs = new Map<string, number>();
  /** By node: since when it is a manager. */
  readonly #managerSinceMs = new Map<string, number>();

  constructor(world: World, heartbeatMs: number) {
    this.#world = world;
    this.#graceMs = graceMs(heartbeatMs);
    this.#reign = Reign.followed(world, {
      begins: () => {
        this.#overtaken.clear();
      },
      follow: (events) => {
        for (const event of events) if (event.kind === 'node') this.#follow(event);
      },
    });
  }

  /** After every event. */
  look(): void {
    this.#reign.look();
    if (this.#givenUp.size === 0) return;
    for (const id of this.#givenUp)
      if (this.#leader()?.leader?.dispatcher.isRegistered(id) === true) this.#overtaken.add(id);
    this.#givenUp.clear();
  }

  /** Now and then: who is in session, and who is a manager. */
  note(): void {
    const { now } = this.#world.time;
    const manager = this.#leader();
    const dispatcher = manager?.leader?.dispatcher;
    if (manager === null || dispatcher === undefined) return;
    for (const { id, role } of manager.store.read.all('node')) {
      if (dispatcher.isRegistered(id)) this.#inSessionMs.set(id, now);
      if (role !== 'manager') this.#managerSinceMs.delete(id);
      else if (!this.#managerSinceMs.has(id)) this.#managerSinceMs.set(id, now);
    }
  }

  /**
   * A node that registers while the leader cannot write, and whose session from before expires meanwhile, reads down although it is in session, until it registers
   * again: the expiry takes the place of the registration that waits to be written, or is written after it (SwarmKit: dispatcher, markNodeReady and markNodeNotReady
   * share one map, and a registration returns when the map is written). So it is in session as soon as `down` is written, and not only later.
   */
  isOvertaken(nodeId: string): boolean {
    return (
      this.#overtaken.has(nodeId) &&
      this.#leader()?.leader?.dispatcher.isRegistered(nodeId) === true
    );
  }

  /**
   * A worker hears of managers only from managers. One that was cut off while all that it knew were demoted or removed asks machines that are managers no more, for
   * good (SwarmKit: agent, remotes); where it was started again meanwhile it is not even active. Had it been in session after one of today's managers became one, it would know that one.
   */
  isStranded(name: string): boolean {
    const store = this.#leader()?.store.read;
    const { state, managers } = this.#world.machine(name).process.node.facts();
    if (store === undefined || state === null) return false;
    const isManager = (id: string): boolean => store.get('node', id)?.role === 'manager';
    if (managers.some(({ nodeId }) => nodeId === '' || isManager(nodeId))) return false;
    const heardMs = this.#inSessionMs.get(state.identity.nodeId) ?? -Infinity;
    return store
      .all('node')
      .filter(({ role }) => role === 'manager')
      .every(({ id }) => heardMs - (this.#managerSinceMs.get(id) ?? Infinity) <= this.#graceMs);
  }

  #follow(event: Extract<StoreEvent, { kind: 'node' }>): void {
    const { id, status } = event.object;
    if (event.action === 'update' && event.previous.status === status) return;
    this.#overtaken.delete(id);
    if (event.action !== 'remove' && status.state === 'down') this.#givenUp.add(id);
  }

  #leader(): Manager | null {
    return this.#world.machines.get(this.#world.leader())?.process.node.manager ?? null;
  }
}

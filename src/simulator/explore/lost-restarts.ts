/** Nodes that real Swarm leaves without a task of a global service: the record of the one that ended there went before its restart. */
import type { Service } from '../../model/objects.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { World } from '../world.ts';
import { Reign } from './reign.ts';

/**
 * A task that ends before it was told to run is replaced when its own start is over: the delay, and the end of the task before it. Until then its record may go over the
 * history limit, since it has ended, and then nobody replaces it (SwarmKit: restart supervisor, waitRestart, "t == nil"; task reaper). A replicated service is looked at
 * when a record goes, a global one is not (SwarmKit: global orchestrator): its node stays empty until the node or the service is written, as at an update's end
 * that is told, or another manager leads.
 */
export class LostRestarts {
  readonly #reign: Reign;
  /** By service, the nodes. */
  readonly #nodes = new Map<string, Set<string>>();

  constructor(world: World) {
    this.#reign = Reign.followed(world, {
      begins: () => {
        this.#nodes.clear();
      },
      follow: (events) => {
        for (const event of events) this.#follow(event);
      },
    });
  }

  /** After every event. */
  look(): void {
    this.#reign.look();
  }

  /** Whether the service has been left without a task on the node. */
  has({ id }: Service, nodeId: string): boolean {
    return this.#nodes.get(id)?.has(nodeId) === true;
  }

  /** Whether that is so on any node. */
  hasAny({ id }: Service): boolean {
    return (this.#nodes.get(id)?.size ?? 0) > 0;
  }

  #follow(event: StoreEvent): void {
    if (event.kind === 'service') this.#nodes.delete(event.object.id);
    else if (event.kind === 'node')
      for (const nodes of this.#nodes.values()) nodes.delete(event.object.id);
    else if (event.kind === 'task') this.#followTask(event);
  }

  #followTask({ action, object: task }: Extract<StoreEvent, { kind: 'task' }>): void {
    if (task.slot !== 0 || task.jobIteration !== undefined) return;
    const nodes = this.#nodes.get(task.serviceId) ?? new Set<string>();
    if (action === 'create') nodes.delete(task.nodeId);
    else if (action === 'remove' && isTerminal(task.status.state))
      if (compareStates(task.desiredState, 'running') <= 0)
        this.#nodes.set(task.serviceId, nodes.add(task.nodeId));
  }
}

/** Updates of global services that read as under way and that nobody works at, as Swarm has it: when they were to begin there was no task to look at. */
import type { Node, Service, Task } from '../../model/objects.ts';
import { matchesConstraints, placementConstraints } from '../../swarm/constraint.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { Reader } from '../../swarm/tables.ts';
import { isLive, isNotReplaced } from '../invariants/given-up.ts';
import type { World } from '../world.ts';
import { Reign } from './reign.ts';

/**
 * The global orchestrator hands a service to the updater only with the tasks that it finds on eligible nodes, when the service is written or a reign begins; where
 * there are none, no updater begins and nobody marks what reads as under way complete (SwarmKit: global orchestrator, reconcileServices, `len(updateTasks) > 0`). A
 * replicated service is always handed over.
 */
export class UnbegunUpdates {
  readonly #reign: Reign;
  readonly #unbegun = new Set<string>();
  #read: Reader | null = null;

  constructor(world: World) {
    this.#reign = Reign.followed(world, {
      begins: (read) => {
        this.#read = read;
        this.#unbegun.clear();
        for (const service of read.all('service')) this.#judge(read, service);
      },
      follow: (events) => {
        for (const event of events) if (event.kind === 'service') this.#follow(event);
      },
    });
  }

  /** After every event. */
  look(): void {
    this.#reign.look();
  }

  has({ id }: Service): boolean {
    return this.#unbegun.has(id);
  }

  // `updating` is written by an updater that has begun; only a rollback is written by somebody else.
  #follow(event: Extract<StoreEvent, { kind: 'service' }>): void {
    const { object } = event;
    const before = event.action === 'update' ? event.previous.updateStatus?.state : undefined;
    if (object.updateStatus?.state === before) return;
    this.#unbegun.delete(object.id);
    if (object.updateStatus?.state === 'rollback_started' && this.#read !== null)
      this.#judge(this.#read, object);
  }

  #judge(read: Reader, service: Service): void {
    const state = service.updateStatus?.state;
    if (service.spec.Mode.Global === undefined) return;
    if (state !== 'updating' && state !== 'rollback_started') return;
    const constraints = placementConstraints(service.spec.TaskTemplate.Placement);
    const isEligible = (node: Node | undefined): boolean =>
      node !== undefined &&
      node.status.state !== 'down' &&
      node.spec.Availability === 'active' &&
      matchesConstraints(constraints, node);
    const isUpdatable = (task: Task): boolean =>
      isEligible(read.get('node', task.nodeId)) &&
      (isToBeUpdated(task) || (state === 'updating' && isKept(task)));
    if (!read.tasksOfService(service.id).some(isUpdatable)) this.#unbegun.add(service.id);
  }
}

/** To run. One that has just ended, and that its restart policy does not replace, is given up before the update is looked at (SwarmKit: tickTasks). */
const isToBeUpdated = (task: Task): boolean => isLive(task) && !isNotReplaced(task);

/** Ended for good under its restart policy: an update may take its place, a rollback does not (SwarmKit: UpdatableTasksInSlot). */
function isKept({ spec }: Task): boolean {
  const { Condition = 'any', MaxAttempts = 0 } = spec.RestartPolicy ?? {};
  return Condition !== 'any' || MaxAttempts > 0;
}

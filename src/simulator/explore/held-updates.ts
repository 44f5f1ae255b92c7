/** Rolling updates that will never end, as Swarm has it: they wait for a task that was given up before it ran. */
import type { Service, Task } from '../../model/objects.ts';
import { compareStates } from '../../model/task-state.ts';
import type { Leader } from '../../swarm/manager/leader.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { World } from '../world.ts';

/**
 * Follows the leader's tasks. An update waits without end for the task that it made in a slot to be seen at running or beyond (behaviour.md: "A task that never
 * schedules stalls the rollout forever"). So it never ends where the swarm gives that task up first, because its node is gone, since nobody reports of it any
 * more. The next leader begins the update anew.
 */
export class HeldUpdates {
  readonly #world: World;
  #reign: Leader | null = null;
  #unwatch: () => void = () => undefined;
  /** By task, given up in this reign before it ran: the version of its service's spec. */
  readonly #givenUp = new Map<string, { readonly serviceId: string; readonly version: number }>();

  constructor(world: World) {
    this.#world = world;
  }

  /** To be called every now and then: a new leader's store is watched from then on. */
  look(): void {
    const name = this.#world.leader();
    const manager = name === '' ? null : this.#world.machine(name).node.manager;
    const reign = manager?.leader ?? null;
    if (manager === null || reign === null || reign === this.#reign) return;
    this.#unwatch();
    this.#reign = reign;
    this.#givenUp.clear();
    this.#unwatch = manager.store.watch((events) => {
      for (const event of events) if (event.kind === 'task') this.#follow(event);
    });
  }

  /** Whether an update of the service waits for nobody. */
  has(service: Service): boolean {
    const state = service.updateStatus?.state;
    if (state !== 'updating' && state !== 'rollback_started') return false;
    return [...this.#givenUp.values()].some(
      ({ serviceId, version }) => serviceId === service.id && version === service.specVersion,
    );
  }

  #follow({ action, object: task }: Extract<StoreEvent, { kind: 'task' }>): void {
    if (isGivenUp(task) || (action === 'remove' && !hasRun(task)))
      this.#givenUp.set(task.id, { serviceId: task.serviceId, version: task.specVersion });
    else if (hasRun(task) && action === 'update') this.#givenUp.delete(task.id);
  }
}

const hasRun = ({ status }: Task): boolean => compareStates(status.state, 'running') >= 0;
const isGivenUp = (task: Task): boolean =>
  !hasRun(task) && compareStates(task.desiredState, 'running') > 0;

/** Tasks that real Swarm's scheduler never looks at again: it gives them no node although they are to run, or does not end them although they are not. */
import type { Service, Task } from '../../model/objects.ts';
import { compareStates } from '../../model/task-state.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { Reader } from '../../swarm/tables.ts';
import type { World } from '../world.ts';
import { Reign } from './reign.ts';

/**
 * A task that waits for a node while its service's spec version moves on is tried once more and then forgotten, wanted or not, even where the new spec asks for
 * nothing else: a scale, an update of settings (SwarmKit: scheduler, noSuitableNode puts back into its queue only tasks of the version in force; moby/moby#53722,
 * open). It waits until somebody writes it, or another manager leads; an update that made it, or that works towards an equal spec, waits with it.
 */
export class ForgottenTasks {
  readonly #reign: Reign;
  /** Those that were not to run any more, and not placed, when the reign began: they stay as they are (SwarmKit: scheduler, setupTasksList leaves them out). */
  readonly #abandoned = new Set<string>();
  /** By task: its service. */
  readonly #forgotten = new Map<string, string>();
  #read: Reader | null = null;

  constructor(world: World) {
    this.#reign = Reign.followed(world, {
      begins: (read) => {
        this.#read = read;
        this.#forgotten.clear();
        this.#abandoned.clear();
        for (const task of read.all('task')) if (isGivenUp(task)) this.#abandoned.add(task.id);
        for (const service of read.all('service')) this.#outdate(read, service);
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

  /** Whether the task is to run and never gets a node. */
  has({ id }: Task): boolean {
    return this.#forgotten.has(id);
  }

  /** Whether the record of a task that was never placed stays at pending for good. */
  isAbandoned({ id }: Task): boolean {
    return this.#abandoned.has(id);
  }

  #follow(event: StoreEvent): void {
    if (event.kind === 'task') {
      const { object: task } = event;
      if (event.action === 'remove' || !isWaiting(task)) this.#forgotten.delete(task.id);
    } else if (event.kind === 'service' && event.action === 'update' && this.#read !== null)
      this.#outdate(this.#read, event.object);
  }

  #outdate(read: Reader, service: Service): void {
    for (const task of read.tasksOfService(service.id))
      if (isWaiting(task) && task.specVersion < service.specVersion)
        this.#forgotten.set(task.id, service.id);
  }
}

/** To run, and without a node; one that is to end the scheduler ends. */
const isWaiting = ({ status, desiredState, nodeId }: Task): boolean =>
  nodeId === '' &&
  compareStates(status.state, 'pending') <= 0 &&
  compareStates(desiredState, 'running') <= 0;

/** Not to run any more, and waiting for a node, or for the confirmation of the one that it is bound to. */
const isGivenUp = ({ status, desiredState }: Task): boolean =>
  status.state === 'pending' && compareStates(desiredState, 'complete') > 0;

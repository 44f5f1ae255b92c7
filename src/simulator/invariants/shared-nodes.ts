/** Nodes on which a global service had two tasks to run when somebody looked at it, as Swarm has it. */
import type { Service, Task } from '../../model/objects.ts';
import type { Reader } from '../../swarm/tables.ts';
import { isLive } from './given-up.ts';
import type { Committed } from './ledger.ts';
import { haveSameSpec, isUnderWay } from './update-course.ts';

/**
 * Of two tasks on a node an update leaves one, and goes by the tasks that it found when it began; the look at a node that was written leaves one of those that it finds
 * then. Neither asks for the same one: an update keeps the one that is to run, or else the last, the look keeps the first (SwarmKit: updater, worker and
 * useExistingTask; global orchestrator, reconcileOneNode). So the update may stop the task that the look has left, and the next look at the service makes another.
 */
export class SharedNodes {
  readonly #read: Reader;
  #term = 0;
  /** By service: the tasks that an update under way may have found beside another on their node. */
  readonly #tasks = new Map<string, Set<string>>();

  constructor(read: Reader) {
    this.#read = read;
  }

  committed({ events, term }: Committed): void {
    if (term !== this.#term) {
      this.#term = term;
      this.#tasks.clear();
      for (const service of this.#read.all('service')) this.#look(service);
    }
    for (const event of events) {
      if (event.kind !== 'service') continue;
      const { object: service } = event;
      if (event.action === 'remove' || isOver(service)) this.#tasks.delete(service.id);
      else if (event.action === 'update' && !haveSameSpec(event.previous, service))
        this.#tasks.delete(service.id);
      if (event.action !== 'remove') this.#look(service);
    }
  }

  /** Whether an update may stop the task for the other one that it has found on the node. */
  had({ id, serviceId, desiredState }: Task): boolean {
    return desiredState === 'shutdown' && this.#tasks.get(serviceId)?.has(id) === true;
  }

  // Whoever writes the service has it looked at; an update that is under way towards the same spec goes on with what it has found before.
  #look({ id, spec }: Service): void {
    if (spec.Mode.Global === undefined) return;
    const live = this.#read.tasksOfService(id).filter(isLive);
    const nodes = Map.groupBy(live, ({ nodeId }) => nodeId);
    const shared = [...nodes.values()].filter((tasks) => tasks.length > 1).flat();
    if (shared.length === 0) return;
    const known = this.#tasks.get(id) ?? new Set<string>();
    for (const task of shared) known.add(task.id);
    this.#tasks.set(id, known);
  }
}

const isOver = (service: Service): boolean =>
  service.updateStatus !== undefined && !isUnderWay(service);

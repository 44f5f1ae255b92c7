/** Tasks that an update makes for a node without a look at it, as Swarm has it. */
import type { Task } from '../../model/objects.ts';
import type { Reader } from '../../swarm/tables.ts';
import { isGivenUp } from './given-up.ts';
import type { Committed } from './ledger.ts';

/**
 * Whether a global service's task was just made by an update that stops nothing with it: it makes its task for the node of a slot that it has found when it began, whatever
 * has become of the node since (SwarmKit: updater, updateTask). Start-first stops the old one later; stop-first has nothing to stop where the slot's tasks were given up
 * before the update began, and where one was not and has been since, it makes none (removeOldTasks).
 */
export function isMadeBlind(read: Reader, task: Task, events: Committed['events']): boolean {
  if (task.desiredState !== 'ready') return false;
  if (events.some((event) => event.kind === 'task' && event.action === 'update')) return false;
  const { spec } = read.get('service', task.serviceId) ?? {};
  const orders = [spec?.UpdateConfig?.Order, spec?.RollbackConfig?.Order];
  return orders.includes('start-first') || isBesideGivenUp(read, task);
}

/** Whether what there is beside the task on its node was given up: the look at the service leaves to the update only such nodes and those with a task to run, and fills the others. */
const isBesideGivenUp = (read: Reader, { id, serviceId, nodeId }: Task): boolean =>
  isGivenUp(
    read.tasksOfNode(nodeId).filter((other) => other.serviceId === serviceId && other.id !== id),
  );

/**
 * Such tasks for as long as nobody looks at them again. The scheduler holds one back on a drained node, and there it stays: whoever would shut it down is the next look
 * at the node or at the service, when one of them is written, or the next leader (SwarmKit: global orchestrator, reconcileOneNode, reconcileServices, FixTask).
 */
export class BlindTasks {
  readonly #read: Reader;
  /** By task, the reign in which it was made. */
  readonly #made = new Map<string, { readonly task: Task; readonly term: number }>();

  constructor(read: Reader) {
    this.#read = read;
  }

  committed({ events, term }: Committed): void {
    for (const event of events) {
      const { object } = event;
      if (event.kind === 'node' || event.kind === 'service') this.#lookedAt(object.id);
      else if (event.kind === 'task') this.#follow(event.action, event.object, events, term);
    }
  }

  #follow(action: string, task: Task, events: Committed['events'], term: number): void {
    const isMade = action === 'create' && task.slot === 0 && task.nodeId !== '';
    if (isMade && isMadeBlind(this.#read, task, events)) this.#made.set(task.id, { task, term });
    else if (action === 'remove') this.#made.delete(task.id);
  }

  #lookedAt(id: string): void {
    for (const { task } of this.#made.values())
      if (task.nodeId === id || task.serviceId === id) this.#made.delete(task.id);
  }

  /** Whether the task still waits on a node that has been as it is since before the task was made, with nobody to look at it. */
  isLeft({ id, status }: Task, term: number): boolean {
    return status.state === 'pending' && this.#made.get(id)?.term === term;
  }
}

/** Tasks that an update start-first makes for a node without a look at it, as Swarm has it. */
import type { Task } from '../../model/objects.ts';
import type { Reader } from '../../swarm/tables.ts';
import type { Committed } from './ledger.ts';

/**
 * Whether a global service's task was just made by an update start-first, which stops nothing yet: it makes its task for the node of a slot that it has found when it
 * began, whatever has become of the node since (SwarmKit: updater, updateTask).
 */
export function isMadeBlind(read: Reader, task: Task, events: Committed['events']): boolean {
  const { spec } = read.get('service', task.serviceId) ?? {};
  const orders = [spec?.UpdateConfig?.Order, spec?.RollbackConfig?.Order];
  return (
    task.desiredState === 'ready' &&
    orders.includes('start-first') &&
    !events.some((event) => event.kind === 'task' && event.action === 'update')
  );
}

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

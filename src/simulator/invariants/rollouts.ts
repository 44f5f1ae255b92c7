import type { Node, Service, Task } from '../../model/objects.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import type { Committed, Sight } from './ledger.ts';

/** What one leader works at for one spec of a service: slots by the task that was made for each. A new leader and a new spec begin anew. */
interface Rollout {
  readonly term: number;
  readonly made: Map<string, string>;
}

/** How many slots an update touches at once. */
export class Rollouts {
  readonly #sight: Sight;
  readonly #rollouts = new Map<string, Rollout>();
  /** By service: the most slots at once, as its spec came into force. */
  readonly #most = new Map<string, number>();
  /** By task: the entry that made it. */
  readonly #made = new Map<string, number>();
  /** By node: the last entry until which it was down or drained. */
  readonly #invalidUntil = new Map<string, number>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  committed(committed: Committed): void {
    for (const event of committed.events) {
      if (event.kind === 'node' && event.action === 'update' && !isValid(event.previous))
        this.#invalidUntil.set(event.object.id, committed.index);
      if (event.kind === 'service' && event.action === 'update')
        this.#serviceUpdated(event.previous, event.object);
      if (event.kind !== 'task') continue;
      const { object: task } = event;
      if (event.action === 'create') this.#made.set(task.id, committed.index);
      else if (event.action === 'remove') this.#made.delete(task.id);
      if (event.action === 'create') this.#created(task, committed);
      else if (event.action === 'remove' || hasArrived(task))
        this.#rollouts.get(task.serviceId)?.made.delete(task.id);
    }
  }

  /**
   * An update to an equal spec changes nothing: what is under way goes on, with the settings that it began with (SwarmKit: update supervisor, DeepEqual). Once that is
   * complete, a rollback too, whatever is still to be replaced is updated with the settings for updates (SwarmKit: Updater.Run goes by the status that it finds).
   */
  #serviceUpdated(before: Service, service: Service): void {
    if (before.spec === service.spec) {
      if (isComplete(service) && !isComplete(before))
        this.#most.set(service.id, parallelismOf(service));
      return;
    }
    const most = this.#most.get(service.id) ?? parallelismOf(before);
    const isEqual = JSON.stringify(before.spec) === JSON.stringify(service.spec);
    if (!isEqual) this.#rollouts.delete(service.id);
    this.#most.set(service.id, Math.max(isEqual ? most : 0, parallelismOf(service)));
  }

  #created(task: Task, committed: Committed): void {
    const service = this.#sight.read.get('service', task.serviceId);
    if (service === undefined || !this.#isOfUpdate(task, committed)) return;
    if (!isOfSpec(task, service)) return;
    let rollout = this.#rollouts.get(service.id);
    if (rollout?.term !== committed.term) {
      rollout = { term: committed.term, made: new Map() };
      this.#rollouts.set(service.id, rollout);
    }
    rollout.made.set(task.id, task.slot === 0 ? task.nodeId : String(task.slot));
    const most = this.#most.get(service.id) ?? parallelismOf(service);
    const slots = new Set(rollout.made.values());
    if (slots.size > most)
      this.#sight.report(
        'update-parallelism',
        `the update of ${service.spec.Name} works at slots ${[...slots].join(', ')} at once; its parallelism is ${most}`,
      );
  }

  // A restart stops a task that ended or lost its node, an update one that is well (or, start-first, none yet). A restart that was asked
  // for while its task waited for a delay is made when that is over, even where the node is back by then (SwarmKit: waitRestart).
  #isOfUpdate(task: Task, { events }: Committed): boolean {
    if (task.desiredState !== 'ready') return false;
    const stopped = events.flatMap((event) =>
      event.kind === 'task' &&
      event.action === 'update' &&
      event.object.serviceId === task.serviceId &&
      event.object.slot === task.slot &&
      (task.slot !== 0 || event.object.nodeId === task.nodeId) &&
      event.object.desiredState === 'shutdown' &&
      event.previous.desiredState !== 'shutdown'
        ? [event.object]
        : [],
    );
    if (stopped.length === 0) return hasStartFirst(this.#sight.read.get('service', task.serviceId));
    return stopped.every((old) => !isTerminal(old.status.state) && this.#wasAlwaysValid(old));
  }

  #wasAlwaysValid({ id, nodeId }: Task): boolean {
    if (!isValid(this.#sight.read.get('node', nodeId))) return false;
    return (this.#invalidUntil.get(nodeId) ?? -1) < (this.#made.get(id) ?? 0);
  }
}

/** Not made by the update before, whose write was on its way when another spec came into force: its workers hear of that only afterwards (SwarmKit: Updater.Cancel). */
const isOfSpec = ({ spec }: Task, { spec: { TaskTemplate } }: Service): boolean =>
  spec === TaskTemplate || JSON.stringify(spec) === JSON.stringify(TaskTemplate);

const hasArrived = ({ status, desiredState }: Task): boolean =>
  compareStates(status.state, 'running') >= 0 || compareStates(desiredState, 'running') > 0;

const isValid = (node: Node | undefined): boolean =>
  node !== undefined && node.status.state !== 'down' && node.spec.Availability !== 'drain';

const hasStartFirst = (service: Service | undefined): boolean =>
  service?.spec.UpdateConfig?.Order === 'start-first' ||
  service?.spec.RollbackConfig?.Order === 'start-first';

const isComplete = ({ updateStatus }: Service): boolean =>
  updateStatus?.state === 'completed' || updateStatus?.state === 'rollback_completed';

/** 0 in the settings stands for all slots. */
function parallelismOf({ spec, updateStatus }: Service): number {
  const isRollback = updateStatus?.state === 'rollback_started';
  const config = isRollback ? spec.RollbackConfig : spec.UpdateConfig;
  return config === undefined ? 1 : config.Parallelism || Infinity;
}

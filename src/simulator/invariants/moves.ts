import type { Node, Service, Task } from '../../model/objects.ts';
import type { ServiceSpec } from '../../model/specs.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import { matchesConstraints, placementConstraints } from '../../swarm/constraint.ts';
import type { Committed, Sight } from './ledger.ts';
import { SharedNodes } from './shared-nodes.ts';

/** A decision may rest on what the store held when it was made, and be written somewhat later. */
const RECENT_MS = 10_000;

interface Past {
  readonly index: number;
  readonly atMs: number;
  readonly spec: ServiceSpec;
}

/** No rebalancing: who stops a task that is well has a reason that can be read in the store. */
export class Moves {
  readonly #sight: Sight;
  /** By task: the entry that made it. */
  readonly #made = new Map<string, number>();
  /** By node: the last entry until which it was down, drained or unknown to the store. */
  readonly #invalidUntil = new Map<string, number>();
  /** By node: the last entry that changed what constraints can ask for. */
  readonly #changed = new Map<string, number>();
  readonly #specs = new Map<string, Past[]>();
  readonly #shared: SharedNodes;

  constructor(sight: Sight) {
    this.#sight = sight;
    this.#shared = new SharedNodes(sight.read);
  }

  committed(committed: Committed): void {
    const { events, index } = committed;
    this.#shared.committed(committed);
    for (const event of events) {
      if (event.kind === 'node' && event.action === 'update') {
        const { previous, object } = event;
        if (isInvalid(previous)) this.#invalidUntil.set(object.id, index);
        if (previous.spec !== object.spec || previous.role !== object.role)
          this.#changed.set(object.id, index);
      } else if (event.kind === 'service' && event.action !== 'remove') {
        this.#remember(event.object, committed);
      }
    }
    for (const event of events) {
      if (event.kind !== 'task') continue;
      if (event.action === 'create') this.#made.set(event.object.id, index);
      else if (event.action === 'update') this.#judge(event.previous, event.object, committed);
      else this.#removed(event.object);
    }
  }

  #remember({ id, spec }: Service, { index, atMs }: Committed): void {
    const specs = this.#specs.get(id);
    if (specs === undefined) this.#specs.set(id, [{ index, atMs, spec }]);
    else if (specs.at(-1)?.spec !== spec) specs.push({ index, atMs, spec });
  }

  #judge(before: Task, task: Task, committed: Committed): void {
    if (!isLive(before) || isLive(task) || task.desiredState === 'complete') return;
    if (isTerminal(task.status.state) || this.#hasCause(task, committed)) return;
    const { machineOf, report } = this.#sight;
    report(
      'no-move-without-cause',
      `task ${task.serviceName}.${task.slot}.${task.id}, ${task.status.state} on ${machineOf(task.nodeId) || 'no node'}, is to be ${task.desiredState}; its node, its service and its slot give no reason`,
    );
  }

  #removed(task: Task): void {
    this.#made.delete(task.id);
    if (!isLive(task) || isTerminal(task.status.state)) return;
    const { read, report, machineOf } = this.#sight;
    if (read.get('service', task.serviceId) === undefined) return;
    if (task.slot === 0 && read.get('node', task.nodeId) === undefined) return;
    report(
      'no-move-without-cause',
      `the record of task ${task.serviceName}.${task.slot}.${task.id}, ${task.status.state} on ${machineOf(task.nodeId) || 'no node'}, is removed while it is to be ${task.desiredState}`,
    );
  }

  #hasCause(task: Task, committed: Committed): boolean {
    const service = this.#sight.read.get('service', task.serviceId);
    if (service === undefined) return true;
    // Each update of a job is another run of it.
    if (task.jobIteration !== undefined && task.jobIteration !== service.jobStatus?.iteration)
      return true;
    return (
      this.#nodeIsCause(task, service) ||
      this.#specIsCause(task) ||
      this.#shared.had(task) ||
      (task.desiredState === 'remove' && this.#scaleIsCause(service, committed)) ||
      this.#live(service, committed).filter((other) => sharesSlot(other, task)).length > 1
    );
  }

  #nodeIsCause(task: Task, service: Service): boolean {
    if (task.nodeId === '') return false;
    const node = this.#sight.read.get('node', task.nodeId);
    if (node === undefined || isInvalid(node)) return true;
    const made = this.#made.get(task.id) ?? 0;
    if ((this.#invalidUntil.get(node.id) ?? -1) >= made) return true;
    if (task.slot !== 0) return false;
    const constraints = placementConstraints(service.spec.TaskTemplate.Placement);
    return !matchesConstraints(constraints, node) || (this.#changed.get(node.id) ?? -1) >= made;
  }

  /** Whether any spec that was in force since the task was made asks for another task. */
  #specIsCause(task: Task): boolean {
    const specs = this.#specs.get(task.serviceId) ?? [];
    const made = this.#made.get(task.id) ?? 0;
    const own = JSON.stringify(task.spec);
    return specs.some(({ spec }, at) => {
      if ((specs[at + 1]?.index ?? Infinity) <= made) return false;
      const ports = JSON.stringify(spec.EndpointSpec) !== JSON.stringify(task.endpoint?.spec);
      return (
        ports || (spec.TaskTemplate !== task.spec && JSON.stringify(spec.TaskTemplate) !== own)
      );
    });
  }

  // A slot whose last task ended and may not be restarted counts as a replica, and may be kept where one that works is not (SwarmKit: UpdatableTasksInSlot, slotsByIndex).
  #scaleIsCause(service: Service, committed: Committed): boolean {
    const specs = this.#specs.get(service.id) ?? [];
    const kept = this.#before(service, committed).filter(
      (task) => isLive(task) || mayHoldSlot(task),
    );
    const slots = new Set(kept.map(({ slot }) => slot)).size;
    return specs.some(({ spec: { Mode } }, at) => {
      const until = specs[at + 1]?.atMs ?? Infinity;
      if (Mode.Replicated === undefined || until < committed.atMs - RECENT_MS) return false;
      return (Mode.Replicated.Replicas ?? 1) < slots;
    });
  }

  #live(service: Service, committed: Committed): readonly Task[] {
    return this.#before(service, committed).filter(isLive);
  }

  /** The service's tasks as they were before this transaction. */
  #before(service: Service, { events }: Committed): readonly Task[] {
    const touched = new Map<string, Task | null>();
    for (const event of events) {
      if (event.kind !== 'task' || touched.has(event.object.id)) continue;
      const before = event.action === 'update' ? event.previous : event.object;
      touched.set(event.object.id, event.action === 'create' ? null : before);
    }
    const unchanged = this.#sight.read
      .tasksOfService(service.id)
      .filter(({ id }) => !touched.has(id));
    const changed = [...touched.values()].filter(
      (task) => task !== null && task.serviceId === service.id,
    );
    return [...unchanged, ...(changed as readonly Task[])];
  }
}

const isLive = (task: Task): boolean => compareStates(task.desiredState, 'running') <= 0;

/** Over or about to be, under a restart policy that can forbid another; a task that is to be removed, too: the next look at the service counts its slot once more. */
function mayHoldSlot({ spec }: Task): boolean {
  const { Condition = 'any', MaxAttempts = 0 } = spec.RestartPolicy ?? {};
  return Condition !== 'any' || MaxAttempts > 0;
}

const isInvalid = ({ status, spec }: Node): boolean =>
  status.state === 'down' || spec.Availability === 'drain';

const sharesSlot = (a: Task, b: Task): boolean =>
  a.slot === b.slot && (a.slot !== 0 || a.nodeId === b.nodeId);

import type { Node, Task } from '../../model/objects.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import { matchesConstraints, placementConstraints } from '../constraint.ts';
import type { Ports } from '../ports.ts';
import type { Store } from '../store.ts';
import { GenericResources } from './generic-resources.ts';
import { LoopWrites, type Change } from './loop-writes.ts';

/**
 * Rejects tasks whose active node stopped fitting them: the constraints their service has now, then reservations, added up in the order of
 * the list against what the node has (SwarmKit: constraint enforcer). Orchestrators then treat them like any task that failed. Platform,
 * plugins, ports and the limit per node are not looked at again.
 */
export class ConstraintEnforcer {
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #writes: LoopWrites;
  #unwatch: () => void = () => undefined;

  constructor(ports: Ports, store: Store) {
    this.#ports = ports;
    this.#store = store;
    this.#writes = new LoopWrites(ports, store);
  }

  start(): void {
    this.#unwatch = this.#store.watch((events) => {
      for (const event of events)
        if (event.kind === 'node' && event.action === 'update') this.#check(event.object);
    });
    for (const node of this.#store.read.all('node')) this.#check(node);
  }

  stop(): void {
    this.#unwatch();
    this.#writes.stop();
  }

  #check(node: Node): void {
    if (node.spec.Availability !== 'active') return;
    const violators = this.#violators(node);
    if (violators.length > 0) this.#writes.batch(violators.map((task) => this.#reject(task)));
  }

  #violators(node: Node): readonly Task[] {
    const total = node.description?.resources;
    let cpus = total?.nanoCpus ?? 0;
    let memory = total?.memoryBytes ?? 0;
    const generic = new GenericResources(total?.generic ?? []);
    const violators: Task[] = [];
    for (const task of this.#store.read.tasksOfNode(node.id)) {
      if (!isHeld(task)) continue;
      const needs = task.spec.Resources?.Reservations;
      const short = (needs?.MemoryBytes ?? 0) > memory || (needs?.NanoCPUs ?? 0) > cpus;
      if (!this.#fits(task, node) || (needs !== undefined && short)) {
        violators.push(task);
        continue;
      }
      memory -= needs?.MemoryBytes ?? 0;
      cpus -= needs?.NanoCPUs ?? 0;
      const assigned = task.genericResources ?? [];
      if (!assigned.every((resource) => generic.has(resource))) {
        // SwarmKit looks no further once a generic resource is missing.
        violators.push(task);
        break;
      }
      for (const resource of assigned) generic.take(resource);
    }
    return violators;
  }

  // The service's constraints and not the task's: a task is not replaced when only they change and its node fits.
  #fits(task: Task, node: Node): boolean {
    const service = this.#store.read.get('service', task.serviceId);
    const template = service?.spec.TaskTemplate ?? task.spec;
    return matchesConstraints(placementConstraints(template.Placement), node);
  }

  #reject(violator: Task): Change {
    return (transaction) => {
      const task = transaction.get('task', violator.id);
      if (task === undefined || !isHeld(task)) return;
      transaction.update('task', {
        ...task,
        status: {
          ...task.status,
          state: 'rejected',
          timestamp: this.#ports.clock.now(),
          message: 'task rejected by constraint enforcer',
          err: 'assigned node no longer meets constraints',
        },
      });
    };
  }
}

/** Wanted on its node and not over yet. */
const isHeld = (task: Task): boolean =>
  compareStates(task.desiredState, 'assigned') >= 0 &&
  compareStates(task.desiredState, 'complete') <= 0 &&
  !isTerminal(task.status.state);

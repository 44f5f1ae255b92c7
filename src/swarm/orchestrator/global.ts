import type { Node, Service, Task } from '../../model/objects.ts';
import { isTerminal } from '../../model/task-state.ts';
import { matchesConstraints, placementConstraints, type Constraint } from '../constraint.ts';
import type { Ports } from '../ports.ts';
import type { StoreEvent } from '../store-watch.ts';
import type { Store } from '../store.ts';
import { isTaskDirty } from './dirty.ts';
import { LoopWrites, type Change } from './loop-writes.ts';
import type { RestartSupervisor } from './restart-supervisor.ts';
import { isGlobal } from './service-mode.ts';
import { shuffled } from './shuffle.ts';
import { groupBySlot, isInvalidNode, isRunnable, type Slot } from './slot.ts';
import { raiseDesired, removeServiceTasks, removeTask } from './task-changes.ts';
import { clusterOf, draftTask } from './task-factory.ts';
import { initTasks } from './task-init.ts';
import { Turns } from './turns.ts';
import type { UpdateSupervisor } from './updater.ts';

/**
 * Keeps one task of each global service on every eligible node: not drained, not down, and matching the service's constraints (SwarmKit:
 * global orchestrator). A paused node is left alone. A node that comes (back) is looked at by itself: its outdated tasks are replaced at
 * once, without a rolling update and without an update status.
 */
export class GlobalOrchestrator {
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #restarts: RestartSupervisor;
  readonly #updates: UpdateSupervisor;
  readonly #writes: LoopWrites;
  readonly #turns: Turns;
  #unwatch: () => void = () => undefined;
  /** Every global service with its parsed constraints. */
  readonly #services = new Map<string, readonly Constraint[]>();
  #initial: Change[] = [];
  readonly #removedServices = new Set<string>();
  readonly #tasksToShutDown = new Set<string>();
  // Nodes and not their tasks: what this loop is writing while the node changes is on it too when its turn comes (SwarmKit: foreachTaskFromNode).
  readonly #nodesToEmpty = new Set<string>();
  readonly #nodesRemoved = new Set<string>();
  readonly #tasksToRestart = new Set<string>();
  readonly #servicesToReconcile = new Set<string>();
  readonly #nodesToReconcile = new Set<string>();

  constructor(ports: Ports, store: Store, restarts: RestartSupervisor, updates: UpdateSupervisor) {
    this.#ports = ports;
    this.#store = store;
    this.#restarts = restarts;
    this.#updates = updates;
    this.#writes = new LoopWrites(ports, store);
    this.#turns = new Turns(
      this.#writes,
      () => this.#plan(),
      () => {
        this.#gatherAll();
      },
    );
  }

  start(): void {
    const unfinished = initTasks({
      ports: this.#ports,
      store: this.#store,
      restarts: this.#restarts,
      owns: isGlobal,
    });
    this.#gatherAll();
    // A task on a node that is down or drained is shut down before it could be started (SwarmKit: FixTask).
    const lost = [...this.#tasksToShutDown].map((id) => raiseDesired(id, 'shutdown'));
    this.#tasksToShutDown.clear();
    this.#initial = [...lost, ...unfinished];
    this.#unwatch = this.#store.watch((events) => {
      for (const event of events) this.#gather(event);
      const failures = this.#updates.observe(events);
      this.#turns.wake();
      this.#updates.judge(failures);
    });
    this.#turns.wake();
  }

  stop(): void {
    this.#unwatch();
    this.#writes.stop();
  }

  #gatherAll(): void {
    const { read } = this.#store;
    for (const service of read.all('service')) {
      if (!isGlobal(service)) continue;
      this.#serviceChanged(service);
      for (const task of read.tasksOfService(service.id)) {
        if (!isRunnable(task)) continue;
        if (isInvalidNode(read.get('node', task.nodeId))) this.#tasksToShutDown.add(task.id);
        else this.#checkTask(task);
      }
    }
  }

  #gather(event: StoreEvent): void {
    if (event.kind === 'service') {
      if (event.action !== 'remove') this.#serviceChanged(event.object);
      else if (this.#services.delete(event.object.id)) this.#removedServices.add(event.object.id);
    } else if (event.kind === 'node') {
      if (event.action !== 'remove') this.#nodeChanged(event.object);
      else this.#nodesRemoved.add(event.object.id);
    } else if (event.kind === 'task' && event.action === 'update') this.#checkTask(event.object);
  }

  #serviceChanged(service: Service): void {
    if (!isGlobal(service)) return;
    this.#services.set(service.id, placementConstraints(service.spec.TaskTemplate.Placement));
    this.#servicesToReconcile.add(service.id);
  }

  #nodeChanged(node: Node): void {
    if (isInvalidNode(node)) this.#nodesToEmpty.add(node.id);
    else if (node.spec.Availability !== 'pause') this.#nodesToReconcile.add(node.id);
  }

  #checkTask(task: Task): void {
    if (!this.#services.has(task.serviceId) || !isRunnable(task)) return;
    if (isTerminal(task.status.state)) this.#tasksToRestart.add(task.id);
  }

  #tasksOn(nodes: ReadonlySet<string>): readonly Task[] {
    return [...nodes]
      .flatMap((nodeId) => this.#store.read.tasksOfNode(nodeId))
      .filter((task) => this.#services.has(task.serviceId));
  }

  // Services in a turn of their own, and each node too (SwarmKit: reconcileOneNode): each plans on what the turn before has made, so that nothing is made twice.
  #plan(): readonly Change[] | null {
    const urgent = this.#planTasks();
    if (urgent.length > 0) return urgent;
    if (this.#servicesToReconcile.size > 0) {
      const services = [...this.#servicesToReconcile];
      this.#servicesToReconcile.clear();
      return services.flatMap((serviceId) => this.#reconcileService(serviceId));
    }
    const [nodeId] = this.#nodesToReconcile;
    if (nodeId === undefined) return null;
    this.#nodesToReconcile.delete(nodeId);
    return this.#reconcileNode(nodeId);
  }

  // What was found unfinished goes first and alone (SwarmKit: CheckTasks), so that no task is written twice under one version.
  #planTasks(): readonly Change[] {
    if (this.#initial.length > 0) return this.#initial.splice(0);
    const changes: Change[] = [];
    for (const serviceId of this.#removedServices) {
      this.#restarts.history.forgetService(serviceId);
      changes.push(...removeServiceTasks(this.#store.read, serviceId));
    }
    for (const { id } of this.#tasksOn(this.#nodesRemoved)) changes.push(removeTask(id));
    for (const { id } of this.#tasksOn(this.#nodesToEmpty))
      changes.push(raiseDesired(id, 'shutdown'));
    for (const taskId of this.#tasksToShutDown) changes.push(raiseDesired(taskId, 'shutdown'));
    for (const taskId of this.#tasksToRestart) changes.push(this.#restart(taskId));
    this.#removedServices.clear();
    this.#nodesRemoved.clear();
    this.#nodesToEmpty.clear();
    this.#tasksToShutDown.clear();
    this.#tasksToRestart.clear();
    return changes;
  }

  // On a paused node, or one that fits no more, a task that ended is not replaced.
  #restart(taskId: string): Change {
    return (transaction) => {
      const task = transaction.get('task', taskId);
      const service = transaction.get('service', task?.serviceId ?? '');
      if (task === undefined || !isRunnable(task) || !isGlobal(service)) return;
      const node = transaction.get('node', task.nodeId);
      if (node === undefined || isInvalidNode(node)) return;
      if (node.spec.Availability === 'pause' || !this.#fits(service, node))
        raiseDesired(taskId, 'shutdown')(transaction);
      else this.#restarts.restart(transaction, service, task);
    };
  }

  #reconcileService(serviceId: string): readonly Change[] {
    const service = this.#store.read.get('service', serviceId);
    if (!isGlobal(service)) return [];
    const slots = groupBySlot(service, this.#store.read.tasksOfService(serviceId));
    const changes: Change[] = [];
    const toUpdate: Slot[] = [];
    for (const node of this.#store.read.all('node')) {
      if (isInvalidNode(node)) continue;
      const slot = this.#restarts.updatableTasks(service, slots.get(node.id) ?? []);
      slots.delete(node.id);
      if (!this.#fits(service, node)) changes.push(...shutDownAll(slot));
      else if (node.spec.Availability === 'pause') continue;
      else if (slot.length === 0) changes.push(this.#addTask(service, node));
      else toUpdate.push(slot);
    }
    for (const slot of slots.values()) changes.push(...shutDownAll(slot));
    if (toUpdate.length > 0) this.#update(service, shuffled(toUpdate, this.#ports.random));
    return changes;
  }

  #update(service: Service, slots: readonly Slot[]): void {
    this.#updates.update(service, slots, () => {
      this.#servicesToReconcile.add(service.id);
      this.#turns.wake();
    });
  }

  #reconcileNode(nodeId: string): readonly Change[] {
    const node = this.#store.read.get('node', nodeId);
    if (node === undefined || isInvalidNode(node) || node.spec.Availability === 'pause') return [];
    const byService = new Map<string, Task[]>();
    for (const task of this.#store.read.tasksOfNode(nodeId)) {
      const tasks = byService.get(task.serviceId);
      if (tasks === undefined) byService.set(task.serviceId, [task]);
      else tasks.push(task);
    }
    return [...this.#services.keys()].flatMap((serviceId) =>
      this.#reconcileServiceOn(node, serviceId, byService.get(serviceId) ?? []),
    );
  }

  #reconcileServiceOn(node: Node, serviceId: string, tasks: readonly Task[]): readonly Change[] {
    const service = this.#store.read.get('service', serviceId);
    if (!isGlobal(service) || !this.#fits(service, node)) return [];
    const updatable = this.#restarts.updatableTasks(service, tasks);
    const clean = updatable.filter((task) => !isTaskDirty(service, task, node));
    const surplus = updatable.filter((task) => task !== clean[0]);
    const added = clean.length === 0 ? [this.#addTask(service, node)] : [];
    return [...added, ...shutDownAll(surplus)];
  }

  #fits(service: Service, node: Node): boolean {
    return matchesConstraints(this.#services.get(service.id) ?? [], node);
  }

  #addTask(service: Service, node: Node): Change {
    return (transaction) => {
      if (transaction.get('service', service.id) === undefined) return;
      const place = { slot: 0, nodeId: node.id };
      const cluster = clusterOf(transaction);
      transaction.create('task', draftTask(this.#ports, cluster, service, place, 'running'));
    };
  }
}

const shutDownAll = (slot: Slot): readonly Change[] =>
  slot.map((task) => raiseDesired(task.id, 'shutdown'));

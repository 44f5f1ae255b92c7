import type { Service, Task } from '../../model/objects.ts';
import { isTerminal } from '../../model/task-state.ts';
import type { Ports } from '../ports.ts';
import type { StoreEvent } from '../store-watch.ts';
import type { Store } from '../store.ts';
import { LoopWrites, type Change } from './loop-writes.ts';
import type { RestartSupervisor } from './restart-supervisor.ts';
import { keepingOrder } from './scale-down.ts';
import { isReplicated } from './service-mode.ts';
import { shuffled } from './shuffle.ts';
import { isInvalidNode, isRunnable, type Slot } from './slot.ts';
import { raiseDesired, removeServiceTasks, removeTask } from './task-changes.ts';
import { clusterOf, draftTask, NO_NODE } from './task-factory.ts';
import { initTasks } from './task-init.ts';
import { Turns } from './turns.ts';
import type { UpdateSupervisor } from './updater.ts';

/** Tasks that are made in one turn. */
const MOST_AT_ONCE = 10_000;

/**
 * Keeps as many slots filled as each replicated service declares (SwarmKit: replicated orchestrator). Slots are compared with the spec when
 * the service changes, when a live task's record vanishes, and when the lead begins; tasks that ended or sit on a node that is down, drained
 * or gone go to the restart supervisor. A node that comes back changes nothing.
 */
export class ReplicatedOrchestrator {
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #restarts: RestartSupervisor;
  readonly #updates: UpdateSupervisor;
  readonly #writes: LoopWrites;
  readonly #turns: Turns;
  #unwatch: () => void = () => undefined;
  #initial: Change[] = [];
  readonly #removedServices = new Set<string>();
  readonly #tasksToRestart = new Set<string>();
  readonly #servicesToReconcile = new Set<string>();

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
    this.#initial = [
      ...initTasks({
        ports: this.#ports,
        store: this.#store,
        restarts: this.#restarts,
        owns: isReplicated,
      }),
    ];
    this.#gatherAll();
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
    for (const service of this.#store.read.all('service'))
      if (isReplicated(service)) this.#servicesToReconcile.add(service.id);
    for (const serviceId of this.#servicesToReconcile)
      for (const task of this.#store.read.tasksOfService(serviceId)) this.#checkTask(task);
  }

  #gather(event: StoreEvent): void {
    if (event.kind === 'service') {
      if (!isReplicated(event.object)) return;
      const gone = event.action === 'remove';
      (gone ? this.#removedServices : this.#servicesToReconcile).add(event.object.id);
      if (gone) this.#servicesToReconcile.delete(event.object.id);
    } else if (event.kind === 'node') {
      if (event.action === 'remove' || isInvalidNode(event.object))
        this.#leaveNode(event.object.id);
    } else if (event.kind === 'task') {
      if (event.action !== 'remove') this.#checkTask(event.object);
      else this.#taskRemoved(event.object);
    }
  }

  #taskRemoved(task: Task): void {
    if (isRunnable(task) && isReplicated(this.#service(task)))
      this.#servicesToReconcile.add(task.serviceId);
    this.#restarts.starts.cancel(task.id);
  }

  #leaveNode(nodeId: string): void {
    for (const task of this.#store.read.tasksOfNode(nodeId))
      if (isRunnable(task) && isReplicated(this.#service(task))) this.#tasksToRestart.add(task.id);
  }

  #checkTask(task: Task): void {
    if (!isRunnable(task) || !isReplicated(this.#service(task))) return;
    const misplaced =
      task.nodeId !== '' && isInvalidNode(this.#store.read.get('node', task.nodeId));
    if (misplaced || isTerminal(task.status.state)) this.#tasksToRestart.add(task.id);
  }

  #service(task: Task): Service | undefined {
    return this.#store.read.get('service', task.serviceId);
  }

  // Tasks before services, so that a reconcile sees the slots as the restarts left them; and what was found unfinished before both, in
  // transactions of its own (SwarmKit: CheckTasks), so that no task is started and stopped under one version.
  #plan(): readonly Change[] | null {
    if (this.#initial.length > 0) return this.#initial.splice(0);
    if (this.#removedServices.size + this.#tasksToRestart.size > 0) {
      const changes: Change[] = [];
      for (const serviceId of this.#removedServices) {
        this.#restarts.history.forgetService(serviceId);
        changes.push(...removeServiceTasks(this.#store.read, serviceId));
      }
      for (const taskId of this.#tasksToRestart) changes.push(this.#restart(taskId));
      this.#removedServices.clear();
      this.#tasksToRestart.clear();
      return changes;
    }
    if (this.#servicesToReconcile.size === 0) return null;
    const services = [...this.#servicesToReconcile];
    this.#servicesToReconcile.clear();
    return services.flatMap((serviceId) => this.#reconcile(serviceId));
  }

  #restart(taskId: string): Change {
    return (transaction) => {
      const task = transaction.get('task', taskId);
      const service = transaction.get('service', task?.serviceId ?? '');
      if (task === undefined || !isRunnable(task) || !isReplicated(service)) return;
      this.#restarts.restart(transaction, service, task);
    };
  }

  #reconcile(serviceId: string): readonly Change[] {
    const service = this.#store.read.get('service', serviceId);
    if (!isReplicated(service)) return [];
    const { updatable, dead } = this.#classify(service);
    const replicas = service.spec.Mode.Replicated?.Replicas ?? 1;
    const slots = [...updatable.values()];
    const changes: Change[] = [];
    if (replicas < slots.length) {
      const ordered = keepingOrder(slots, this.#ports.random);
      this.#update(service, ordered.slice(0, replicas));
      for (const task of ordered.slice(replicas).flat())
        changes.push(raiseDesired(task.id, 'remove'));
    } else {
      this.#update(service, shuffled(slots, this.#ports.random));
      const missing = Math.min(replicas - slots.length, MOST_AT_ONCE);
      for (const change of this.#fill(service, updatable, dead, missing)) changes.push(change);
      // The rest when these are written: whoever asks for a quadrillion is not to stop everybody else.
      if (missing === MOST_AT_ONCE) this.#servicesToReconcile.add(service.id);
    }
    for (const task of [...dead.values()].flat()) changes.push(removeTask(task.id));
    return changes;
  }

  #update(service: Service, slots: readonly Slot[]): void {
    this.#updates.update(service, slots, () => {
      this.#servicesToReconcile.add(service.id);
      this.#turns.wake();
    });
  }

  /** Slots that count as replicas, with the tasks an update has to look at; and those that count no more, with all they have. */
  #classify(service: Service): { updatable: Map<number, Slot>; dead: Map<number, Slot> } {
    const slots = new Map<number, Task[]>();
    for (const task of this.#store.read.tasksOfService(service.id)) {
      const slot = slots.get(task.slot);
      if (slot === undefined) slots.set(task.slot, [task]);
      else slot.push(task);
    }
    const updatable = new Map<number, Slot>();
    const dead = new Map<number, Slot>();
    for (const [number, slot] of slots) {
      const tasks = this.#restarts.updatableTasks(service, slot);
      if (tasks.length > 0) updatable.set(number, tasks);
      else dead.set(number, slot);
    }
    return { updatable, dead };
  }

  // A dead slot that is filled again keeps its history, so it is taken out of `dead`.
  #fill(
    service: Service,
    updatable: ReadonlyMap<number, Slot>,
    dead: Map<number, Slot>,
    missing: number,
  ): readonly Change[] {
    const changes: Change[] = [];
    for (let slot = 1; changes.length < missing; slot += 1) {
      if (updatable.has(slot)) continue;
      dead.delete(slot);
      changes.push((transaction) => {
        if (transaction.get('service', service.id) === undefined) return;
        const cluster = clusterOf(transaction);
        const place = { slot, nodeId: NO_NODE };
        transaction.create('task', draftTask(this.#ports, cluster, service, place, 'running'));
      });
    }
    return changes;
  }
}

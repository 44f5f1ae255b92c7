import type { Service, Task } from '../../model/objects.ts';
import { isTerminal } from '../../model/task-state.ts';
import type { Ports } from '../ports.ts';
import type { StoreEvent } from '../store-watch.ts';
import type { Store } from '../store.ts';
import {
  isWanted,
  MOST_AT_ONCE,
  needsOfGlobalJob,
  needsOfReplicatedJob,
  strandedTasks,
  type JobNeeds,
} from './job-needs.ts';
import { LoopWrites, type Change } from './loop-writes.ts';
import type { RestartSupervisor } from './restart-supervisor.ts';
import { isGlobalJob, isJob } from './service-mode.ts';
import { raiseDesired, removeServiceTasks } from './task-changes.ts';
import { clusterOf, draftTask, type Place } from './task-factory.ts';
import { initTasks } from './task-init.ts';
import { Turns } from './turns.ts';

/**
 * Runs jobs: each update of a job service begins an iteration, whose tasks are to complete (SwarmKit: jobs orchestrator). A job is looked at when its service
 * changes, when one of its tasks ends, and when the lead begins. Nodes are not watched: one that joins gets no task of a global job until the service is
 * touched, and a task on a node that is lost is replaced when the node is removed or its tasks are given up.
 */
export class JobOrchestrator {
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #restarts: RestartSupervisor;
  readonly #writes: LoopWrites;
  readonly #turns: Turns;
  #unwatch: () => void = () => undefined;
  #initial: Change[] = [];
  readonly #removedServices = new Set<string>();
  readonly #jobsToReconcile = new Set<string>();

  constructor(ports: Ports, store: Store, restarts: RestartSupervisor) {
    this.#ports = ports;
    this.#store = store;
    this.#restarts = restarts;
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
    const { read } = this.#store;
    const unfinished = initTasks({
      ports: this.#ports,
      store: this.#store,
      restarts: this.#restarts,
      owns: isJob,
    });
    const stranded = read
      .all('service')
      .filter(isGlobalJob)
      .flatMap((service) => strandedTasks(read, service));
    this.#initial = [...stranded.map((task) => raiseDesired(task.id, 'shutdown')), ...unfinished];
    this.#gatherAll();
    this.#unwatch = this.#store.watch((events) => {
      for (const event of events) this.#gather(event);
      this.#turns.wake();
    });
    this.#turns.wake();
  }

  stop(): void {
    this.#unwatch();
    this.#writes.stop();
  }

  #gatherAll(): void {
    for (const service of this.#store.read.all('service'))
      if (isJob(service)) this.#jobsToReconcile.add(service.id);
  }

  #gather(event: StoreEvent): void {
    if (event.kind === 'service') {
      if (!isJob(event.object)) return;
      const gone = event.action === 'remove';
      (gone ? this.#removedServices : this.#jobsToReconcile).add(event.object.id);
      if (gone) this.#jobsToReconcile.delete(event.object.id);
    } else if (event.kind === 'task' && event.action === 'update') this.#checkTask(event.object);
  }

  #checkTask(task: Task): void {
    if (!isTerminal(task.status.state) || !isWanted(task)) return;
    if (isJob(this.#store.read.get('service', task.serviceId)))
      this.#jobsToReconcile.add(task.serviceId);
  }

  // What was found unfinished goes first and alone, as with the other orchestrators (SwarmKit: CheckTasks).
  #plan(): readonly Change[] | null {
    if (this.#initial.length > 0) return this.#initial.splice(0);
    if (this.#removedServices.size > 0) {
      const changes: Change[] = [];
      for (const serviceId of this.#removedServices) {
        this.#restarts.history.forgetService(serviceId);
        changes.push(...removeServiceTasks(this.#store.read, serviceId));
      }
      this.#removedServices.clear();
      return changes;
    }
    if (this.#jobsToReconcile.size === 0) return null;
    const jobs = [...this.#jobsToReconcile];
    this.#jobsToReconcile.clear();
    return jobs.flatMap((serviceId) => this.#reconcile(serviceId));
  }

  #reconcile(serviceId: string): readonly Change[] {
    const service = this.#store.read.get('service', serviceId);
    if (!isJob(service)) return [];
    const { missing, toRestart, toRemove, toShutDown } = this.#needsOf(service);
    if (missing.length === MOST_AT_ONCE) this.#jobsToReconcile.add(serviceId);
    return [
      ...missing.map((place) => this.#addTask(service, place)),
      ...toRestart.map((task) => this.#restart(task.id)),
      ...toRemove.map((task) => raiseDesired(task.id, 'remove')),
      ...toShutDown.map((task) => raiseDesired(task.id, 'shutdown')),
    ];
  }

  #needsOf(service: Service): JobNeeds {
    const { read } = this.#store;
    const tasks = read.tasksOfService(service.id);
    return isGlobalJob(service)
      ? needsOfGlobalJob(service, tasks, read.all('node'))
      : needsOfReplicatedJob(service, tasks);
  }

  // A newer iteration that is committed meanwhile plans for itself.
  #addTask(planned: Service, place: Place): Change {
    return (transaction) => {
      const service = transaction.get('service', planned.id);
      if (service?.jobStatus?.iteration !== planned.jobStatus?.iteration || !isJob(service)) return;
      const cluster = clusterOf(transaction);
      transaction.create('task', draftTask(this.#ports, cluster, service, place, 'complete'));
    };
  }

  #restart(taskId: string): Change {
    return (transaction) => {
      const task = transaction.get('task', taskId);
      const service = transaction.get('service', task?.serviceId ?? '');
      if (task === undefined || !isWanted(task) || !isJob(service)) return;
      this.#restarts.restart(transaction, service, task);
    };
  }
}

import { taskId } from '../../model/ids.ts';
import type { Task, TaskStatus } from '../../model/objects.ts';
import type { LogEvents, LogOptions } from '../logs/log-api.ts';
import type { Ports } from '../ports.ts';
import type { AssignmentsMessage, Stream } from '../session.ts';
import type { LoggingTasks } from './agent-logs.ts';
import { DependencyStore } from './dependency-store.ts';
import type { Executor } from './executor.ts';
import type { AgentStorage } from './storage.ts';
import { TaskRun } from './task-run.ts';

/** The tasks of this node: what is assigned runs, what is withdrawn is removed with its container (SwarmKit: agent/worker.go). */
export class TaskTable implements LoggingTasks {
  readonly #ports: Ports;
  readonly #executor: Executor;
  readonly #storage: AgentStorage;
  readonly #report: (id: string, status: TaskStatus) => void;
  readonly #dependencies = new DependencyStore();
  readonly #runs = new Map<string, TaskRun>();
  /** Withdrawn tasks whose container is not gone yet. */
  readonly #leaving = new Map<string, TaskRun>();
  #emptied: (() => void) | null = null;
  /** Told of each task that is new on this node. */
  onBegin: (task: Task) => void = () => undefined;

  constructor(
    ports: Ports,
    executor: Executor,
    storage: AgentStorage,
    report: (id: string, status: TaskStatus) => void,
  ) {
    this.#ports = ports;
    this.#executor = executor;
    this.#storage = storage;
    this.#report = report;
  }

  /** Goes on with the tasks of an earlier life of this agent that was killed, from the status that each had. */
  resume(): void {
    for (const { task, status, assigned } of this.#storage.load().tasks) {
      const run = this.#makeRun(task, status);
      if (assigned) this.#begin(run);
      else this.#dismantle(run);
    }
  }

  /** Takes in what the manager assigned. A complete message lists all there is: whatever is not in it is removed. */
  assign(message: AssignmentsMessage): void {
    const complete = message.type === 'complete';
    if (complete) this.#dependencies.clear();
    for (const change of message.changes) this.#dependencies.apply(change);
    const listed = new Set<string>();
    for (const change of message.changes) {
      if (change.kind !== 'task') continue;
      if (change.action === 'remove') this.#withdraw(change.id);
      else {
        listed.add(change.task.id);
        this.#startOrUpdate(change.task);
      }
    }
    if (!complete) return;
    for (const id of [...this.#runs.keys()]) if (!listed.has(id)) this.#withdraw(id);
  }

  tasks(): readonly Task[] {
    return [...this.#runs.values()].map((run) => run.task);
  }

  readLogs(id: string, options: LogOptions, events: LogEvents): Stream | null {
    return this.#runs.get(id)?.readLogs(options, events) ?? null;
  }

  /** Reports the status of every task, whether the manager knows it or not. */
  reportAll(): void {
    for (const [id, run] of this.#runs) this.#report(id, run.status);
  }

  /**
   * Forgets every task at once and removes its container, as well as it can; nothing of it is reported. `done` is called when all are gone. What the manager
   * wants of these tasks later finds no container (SwarmKit: Worker.Assign without assignments, by which a node ends).
   */
  leave(done: () => void): void {
    for (const [id, run] of this.#runs) {
      this.#storage.removeTask(taskId(id));
      this.#dismantle(run, true);
    }
    this.#runs.clear();
    this.#emptied = done;
    this.#checkEmptied();
  }

  /** No more callbacks; containers are left as they are. */
  close(): void {
    for (const run of [...this.#runs.values(), ...this.#leaving.values()]) run.close();
    this.#runs.clear();
    this.#leaving.clear();
  }

  #startOrUpdate(task: Task): void {
    const run = this.#runs.get(task.id);
    if (run !== undefined) {
      run.update(task);
      this.#save(run, true);
    } else if (!this.#leaving.has(task.id)) this.#begin(this.#makeRun(task, task.status));
  }

  #makeRun(task: Task, status: TaskStatus): TaskRun {
    const run: TaskRun = new TaskRun(
      this.#ports,
      task,
      status,
      () => this.#executor.controller(task, this.#dependencies.of(task)),
      (_task, newStatus) => {
        this.#save(run, true);
        this.#report(task.id, newStatus);
      },
    );
    return run;
  }

  #begin(run: TaskRun): void {
    this.#runs.set(run.task.id, run);
    this.#save(run, true);
    this.#report(run.task.id, run.status);
    run.begin();
    this.onBegin(run.task);
  }

  #withdraw(id: string): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    this.#runs.delete(id);
    this.#save(run, false);
    this.#dismantle(run);
  }

  #dismantle(run: TaskRun, once = false): void {
    const { id } = run.task;
    this.#leaving.set(id, run);
    run.remove((result) => {
      this.#leaving.delete(id);
      // A withdrawn task whose container could not be removed is tried again by the next life of this agent.
      if (result.ok) this.#storage.removeTask(taskId(id));
      else {
        const message = `task ${id}: its container could not be removed: ${result.error.message}`;
        this.#ports.log({ level: 'error', part: 'agent', message });
      }
      this.#checkEmptied();
    }, once);
  }

  #checkEmptied(): void {
    if (this.#emptied === null || this.#leaving.size > 0) return;
    const done = this.#emptied;
    this.#emptied = null;
    done();
  }

  #save(run: TaskRun, assigned: boolean): void {
    this.#storage.saveTask({ task: run.task, status: run.status, assigned });
  }
}

import type { Task } from '../../model/objects.ts';
import { isTerminal } from '../../model/task-state.ts';
import type { Timer, Timers } from '../ports.ts';
import type { StoreEvent } from '../store-watch.ts';
import type { Transaction } from '../transaction.ts';
import type { Change, LoopWrites } from './loop-writes.ts';

/** SwarmKit: a replacement waits at most this long for the task before it to stop. */
export const OLD_TASK_TIMEOUT_MS = 60_000;

interface DelayedStart {
  readonly taskId: string;
  readonly oldTask: Task | null;
  readonly timers: Timer[];
  readonly ended: (() => void)[];
  delayOver: boolean;
  stopOver: boolean;
  /** The start is being written; it can no longer be called off. */
  fired: boolean;
  /** Somebody already waits to restart the task when its start is over. */
  followed: boolean;
}

/**
 * Tasks prepared with desired state ready that are to run once their delay is over and the task before them has stopped: seen beyond
 * running, or its node down or gone, or a minute has passed.
 */
export class DelayedStarts {
  readonly #timers: Timers;
  readonly #writes: LoopWrites;
  readonly #starts = new Map<string, DelayedStart>();
  readonly #byOldTask = new Map<string, Set<DelayedStart>>();
  readonly #byOldNode = new Map<string, Set<DelayedStart>>();
  readonly #due: DelayedStart[] = [];
  #writing = false;

  constructor(timers: Timers, writes: LoopWrites) {
    this.#timers = timers;
    this.#writes = writes;
  }

  /**
   * Arms the start of a task; one already armed for it is called off. To be called from inside the transaction that makes the task or
   * stops the old one, so that no event of theirs is missed. `ended` is called once the task was started, or the start called off.
   */
  arm(taskId: string, delayMs: number, oldTask: Task | null, ended?: () => void): void {
    this.cancel(taskId);
    const waits = oldTask !== null && !isTerminal(oldTask.status.state);
    const start: DelayedStart = {
      taskId,
      oldTask,
      timers: [],
      ended: ended === undefined ? [] : [ended],
      delayOver: delayMs <= 0,
      stopOver: !waits,
      fired: false,
      followed: false,
    };
    this.#starts.set(taskId, start);
    if (!start.delayOver) this.#after(start, delayMs, () => (start.delayOver = true));
    if (waits) {
      indexed(this.#byOldTask, oldTask.id, start);
      indexed(this.#byOldNode, oldTask.nodeId, start);
      this.#after(start, OLD_TASK_TIMEOUT_MS, () => (start.stopOver = true));
    }
    this.#fireIfDue(start);
  }

  /** Whether the task's own start is still to come. */
  has(taskId: string): boolean {
    return this.#starts.has(taskId);
  }

  /** Calls `ended` when the task's start is over, once, however often it is asked. */
  whenEnded(taskId: string, ended: () => void): void {
    const start = this.#starts.get(taskId);
    if (start === undefined || start.followed) return;
    start.followed = true;
    start.ended.push(ended);
  }

  /** Calls a start off. Harmless when there is none, or when it is being written already. */
  cancel(taskId: string): void {
    const start = this.#starts.get(taskId);
    if (start === undefined) return;
    if (!start.fired) this.#finish(start);
    else this.#starts.delete(taskId);
  }

  /** Looks for what ends a wait: old tasks that stopped, nodes that went down or away. */
  observe(events: readonly StoreEvent[]): void {
    for (const event of events) {
      if (event.kind === 'task' && event.action === 'update') {
        if (isTerminal(event.object.status.state)) this.#stopped(this.#byOldTask, event.object.id);
      } else if (event.kind === 'node') {
        const down = event.action === 'update' && event.object.status.state === 'down';
        if (down || event.action === 'remove') this.#stopped(this.#byOldNode, event.object.id);
      }
    }
  }

  stop(): void {
    for (const start of this.#starts.values()) for (const timer of start.timers) timer.cancel();
    this.#starts.clear();
    this.#byOldTask.clear();
    this.#byOldNode.clear();
  }

  #stopped(index: Map<string, Set<DelayedStart>>, id: string): void {
    for (const start of [...(index.get(id) ?? [])]) {
      start.stopOver = true;
      this.#fireIfDue(start);
    }
  }

  #after(start: DelayedStart, delayMs: number, over: () => void): void {
    const due = (): void => {
      over();
      this.#fireIfDue(start);
    };
    start.timers.push(this.#timers.after(delayMs, due));
  }

  #fireIfDue(start: DelayedStart): void {
    if (start.fired || !start.delayOver || !start.stopOver) return;
    start.fired = true;
    this.#release(start);
    this.#due.push(start);
    this.#writeDue();
  }

  // Starts that fall due while others are being written go together: a lost node's tasks are many and due at one instant.
  #writeDue(): void {
    if (this.#writing || this.#due.length === 0) return;
    this.#writing = true;
    const starts = this.#due.splice(0);
    const changes = starts.map((start): Change => (transaction) => {
      startNow(transaction, start.taskId);
    });
    this.#writes.batch(changes, () => {
      this.#writing = false;
      for (const start of starts) this.#finish(start);
      this.#writeDue();
    });
  }

  #finish(start: DelayedStart): void {
    this.#release(start);
    if (this.#starts.get(start.taskId) === start) this.#starts.delete(start.taskId);
    for (const ended of start.ended.splice(0)) ended();
  }

  #release(start: DelayedStart): void {
    for (const timer of start.timers.splice(0)) timer.cancel();
    if (start.oldTask === null) return;
    unindexed(this.#byOldTask, start.oldTask.id, start);
    unindexed(this.#byOldNode, start.oldTask.nodeId, start);
  }
}

/** Moves a task from desired ready to running, or, where it belongs to a job, to complete. A task that is further stays as it is. */
export function startNow(transaction: Transaction, taskId: string): void {
  const task = transaction.get('task', taskId);
  if (task?.desiredState !== 'ready') return;
  const desiredState = task.jobIteration === undefined ? 'running' : 'complete';
  transaction.update('task', { ...task, desiredState });
}

function indexed<T>(index: Map<string, Set<T>>, key: string, value: T): void {
  const values = index.get(key);
  if (values === undefined) index.set(key, new Set([value]));
  else values.add(value);
}

function unindexed<T>(index: Map<string, Set<T>>, key: string, value: T): void {
  const values = index.get(key);
  values?.delete(value);
  if (values?.size === 0) index.delete(key);
}

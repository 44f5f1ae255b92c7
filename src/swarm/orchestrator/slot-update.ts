import type { Service, Task } from '../../model/objects.ts';
import { compareStates } from '../../model/task-state.ts';
import type { Ports } from '../ports.ts';
import type { Store } from '../store.ts';
import type { Transaction } from '../transaction.ts';
import { isTaskDirty } from './dirty.ts';
import type { LoopWrites } from './loop-writes.ts';
import type { RestartSupervisor } from './restart-supervisor.ts';
import { isRunnable, type Slot } from './slot.ts';
import { clusterOf, draftTask, placeOf } from './task-factory.ts';
import type { UpdateSettings } from './update-settings.ts';

/** What one slot's update is given by the update it belongs to. */
export interface SlotUpdateContext {
  readonly ports: Ports;
  readonly store: Store;
  readonly writes: LoopWrites;
  readonly restarts: RestartSupervisor;
  /** The service as it was when the update began; its spec is the goal. */
  readonly service: Service;
  readonly settings: UpdateSettings;
  /** A task is about to be made by this update: `task` is to hear of its changes. */
  made(taskId: string, slot: SlotUpdate): void;
  /** The task was seen at running, or beyond. */
  ran(taskId: string): void;
}

/**
 * Brings one slot to the new spec and then says `done`. A task of the new spec that is there already is kept; else one is made, and the
 * old ones are shut down with it (stop-first) or once it was seen running (start-first). It then waits without end for the new task to
 * reach running: one that is never placed holds the whole update. The slot's tasks are those of when the update began.
 */
export class SlotUpdate {
  readonly #context: SlotUpdateContext;
  readonly #slot: Slot;
  readonly #done: () => void;
  #writing = false;
  #cancelled = false;
  #ended = false;
  #newTaskId = '';
  #started = false;
  /** The first change of the new task to running or beyond, kept until its delayed start is over. */
  #arrived: Task | null = null;

  constructor(context: SlotUpdateContext, slot: Slot, done: () => void) {
    this.#context = context;
    this.#slot = slot;
    this.#done = done;
  }

  start(): void {
    const clean = this.#slot.filter((task) => !this.#isDirty(task));
    const kept =
      clean.find((task) => task.desiredState === 'running') ??
      clean.findLast((task) => compareStates(task.desiredState, 'running') < 0);
    if (kept === undefined) this.#replace();
    else this.#keep(kept);
  }

  /** Leaves the slot as it is, but for a write that is in flight; `done` follows that. */
  cancel(): void {
    this.#cancelled = true;
    if (!this.#writing) this.#end();
  }

  /** The task that was made for this slot has changed. */
  changed(task: Task): void {
    if (this.#arrived !== null || compareStates(task.status.state, 'running') < 0) return;
    this.#arrived = task;
    this.#proceed();
  }

  #keep(kept: Task): void {
    const others = this.#slot.filter((task) => task !== kept);
    const running = kept.desiredState === 'running';
    if (others.length === 0 && running) {
      this.#end();
      return;
    }
    this.#write((transaction) => {
      const live = stoppable(transaction, others);
      if (live === null) return 'over';
      const old = shutDown(transaction, live);
      if (running) return 'over';
      this.#context.restarts.starts.arm(kept.id, 0, old, () => {
        this.#end();
      });
      return 'goes on';
    });
  }

  #replace(): void {
    const { ports, store, restarts, service } = this.#context;
    const [first] = this.#slot;
    if (first === undefined) {
      this.#end();
      return;
    }
    const draft = draftTask(
      ports,
      clusterOf(store.read),
      service,
      placeOf(service, first),
      'ready',
    );
    this.#newTaskId = draft.id;
    this.#context.made(draft.id, this);
    this.#write((transaction) => {
      const live = this.#startFirst ? [] : stoppable(transaction, this.#slot);
      if (live === null || transaction.get('service', service.id) === undefined) return 'over';
      transaction.create('task', draft);
      const old = shutDown(transaction, live);
      restarts.starts.arm(draft.id, 0, old, () => {
        this.#started = true;
        this.#proceed();
      });
      return 'goes on';
    });
  }

  #proceed(): void {
    if (this.#arrived === null || !this.#started || this.#ended) return;
    this.#context.ran(this.#newTaskId);
    if (!this.#startFirst || this.#arrived.status.state !== 'running') {
      this.#end();
      return;
    }
    this.#write((transaction) => {
      shutDown(transaction, stoppable(transaction, this.#slot) ?? []);
      return 'over';
    });
  }

  get #startFirst(): boolean {
    return this.#context.settings.order === 'start-first';
  }

  #write(change: (transaction: Transaction) => 'over' | 'goes on'): void {
    this.#writing = true;
    let next = 'over';
    this.#context.writes.update(
      (transaction) => {
        if (!this.#cancelled) next = change(transaction);
      },
      (committed) => {
        this.#writing = false;
        if (!committed || this.#cancelled || next === 'over') this.#end();
      },
    );
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#done();
  }

  #isDirty(task: Task): boolean {
    const { service, store } = this.#context;
    return isTaskDirty(service, task, store.read.get('node', task.nodeId));
  }
}

/**
 * Those of the tasks that can still be shut down, as they are now. Null when there were live ones when the update began and none is left:
 * somebody else has replaced them, and the slot is to be left alone.
 */
function stoppable(transaction: Transaction, tasks: Slot): readonly Task[] | null {
  const wereLive = tasks.filter(isRunnable);
  const live = wereLive
    .map((task) => transaction.get('task', task.id))
    .filter((task) => task !== undefined && isRunnable(task));
  return live.length === 0 && wereLive.length > 0 ? null : (live as readonly Task[]);
}

/** Shuts the tasks down and answers one of them, for the new task to wait for. */
function shutDown(transaction: Transaction, live: readonly Task[]): Task | null {
  for (const task of live) transaction.update('task', { ...task, desiredState: 'shutdown' });
  return live.at(-1) ?? null;
}

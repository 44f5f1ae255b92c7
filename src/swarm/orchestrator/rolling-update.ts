import type { Service, Task } from '../../model/objects.ts';
import type { Ports, Timer } from '../ports.ts';
import type { Store } from '../store.ts';
import { isSlotDirty } from './dirty.ts';
import type { Change, LoopWrites } from './loop-writes.ts';
import type { RestartSupervisor } from './restart-supervisor.ts';
import type { Slot } from './slot.ts';
import { SlotUpdate, type SlotUpdateContext } from './slot-update.ts';
import { updateSettings, type UpdateSettings } from './update-settings.ts';
import { completeUpdate, pauseUpdate, rollBackUpdate, startUpdate } from './update-status.ts';

/** What all updates of a leader share. */
export interface UpdateTools {
  readonly ports: Ports;
  readonly store: Store;
  readonly writes: LoopWrites;
  readonly restarts: RestartSupervisor;
}

/**
 * - `dispatching`: slots still wait for a worker; failures are judged at once;
 * - `draining`: no slot waits, workers finish theirs; failures are judged afterwards, by the time it is then, as in SwarmKit;
 * - `monitoring`: all slots are done, the last tasks are watched a while longer.
 */
type Phase = 'dispatching' | 'draining' | 'monitoring' | 'over';

/** One update, or one rollback, of one service towards the spec it had when the update began. */
export class RollingUpdate {
  readonly service: Service;
  readonly #tools: UpdateTools;
  readonly #settings: UpdateSettings;
  readonly #ended: () => void;
  #phase: Phase = 'dispatching';
  #slots: readonly Slot[] = [];
  #nextSlot = 0;
  #workers = 0;
  #monitorMs: number;
  #writing = false;
  #cancelled = false;
  #hasEnded = false;
  /** A failure has decided how this update ends: it must not be marked complete. */
  #stopped = false;
  #monitorTimer: Timer | null = null;
  /** Workers between two slots. */
  readonly #resting = new Set<Timer>();
  readonly #active = new Set<SlotUpdate>();
  /** Tasks made by this update: when each was seen at running, null before. */
  readonly #ranAt = new Map<string, number | null>();
  readonly #makers = new Map<string, SlotUpdate>();
  readonly #failedTasks = new Set<string>();
  readonly #unjudged: Task[] = [];

  /** `ended` is called once, when the update works no more. */
  constructor(tools: UpdateTools, service: Service, ended: () => void) {
    this.#tools = tools;
    this.service = service;
    this.#settings = updateSettings(service);
    this.#monitorMs = this.#settings.monitorMs;
    this.#ended = ended;
  }

  /** Whether its outcome is settled, though something is still being written or finished. */
  get isEnding(): boolean {
    return this.#stopped || this.#phase === 'over';
  }

  /** Takes the slots in the given order. A paused update stays paused; where nothing is dirty, one that was under way is complete. */
  run(slots: readonly Slot[]): void {
    const state = this.service.updateStatus?.state;
    const paused = state === 'paused' || state === 'rollback_paused';
    if (!paused) this.#slots = slots.filter((slot) => this.#isDirty(slot));
    if (this.#slots.length === 0) {
      if (state === 'updating' || state === 'rollback_started') this.#complete();
      else this.#end();
    } else if (state === undefined) {
      this.#write(
        (transaction) => {
          startUpdate(transaction, this.service.id, this.#now());
        },
        () => {
          this.#begin();
        },
      );
    } else this.#begin();
  }

  /** Ends the update where it stands, for a newer one. It has ended at once unless a write is in flight. */
  cancel(): void {
    this.#cancelled = true;
    this.#monitorTimer?.cancel();
    for (const slot of [...this.#active]) slot.cancel();
    for (const timer of [...this.#resting]) {
      timer.cancel();
      this.#resting.delete(timer);
      this.#workerEnds();
    }
    if (this.#workers === 0 && !this.#writing) this.#end();
  }

  /** A task of the service has changed. */
  taskChanged(task: Task): void {
    this.#makers.get(task.id)?.changed(task);
  }

  /** A task of the service was seen beyond running. */
  taskEnded(task: Task): void {
    if (this.#cancelled || this.#settings.failureAction === 'continue') return;
    if (this.#phase === 'draining') this.#unjudged.push(task);
    else if (this.#phase === 'dispatching') {
      if (this.#endsUpdate(task)) this.#phase = 'draining';
    } else if (this.#phase === 'monitoring' && this.#endsUpdate(task)) this.#monitored();
  }

  #begin(): void {
    const { parallelism } = this.#settings;
    const all = this.#slots.length;
    this.#workers = parallelism === 0 ? all : Math.min(parallelism, all);
    const workers = this.#workers;
    for (let worker = 0; worker < workers; worker += 1) this.#work();
  }

  #work(): void {
    const slot = this.#slots[this.#nextSlot];
    if (this.#cancelled || this.#phase !== 'dispatching' || slot === undefined) {
      this.#workerEnds();
      return;
    }
    this.#nextSlot += 1;
    if (this.#nextSlot === this.#slots.length) this.#phase = 'draining';
    const update = new SlotUpdate(this.#context(), slot, () => {
      this.#active.delete(update);
      this.#rest();
    });
    this.#active.add(update);
    update.start();
  }

  // Every worker rests after a slot, after its last one too.
  #rest(): void {
    if (this.#settings.delayMs === 0 || this.#cancelled) {
      this.#work();
      return;
    }
    const timer = this.#tools.ports.timers.after(this.#settings.delayMs, () => {
      this.#resting.delete(timer);
      this.#work();
    });
    this.#resting.add(timer);
  }

  #workerEnds(): void {
    this.#workers -= 1;
    if (this.#workers > 0) return;
    if (this.#cancelled || this.#stopped) this.#end();
    else this.#monitor();
  }

  #monitor(): void {
    const { delayMs } = this.#settings;
    if (delayMs >= this.#monitorMs) this.#monitorMs = delayMs + 1_000;
    this.#phase = 'monitoring';
    this.#monitorTimer = this.#tools.ports.timers.after(this.#monitorMs, () => {
      this.#complete();
    });
    for (const task of this.#unjudged.splice(0)) {
      if (!this.#endsUpdate(task)) continue;
      this.#monitored();
      return;
    }
  }

  #monitored(): void {
    this.#monitorTimer?.cancel();
    if (this.#stopped) this.#end();
    else this.#complete();
  }

  /** Counts a failure of a task of this update, once, and does what the failure action says when there are too many. */
  #endsUpdate(task: Task): boolean {
    const ranAt = this.#ranAt.get(task.id);
    if (ranAt === undefined || this.#failedTasks.has(task.id)) return false;
    if (ranAt !== null && this.#now() - ranAt > this.#monitorMs) return false;
    this.#failedTasks.add(task.id);
    // SwarmKit compares single-precision numbers.
    const ratio = Math.fround(this.#failedTasks.size / this.#slots.length);
    if (ratio <= Math.fround(this.#settings.maxFailureRatio)) return false;
    this.#act(task);
    return true;
  }

  // A rollback is never rolled back. It is paused, but not stopped: it goes on to be marked complete, as in SwarmKit.
  #act(task: Task): void {
    const cause = `due to failure or early termination of task ${task.id}`;
    const { id } = this.service;
    const rollback = this.#settings.failureAction === 'rollback';
    const inRollback = this.service.updateStatus?.state === 'rollback_started';
    this.#stopped = !(rollback && inRollback);
    this.#tools.writes.update((transaction) => {
      if (this.#cancelled) return;
      if (!rollback) pauseUpdate(transaction, id, `update paused ${cause}`);
      else if (inRollback) pauseUpdate(transaction, id, `rollback paused ${cause}`);
      else rollBackUpdate(transaction, id, `update rolled back ${cause}`);
    });
  }

  #complete(): void {
    this.#phase = 'over';
    this.#write(
      (transaction) => {
        completeUpdate(transaction, this.service.id, this.#now());
      },
      () => {
        this.#end();
      },
    );
  }

  #write(change: Change, next: () => void): void {
    this.#writing = true;
    this.#tools.writes.update(
      (transaction) => {
        if (!this.#cancelled) change(transaction);
      },
      (committed) => {
        this.#writing = false;
        if (committed && !this.#cancelled) next();
        else this.#end();
      },
    );
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#phase = 'over';
    this.#ended();
  }

  #context(): SlotUpdateContext {
    return {
      ...this.#tools,
      service: this.service,
      settings: this.#settings,
      made: (taskId, slot) => {
        this.#ranAt.set(taskId, null);
        this.#makers.set(taskId, slot);
      },
      ran: (taskId) => {
        this.#ranAt.set(taskId, this.#now());
        this.#makers.delete(taskId);
      },
    };
  }

  #isDirty(slot: Slot): boolean {
    const { read } = this.#tools.store;
    return isSlotDirty(this.service, slot, (task) => read.get('node', task.nodeId));
  }

  #now(): number {
    return this.#tools.ports.clock.now();
  }
}

import { isSwarmError, messageOf, type SwarmError } from '../../model/errors.ts';
import type { ContainerStatus, Task, TaskStatus } from '../../model/objects.ts';
import { failed, ok, type Result } from '../../model/result.ts';
import type { PortConfig } from '../../model/specs.ts';
import { compareStates } from '../../model/task-state.ts';
import { sameValue } from '../dispatcher/task-equality.ts';
import type { LogEvents, LogOptions } from '../logs/log-api.ts';
import type { Ports, Timer } from '../ports.ts';
import type { Stream } from '../session.ts';
import type { Controller } from './executor.ts';
import { nextStep, type Operation, type Step } from './task-steps.ts';

/** SwarmKit: a task whose call failed for a while, or was given up for a new desired state, goes on after 1 s. */
export const RETRY_MS = 1000;

/** What the task is doing. */
type Phase =
  | { readonly kind: 'resting' }
  | { readonly kind: 'calling'; readonly operation: Operation }
  | { readonly kind: 'pausing'; readonly timer: Timer }
  | { readonly kind: 'leaving' }
  | { readonly kind: 'closed' };

/** Where a task is started without anything being known of its container. */
const NO_CONTAINER: ContainerStatus = { containerId: '', pid: 0, exitCode: 0 };

/** What a call brought to light. */
interface Outcome {
  readonly container?: ContainerStatus;
  readonly ports?: readonly PortConfig[];
  /** The container's own end was not a good one. */
  readonly exitErr?: string;
}

/** Takes one task from state to state towards its desired state by driving its controller. Reports every change of its status. */
export class TaskRun {
  readonly #ports: Ports;
  readonly #controller: Controller | null;
  readonly #changed: (task: Task, status: TaskStatus) => void;
  #task: Task;
  #status: TaskStatus;
  #container: ContainerStatus | undefined;
  #phase: Phase = { kind: 'resting' };
  #updated = false;
  /** The removal that waits for a preparation which cannot be given up. */
  #afterPreparing: (() => void) | null = null;

  /** `makeController` may throw a SwarmError, which ends the task. Nothing runs before `begin`. */
  constructor(
    ports: Ports,
    task: Task,
    status: TaskStatus,
    makeController: () => Controller,
    changed: (task: Task, status: TaskStatus) => void,
  ) {
    this.#ports = ports;
    this.#task = task;
    this.#status = status;
    this.#container = status.container;
    this.#changed = changed;
    const controller = attempt(makeController);
    this.#controller = controller.ok ? controller.value : null;
    if (controller.ok) this.#accept();
    else this.#resolvingFailed(controller.error.message);
  }

  get task(): Task {
    return this.#task;
  }

  get status(): TaskStatus {
    return this.#status;
  }

  begin(): void {
    this.#pump();
  }

  /** What the container wrote; null where it cannot be read. */
  readLogs(options: LogOptions, events: LogEvents): Stream | null {
    return this.#controller?.logs?.(options, events) ?? null;
  }

  /** Takes the manager's newer version of the task. A lower desired state is refused, the status in it ignored: the agent's own is ahead. */
  update(task: Task): void {
    if (this.#isEnding() || asksNothingNew(task, this.#task)) return;
    if (compareStates(task.desiredState, this.#task.desiredState) < 0) {
      const message = `task ${task.id}: desired state ${task.desiredState} refused, it is ${this.#task.desiredState}`;
      this.#ports.log({ level: 'error', part: 'agent', message });
      return;
    }
    this.#task = task;
    this.#updated = true;
    if (this.#phase.kind === 'calling') this.#giveUp(this.#phase.operation);
    else this.#pump();
  }

  /**
   * Stops and removes the container, whatever the task was doing; `done` says whether it is gone. An engine that is busy is asked again, unless `once`: what
   * ends with the process does not wait for an engine that may have ended before it.
   */
  remove(done: (result: Result<null>) => void, once = false): void {
    const controller = this.#controller;
    const wasCalling = this.#phase.kind === 'calling' ? this.#phase.operation : null;
    this.#leavePhase({ kind: 'leaving' });
    if (controller === null) {
      done(ok(null));
      return;
    }
    const dismantle = (): void => {
      controller.shutdown(() => {
        this.#removeContainer(controller, done, once);
      });
    };
    // A container must not come to be after its removal, so what cannot be given up is waited for.
    if (wasCalling !== 'prepare') dismantle();
    else if (controller.cancel === undefined) this.#afterPreparing = dismantle;
    else {
      controller.cancel();
      dismantle();
    }
  }

  /** No more callbacks; the container is left as it is. */
  close(): void {
    this.#leavePhase({ kind: 'closed' });
    this.#controller?.close();
  }

  #removeContainer(
    controller: Controller,
    done: (result: Result<null>) => void,
    once: boolean,
  ): void {
    if (this.#phase.kind !== 'leaving') return;
    controller.remove((result) => {
      if (this.#phase.kind !== 'leaving') return;
      if (!once && !result.ok && isTemporary(result.error)) {
        this.#ports.timers.after(RETRY_MS, () => {
          this.#removeContainer(controller, done, once);
        });
        return;
      }
      this.close();
      done(result);
    });
  }

  #isEnding(): boolean {
    return this.#phase.kind === 'leaving' || this.#phase.kind === 'closed';
  }

  #leavePhase(next: Phase): void {
    if (this.#phase.kind === 'pausing') this.#phase.timer.cancel();
    this.#phase = next;
  }

  #pump(): void {
    const controller = this.#controller;
    if (controller === null || this.#isEnding()) return;
    this.#leavePhase({ kind: 'resting' });
    if (this.#updated) {
      this.#updated = false;
      controller.update(this.#task);
    }
    for (;;) {
      const step = nextStep(this.#status.state, this.#task.desiredState);
      if (step === null) return;
      if (step.operation !== null) {
        this.#call(controller, step, step.operation);
        return;
      }
      this.#enter(step);
    }
  }

  #call(controller: Controller, step: Step, operation: Operation): void {
    const phase: Phase = { kind: 'calling', operation };
    this.#phase = phase;
    const done = (result: Result<Outcome>): void => {
      if (this.#phase === phase) this.#finished(step, result);
      else if (operation === 'prepare') this.#afterPreparing?.();
    };
    switch (operation) {
      case 'prepare':
        controller.prepare((result) => {
          done(result.ok ? ok({ container: result.value }) : result);
        });
        return;
      case 'start':
        controller.start(done);
        return;
      case 'wait':
        controller.wait((result) => {
          if (!result.ok) done(result);
          else done(ok({ container: result.value.container, exitErr: result.value.err }));
        });
        return;
      case 'shutdown':
        controller.shutdown((result) => {
          if (!result.ok) done(result);
          else done(ok(result.value === null ? {} : { container: result.value }));
        });
    }
  }

  #finished(step: Step, result: Result<Outcome>): void {
    this.#phase = { kind: 'resting' };
    if (!result.ok) {
      this.#container = this.#controller?.lastStatus?.() ?? this.#container;
      this.#callFailed(result.error);
      return;
    }
    const { container, ports, exitErr = '' } = result.value;
    this.#container = container ?? this.#container;
    if (exitErr !== '') this.#fail(exitErr);
    else this.#enter(step, ports);
    this.#pump();
  }

  #callFailed(error: SwarmError): void {
    if (!isTemporary(error)) {
      this.#fail(error.message);
      this.#pump();
      return;
    }
    this.#set({ ...this.#status, err: error.message });
    this.#pause();
  }

  /** A call in flight no longer leads where the task shall go. */
  #giveUp(operation: Operation): void {
    // Preparing that cannot be given up goes on to its end, and the task with it.
    if (operation === 'prepare' && this.#controller?.cancel === undefined) return;
    this.#controller?.cancel?.();
    // SwarmKit: the wait that was given up leaves its exit code -1 to be seen until the real one is known.
    const container =
      operation === 'wait' && this.#container !== undefined
        ? { ...this.#container, exitCode: -1 }
        : this.#container;
    this.#container = container;
    this.#set(this.#status);
    this.#pause();
  }

  #pause(): void {
    const timer = this.#ports.timers.after(RETRY_MS, () => {
      this.#pump();
    });
    this.#leavePhase({ kind: 'pausing', timer });
  }

  #accept(): void {
    if (compareStates(this.#status.state, 'accepted') < 0)
      this.#status = this.#stamped({
        ...this.#status,
        state: 'accepted',
        message: 'accepted',
        err: '',
      });
  }

  #resolvingFailed(err: string): void {
    const { state } = this.#status;
    const message = 'resolving controller failed';
    if (compareStates(state, 'starting') < 0)
      this.#status = this.#stamped({ ...this.#status, state: 'rejected', message, err });
    else if (compareStates(state, 'running') <= 0)
      this.#status = this.#stamped({ ...this.#status, state: 'failed', message, err });
  }

  #enter(step: Step, ports?: readonly PortConfig[]): void {
    const { to: state, message } = step;
    this.#set({
      ...this.#status,
      state,
      message,
      err: '',
      ...(ports === undefined ? {} : { ports }),
    });
  }

  /** A task that was not started yet is rejected, any other has failed; the message stays that of its last step. */
  #fail(err: string): void {
    const early = compareStates(this.#status.state, 'starting') < 0;
    this.#set({ ...this.#status, state: early ? 'rejected' : 'failed', err });
  }

  /** The time changes only with something else; a container is shown from starting on. */
  #set(status: TaskStatus): void {
    const started = compareStates(status.state, 'starting') >= 0;
    const full = started ? { ...status, container: this.#container ?? NO_CONTAINER } : status;
    if (sameValue(full, this.#status)) return;
    this.#status = this.#stamped(full);
    this.#changed(this.#task, this.#status);
  }

  #stamped(status: TaskStatus): TaskStatus {
    return { ...status, timestamp: this.#ports.clock.now() };
  }
}

// A task's spec never changes, but it is spelt in two ways: a manager tells its own agent what the store holds, and others what came through the
// wire, which has no empty fields. Taking the spelling for an update would break off the wait for a running container at each change of leader.
const asksNothingNew = (now: Task, before: Task): boolean =>
  now.desiredState === before.desiredState && now.specVersion === before.specVersion;

const isTemporary = (error: SwarmError): boolean =>
  error.code === 'Unavailable' || error.code === 'DeadlineExceeded';

function attempt(makeController: () => Controller): Result<Controller> {
  try {
    return ok(makeController());
  } catch (caught) {
    if (isSwarmError(caught)) return failed(caught);
    throw new Error(`controller for a task: ${messageOf(caught)}`, { cause: caught });
  }
}

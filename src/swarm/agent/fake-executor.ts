/** A container engine that does what the test says, and the way from an agent to a dispatcher without a network. */
import { SwarmError } from '../../model/errors.ts';
import {
  taskName,
  type ContainerStatus,
  type NodeDescription,
  type Task,
} from '../../model/objects.ts';
import { failed, ok, type Done } from '../../model/result.ts';
import type {
  Caller,
  DispatcherApi,
  DispatcherClient,
  ManagerDialer,
  Sink,
  Stream,
  StreamEvents,
  WeightedPeer,
} from '../session.ts';
import { makeNode } from '../dispatcher/virtual-swarm.ts';
import type { ContainerExit, Controller, Dependencies, Executor } from './executor.ts';

type StartDone = Parameters<Controller['start']>[0];

/** One task's container. Calls that are held in `hold` wait until the test answers them; others go well at once. */
export class FakeController implements Controller {
  readonly calls: string[] = [];
  readonly dependencies: Dependencies;
  readonly waiting: Done<ContainerExit>[] = [];
  readonly preparing: Done<ContainerStatus>[] = [];
  readonly starting: StartDone[] = [];
  readonly cancel?: () => void;
  readonly #engine: FakeExecutor;
  readonly #task: Task;

  constructor(engine: FakeExecutor, task: Task, dependencies: Dependencies) {
    this.#engine = engine;
    this.#task = task;
    this.dependencies = dependencies;
    if (engine.cancellable) this.cancel = () => this.calls.push('cancel');
  }

  get container(): ContainerStatus {
    return { containerId: `c-${this.#task.id}`, pid: 1, exitCode: 0 };
  }

  prepare(done: Done<ContainerStatus>): void {
    this.calls.push('prepare');
    if (this.#engine.hold.has('prepare')) this.preparing.push(done);
    else done(ok(this.container));
  }

  start(done: StartDone): void {
    this.calls.push('start');
    this.#engine.running.add(this.#task.id);
    if (this.#engine.hold.has('start')) this.starting.push(done);
    else done(ok({ container: this.container, ports: [] }));
  }

  wait(done: Done<ContainerExit>): void {
    this.calls.push('wait');
    const { running, removed } = this.#engine;
    if (running.has(this.#task.id)) this.waiting.push(done);
    else if (removed.has(this.#task.id)) done(failed(gone(this.#task)));
    else done(ok(this.exit(255)));
  }

  shutdown(done: Done<ContainerStatus | null>): void {
    this.calls.push('shutdown');
    this.#engine.running.delete(this.#task.id);
    done(ok(this.container));
  }

  remove(done: Done<null>): void {
    this.calls.push('remove');
    const error = this.#engine.removeErrors.shift();
    if (error !== undefined) {
      done(failed(error));
      return;
    }
    this.#engine.removed.add(this.#task.id);
    done(ok(null));
  }

  update(task: Task): void {
    this.calls.push(`update ${task.desiredState}`);
  }

  close(): void {
    this.calls.push('close');
  }

  /** Ends the container from outside. */
  kill(code: number): void {
    this.#engine.running.delete(this.#task.id);
    for (const done of this.waiting.splice(0)) done(ok(this.exit(code)));
  }

  exit(code: number): ContainerExit {
    const err = code === 0 ? '' : `task: non-zero exit (${code})`;
    return { container: { ...this.container, pid: 0, exitCode: code }, err };
  }
}

/** An engine whose containers outlive the agent, as a real one's do. */
export class FakeExecutor implements Executor {
  readonly controllers = new Map<string, FakeController>();
  readonly running = new Set<string>();
  /** Tasks whose container is there no more, running or not. */
  readonly removed = new Set<string>();
  readonly hold = new Set<'prepare' | 'start'>();
  readonly removeErrors: SwarmError[] = [];
  cancellable = false;
  /** What `controller` throws, for a spec that is impossible. */
  refusal: SwarmError | null = null;
  description: NodeDescription;
  engineRestarted: () => void = () => undefined;

  constructor(hostname: string) {
    this.description = makeNode(hostname).description;
  }

  describe(done: Done<NodeDescription>): void {
    done(ok(this.description));
  }

  controller(task: Task, dependencies: Dependencies): Controller {
    if (this.refusal !== null) throw this.refusal;
    const controller = new FakeController(this, task, dependencies);
    this.controllers.set(task.id, controller);
    return controller;
  }

  knownTasks(done: Done<readonly string[]>): void {
    done(ok([...this.running]));
  }

  onEngineRestart(callback: (error: SwarmError | null) => void): void {
    this.engineRestarted = () => {
      callback(null);
    };
  }

  of(id: string): FakeController {
    const controller = this.controllers.get(id);
    if (controller === undefined) throw new Error(`no controller for ${id}`);
    return controller;
  }
}

/** Calls a dispatcher directly. While a manager is cut off its calls fail and its streams break. */
export class DirectDialer implements ManagerDialer {
  readonly dialled: string[] = [];
  readonly cut = new Set<string>();
  /** Managers whose machines are gone: what is sent there is swallowed, and nothing comes back. */
  readonly silent = new Set<string>();
  readonly #managers: ReadonlyMap<string, DispatcherApi>;
  readonly #caller: Caller;
  readonly #breaks = new Set<{ readonly manager: string; readonly end: () => void }>();

  constructor(caller: Caller, managers: ReadonlyMap<string, DispatcherApi>) {
    this.#caller = caller;
    this.#managers = managers;
  }

  /** Breaks what is open to the manager and refuses what is new. */
  cutOff(manager: string): void {
    this.cut.add(manager);
    for (const open of [...this.#breaks]) if (open.manager === manager) open.end();
  }

  dial(peer: WeightedPeer): DispatcherClient {
    this.dialled.push(peer.nodeId);
    return this.client(peer.nodeId);
  }

  client(manager: string): DispatcherClient {
    const api = this.#managers.get(manager);
    const reached = (): DispatcherApi | null =>
      this.cut.has(manager) || api === undefined ? null : api;
    return {
      session: (request, events) =>
        this.#stream(manager, events, (sink) => reached()?.session(this.#caller, request, sink)),
      assignments: (sessionId, events) =>
        this.#stream(manager, events, (sink) =>
          reached()?.assignments(this.#caller, sessionId, sink),
        ),
      heartbeat: (sessionId, done) => {
        const target = reached();
        if (target === null) done(failed(unreachable()));
        else target.heartbeat(this.#caller, sessionId, done);
      },
      updateTaskStatus: (sessionId, updates, done) => {
        const target = reached();
        if (target === null) done(failed(unreachable()));
        else target.updateTaskStatus(this.#caller, sessionId, updates, done);
      },
      close: () => undefined,
    };
  }

  #stream<T>(manager: string, events: StreamEvents<T>, open: (sink: Sink<T>) => void): Stream {
    let closed = false;
    let left: () => void = () => undefined;
    const end = (error: SwarmError | null): void => {
      if (closed) return;
      closed = true;
      this.#breaks.delete(broken);
      events.end(error);
    };
    const broken = {
      manager,
      end: () => {
        left();
        end(unreachable());
      },
    };
    this.#breaks.add(broken);
    if (this.cut.has(manager)) broken.end();
    else if (!this.silent.has(manager))
      open({
        send: (message) => {
          if (!closed) events.message(message);
        },
        end,
        onClose: (callback) => {
          left = callback;
        },
      });
    return {
      close: () => {
        if (closed) return;
        closed = true;
        this.#breaks.delete(broken);
        left();
      },
    };
  }
}

const gone = (task: Task): SwarmError =>
  new SwarmError('NotFound', `No such container: ${taskName(task)}`);

const unreachable = (): SwarmError => new SwarmError('Unavailable', 'connection refused');

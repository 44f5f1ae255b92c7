import { isSwarmError, SwarmError } from '../model/errors.ts';
import { taskName, type ContainerStatus, type Task } from '../model/objects.ts';
import { failed, ok, type Done, type Result } from '../model/result.ts';
import type { PortConfig } from '../model/specs.ts';
import { NANOSECONDS_PER_MS } from '../model/time.ts';
import type { ContainerExit, Controller, Dependencies } from '../swarm/agent/executor.ts';
import { taskFiles } from '../swarm/agent/task-files.ts';
import type { LogEntry, LogEvents, LogOptions } from '../swarm/logs/log-api.ts';
import type { Stream } from '../swarm/session.ts';
import type { SimulatedContainer } from './container.ts';

/** What a controller asks of its engine. Every answer comes later, or never when the daemon that asked is dead. */
export interface EngineCalls {
  find(name: string): SimulatedContainer | null;
  /** `done` gets the engine's refusal, or null. */
  provideImage(image: string, done: (refused: SwarmError | null) => void): void;
  create(task: Task): SimulatedContainer;
  remove(container: SimulatedContainer): void;
  /** Answers after the time that such a call takes; Unavailable while the engine is down. */
  call<T>(kind: 'create' | 'start' | 'look' | 'remove', work: () => Result<T>, done: Done<T>): void;
  /** Calls back when the engine goes down, for whoever waits on it; the answer ends that. */
  onDown(callback: (error: SwarmError) => void): () => void;
}

type StartDone = Parameters<Controller['start']>[0];

/** One task's container on a simulated engine, driven as `host/engine` drives a real one, with the same texts. */
export class SimulatedController implements Controller {
  readonly #engine: EngineCalls;
  readonly #dependencies: Dependencies;
  readonly #name: string;
  #task: Task;
  #isClosed = false;
  #isUnhealthy = false;
  #last: ContainerStatus | null = null;

  constructor(task: Task, dependencies: Dependencies, engine: EngineCalls) {
    this.#task = task;
    this.#dependencies = dependencies;
    this.#name = taskName(task);
    this.#engine = engine;
  }

  prepare(answer: Done<ContainerStatus>): void {
    const done = this.#unlessClosed(answer);
    const known = this.#engine.find(this.#name);
    if (known !== null) {
      this.#engine.call('look', () => ok(this.#seen(known)), done);
      return;
    }
    const source = missingSource(this.#task);
    if (source !== null) {
      this.#engine.call('look', () => failed(noSource(source)), done);
      return;
    }
    this.#engine.provideImage(this.#task.spec.ContainerSpec?.Image ?? '', (refused) => {
      if (refused !== null) done(failed(refused));
      else this.#engine.call('create', () => ok(this.#seen(this.#engine.create(this.#task))), done);
    });
  }

  start(answer: StartDone): void {
    const done = this.#unlessClosed(answer);
    const start = (): Result<SimulatedContainer> => {
      const container = this.#engine.find(this.#name);
      if (container === null) return failed(this.#startFailed(this.#gone().message));
      const refused = this.#giveFiles(container);
      if (refused !== null) return failed(refused);
      if (container.start()) return ok(container);
      this.#seen(container);
      return failed(this.#startFailed(container.error));
    };
    this.#engine.call('start', start, (result) => {
      if (!result.ok) done(result);
      else this.#awaitHealthy(result.value, done);
    });
  }

  wait(answer: Done<ContainerExit>): void {
    const done = this.#unlessClosed(answer);
    const container = this.#engine.find(this.#name);
    if (container === null) {
      this.#engine.call('look', () => failed(this.#gone()), done);
      return;
    }
    this.#watch(container, done, () => {
      if (container.isUp) this.#stopUnhealthy(container);
      else return ok(this.#exit(container));
      return null;
    });
  }

  shutdown(answer: Done<ContainerStatus | null>): void {
    const done = this.#unlessClosed(answer);
    const container = this.#engine.find(this.#name);
    if (container === null) {
      this.#engine.call('look', () => ok(null), done);
      return;
    }
    this.#engine.call(
      'look',
      () => {
        container.stop(this.#graceMs());
        return ok(null);
      },
      (asked) => {
        if (!asked.ok) done(asked);
        else
          this.#watch(container, done, () => (container.isUp ? null : ok(this.#seen(container))));
      },
    );
  }

  remove(answer: Done<null>): void {
    const removed = (): Result<null> => {
      const container = this.#engine.find(this.#name);
      if (container !== null) this.#engine.remove(container);
      return ok(null);
    };
    this.#engine.call('remove', removed, this.#unlessClosed(answer));
  }

  logs(options: LogOptions, events: LogEvents): Stream {
    const container = this.#engine.find(this.#name);
    const found = (): Result<readonly LogEntry[]> =>
      container === null ? failed(this.#gone()) : ok(wanted(container.output, options));
    let isClosed = false;
    this.#engine.call('look', found, (result) => {
      if (isClosed) return;
      if (!result.ok) events.end(result.error);
      else
        events.entries(result.value, () => {
          events.end(null);
        });
    });
    return {
      close: () => {
        isClosed = true;
      },
    };
  }

  update(task: Task): void {
    this.#task = task;
  }

  lastStatus(): ContainerStatus | null {
    return this.#last;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** One that is up has what it needs from the process that started it. */
  #giveFiles(container: SimulatedContainer): SwarmError | null {
    if (container.isUp) return null;
    try {
      container.files = taskFiles(this.#task, this.#dependencies);
      return null;
    } catch (caught) {
      if (isSwarmError(caught)) return caught;
      throw caught;
    }
  }

  #awaitHealthy(container: SimulatedContainer, done: StartDone): void {
    this.#watch(container, done, () => {
      this.#stopUnhealthy(container);
      const { isUp, health, exitCode } = container;
      if (!isUp && health !== 'none' && exitCode !== 0) {
        this.#last = { ...statusOf(container), exitCode };
        return failed(new SwarmError('Unknown', this.#exitText(exitCode)));
      }
      if (isUp && (health === 'starting' || health === 'unhealthy')) return null;
      return ok({ container: this.#seen(container), ports: hostPorts(this.#task) });
    });
  }

  /** Looks now and at every change, until there is something to answer or the engine goes down. */
  #watch<T>(container: SimulatedContainer, done: Done<T>, look: () => Result<T> | null): void {
    let isOver = false;
    const settle = (result: Result<T>): void => {
      if (isOver) return;
      isOver = true;
      unwatch();
      unwatchEngine();
      this.#engine.call('look', () => result, done);
    };
    const again = (): void => {
      const result = look();
      if (result !== null) settle(result);
    };
    const unwatch = container.watch(again);
    const unwatchEngine = this.#engine.onDown((error) => {
      if (isOver) return;
      isOver = true;
      unwatch();
      unwatchEngine();
      done(failed(error));
    });
    again();
  }

  #stopUnhealthy(container: SimulatedContainer): void {
    if (container.health !== 'unhealthy' || this.#isUnhealthy) return;
    this.#isUnhealthy = true;
    container.stop(this.#graceMs());
  }

  #exit(container: SimulatedContainer): ContainerExit {
    const { exitCode: code, error } = container;
    return {
      container: this.#seen(container),
      err: code === 0 && !this.#isUnhealthy ? '' : this.#exitText(code, error),
    };
  }

  #exitText(code: number, cause = ''): string {
    const why = this.#isUnhealthy ? 'dockerexec: unhealthy container' : cause;
    return `task: non-zero exit (${code})${why === '' ? '' : `: ${why}`}`;
  }

  #startFailed(why: string): SwarmError {
    return new SwarmError('Unknown', `starting container failed: ${why}`);
  }

  #gone(): SwarmError {
    return new SwarmError('NotFound', `No such container: ${this.#name}`);
  }

  #seen(container: SimulatedContainer): ContainerStatus {
    this.#last = statusOf(container);
    return this.#last;
  }

  /** In whole seconds, as the engine takes it. */
  #graceMs(): number | undefined {
    const grace = this.#task.spec.ContainerSpec?.StopGracePeriod;
    return grace === undefined ? undefined : Math.floor(grace / NANOSECONDS_PER_MS / 1000) * 1000;
  }

  #unlessClosed<T>(done: Done<T>): Done<T> {
    return (result) => {
      if (!this.#isClosed) done(result);
    };
  }
}

/** A bind's source that no machine has: what is under /nowhere. */
const missingSource = (task: Task): string | null =>
  task.spec.ContainerSpec?.Mounts?.find(
    ({ Type, Source }) => Type === 'bind' && Source?.startsWith('/nowhere') === true,
  )?.Source ?? null;

// Engine 26.1's words (reference/measured.md).
const noSource = (source: string): SwarmError =>
  new SwarmError(
    'InvalidArgument',
    `invalid mount config for type "bind": bind source path does not exist: ${source}`,
  );

/** Nothing is written after the start, so following waits for nothing. */
const wanted = (output: readonly LogEntry[], { streams }: LogOptions): readonly LogEntry[] =>
  output.filter(({ stream }) => streams.length === 0 || streams.includes(stream));

const statusOf = ({ id, pid, exitCode }: SimulatedContainer): ContainerStatus => ({
  containerId: id,
  pid,
  exitCode,
});

/** Where an engine's own choice of a port begins. */
const FIRST_FREE_PORT = 32_768;

function hostPorts(task: Task): readonly PortConfig[] {
  const ports = task.endpoint?.ports ?? task.endpoint?.spec?.Ports ?? [];
  return ports
    .filter((port) => port.PublishMode === 'host')
    .map((port, at) => ({
      Protocol: port.Protocol ?? 'tcp',
      TargetPort: port.TargetPort ?? 0,
      PublishedPort: (port.PublishedPort ?? 0) || FIRST_FREE_PORT + at,
      PublishMode: 'host',
    }));
}

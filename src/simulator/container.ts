import type { Task } from '../model/objects.ts';
import { taskName } from '../model/objects.ts';
import { encodeUtf8 } from '../model/utf8.ts';
import type { TaskFile } from '../swarm/agent/task-files.ts';
import type { Clock, Timer, Timers } from '../swarm/ports.ts';
import type { LogEntry } from '../swarm/logs/log-api.ts';
import { greetingOf, type Behaviour } from './image.ts';

export type ContainerState = 'created' | 'running' | 'paused' | 'exited';
export type Health = 'none' | 'starting' | 'healthy' | 'unhealthy';

const SIGKILL_CODE = 137;
/** Docker: SIGTERM, and SIGKILL after 10 s. */
const STOP_GRACE_MS = 10_000;

export interface ContainerWorld {
  readonly clock: Clock;
  readonly timers: Timers;
  /** How long a process takes to end when it is told to. */
  readonly endMs: number;
  readonly pid: number;
  ended(container: SimulatedContainer): void;
}

/** One container on a simulated engine. It outlives the daemon, not the power. */
export class SimulatedContainer {
  readonly id: string;
  readonly name: string;
  readonly task: Task;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Wall clock of the machine, in ms; 0 while it has not happened. */
  readonly createdAt: number;
  startedAt = 0;
  finishedAt = 0;
  exitCode = 0;
  /** The engine's words for a start that failed. */
  error = '';
  health: Health;
  /** What it wrote so far, by line. */
  readonly output: LogEntry[] = [];
  /** What it sees of secrets and configs while it runs. */
  files: readonly TaskFile[] = [];
  readonly #world: ContainerWorld;
  readonly #behaviour: Behaviour;
  readonly #watchers = new Set<() => void>();
  readonly #timers = new Set<Timer>();
  #state: ContainerState = 'created';
  /** What came due while it was paused. */
  #owed: (() => void)[] = [];

  constructor(id: string, task: Task, behaviour: Behaviour, world: ContainerWorld) {
    this.id = id;
    this.name = taskName(task);
    this.task = task;
    this.image = task.spec.ContainerSpec?.Image ?? '';
    this.labels = { ...task.spec.ContainerSpec?.Labels, ...systemLabels(task) };
    this.createdAt = world.clock.now();
    this.health = behaviour.health === null ? 'none' : 'starting';
    this.#behaviour = behaviour;
    this.#world = world;
  }

  get state(): ContainerState {
    return this.#state;
  }

  get isUp(): boolean {
    return this.#state === 'running' || this.#state === 'paused';
  }

  get pid(): number {
    return this.isUp ? this.#world.pid : 0;
  }

  /** Calls back at each change of state or health; the answer ends that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** False where it cannot be started; `error` says why. */
  start(): boolean {
    if (this.isUp) return true;
    const { startError, exit, health } = this.#behaviour;
    if (startError !== null) {
      this.error = startError.text;
      this.exitCode = startError.code;
      return false;
    }
    this.#state = 'running';
    this.startedAt = this.#world.clock.now();
    this.exitCode = 0;
    this.#say();
    if (health !== null) {
      this.health = 'starting';
      this.#check(0);
    }
    if (exit !== null)
      this.#later(exit.afterMs, () => {
        this.end(exit.code);
      });
    this.#tell();
    return true;
  }

  /** What the lab's workloads write when they start (fixtures/workload); other images are taken to be silent. */
  #say(): void {
    const said = greetingOf(this.task, this.id);
    if (said === '') return;
    const now = this.#world.clock.now();
    const time = { seconds: Math.floor(now / 1000), nanoseconds: (now % 1000) * 1_000_000 };
    const data = Uint8Array.from(encodeUtf8(`${said}\n`));
    this.output.push({ time, stream: 'stdout', data, attributes: [] });
  }

  /** SIGTERM, and SIGKILL when the grace period is over. */
  stop(graceMs = STOP_GRACE_MS): void {
    if (!this.isUp) return;
    if (!this.#behaviour.ignoresTerm)
      this.#later(this.#world.endMs, () => {
        this.end(0);
      });
    // Not held up by a pause: what cannot hear SIGTERM is killed.
    const timer = this.#world.timers.after(graceMs, () => {
      this.end(SIGKILL_CODE);
    });
    this.#timers.add(timer);
  }

  kill(): void {
    this.end(SIGKILL_CODE);
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  unpause(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    for (const owed of this.#owed.splice(0)) owed();
  }

  /** Ends, whoever or whatever ended it; twice is once. */
  end(code: number): void {
    if (!this.isUp) return;
    this.#state = 'exited';
    this.exitCode = code;
    this.finishedAt = this.#world.clock.now();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#owed = [];
    this.#world.ended(this);
    this.#tell();
  }

  #check(failures: number): void {
    const { health } = this.#behaviour;
    if (health === null) return;
    this.#later(health.intervalMs, () => {
      const failed = health.passes ? 0 : failures + 1;
      const before = this.health;
      if (health.passes) this.health = 'healthy';
      else if (failed >= health.retries) this.health = 'unhealthy';
      if (this.health !== before) this.#tell();
      // One that passes once passes always, and an unhealthy one stays so: nothing more would be seen.
      if (this.isUp && this.health === 'starting') this.#check(failed);
    });
  }

  #later(delayMs: number, work: () => void): void {
    const timer = this.#world.timers.after(delayMs, () => {
      this.#timers.delete(timer);
      if (this.#state === 'paused') this.#owed.push(work);
      else if (this.#state === 'running') work();
    });
    this.#timers.add(timer);
  }

  #tell(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** What Swarm's containers carry (moby: daemon/cluster/executor/container). */
const systemLabels = (task: Task): Record<string, string> => ({
  'com.docker.swarm.task': '',
  'com.docker.swarm.task.id': task.id,
  'com.docker.swarm.task.name': taskName(task),
  'com.docker.swarm.node.id': task.nodeId,
  'com.docker.swarm.service.id': task.serviceId,
  'com.docker.swarm.service.name': task.serviceName,
});

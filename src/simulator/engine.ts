import { SwarmError } from '../model/errors.ts';
import type { NodeDescription, Task } from '../model/objects.ts';
import type { Random } from '../model/random.ts';
import { failed, ok, type Done } from '../model/result.ts';
import type { Executor } from '../swarm/agent/executor.ts';
import { SimulatedController, type EngineCalls } from './container-controller.ts';
import { SimulatedContainer } from './container.ts';
import { behaviourOf, isMissing } from './image.ts';
import type { MachineTime } from './machine-time.ts';

/** Docker: what is found ended after its engine died reads so. */
const UNKNOWN_END = 255;
const ID_DIGITS = 64;
/** A dockerd that goes down gives its containers so long. */
const ENGINE_STOP_MS = 10_000;

/** How long an engine's calls take, in ms; each is drawn up to half as long again. */
export interface EngineTimes {
  create: number;
  start: number;
  look: number;
  remove: number;
  /** From SIGTERM to the end of a process that heeds it. */
  end: number;
  /** Of an image that the engine has not; 0: it has them all. */
  pull: number;
}

/** A process of the daemon, as its engine sees it. */
export interface EngineUser {
  /** Runs while the process lives and its machine is not frozen. */
  run(work: () => void): void;
}

/** a machine's container engine. Containers outlive the daemon's process; a power failure ends them. */
export class SimulatedEngine {
  readonly times: EngineTimes = { create: 60, start: 200, look: 1, remove: 40, end: 30, pull: 0 };
  /** Ids of the tasks whose container runs. */
  readonly running = new Set<string>();
  /** What a registry answers to every pull; null for the image. */
  pullFailure: string | null = null;
  description: NodeDescription;
  readonly #time: MachineTime;
  readonly #random: Random;
  readonly #byName = new Map<string, SimulatedContainer>();
  readonly #pulled = new Set<string>();
  readonly #watchers = new Set<() => void>();
  readonly #downWatchers = new Set<(error: SwarmError) => void>();
  #isUp = true;
  #lastPid = 1000;
  #restarted: () => void = () => undefined;

  constructor(hostname: string, time: MachineTime, random: Random) {
    this.#time = time;
    this.#random = random;
    this.description = {
      hostname,
      platform: { Architecture: 'x86_64', OS: 'linux' },
      resources: { nanoCpus: 4e9, memoryBytes: 8e9, generic: [] },
      engine: { version: '26.1.5', labels: {}, plugins: [] },
    };
  }

  /** All of them, running or not, in the order they were made. */
  get containers(): readonly SimulatedContainer[] {
    return [...this.#byName.values()];
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** By task id, container id or name; undefined where there is none. */
  container(reference: string): SimulatedContainer | undefined {
    const named = this.#byName.get(reference);
    if (named !== undefined) return named;
    return this.containers.find(({ id, task }) => id === reference || task.id === reference);
  }

  /** Calls back whenever a container comes, goes or changes; the answer ends that. */
  onContainers(callback: () => void): () => void {
    this.#watchers.add(callback);
    return () => this.#watchers.delete(callback);
  }

  /** Removes a container behind the swarm's back; one that runs is killed. */
  remove(container: SimulatedContainer): void {
    this.#byName.delete(container.name);
    container.kill();
    this.#tell();
  }

  /** The power fails, or everything on the machine is killed. */
  losePower(): void {
    this.#isUp = true;
    for (const container of this.#byName.values()) container.end(UNKNOWN_END);
    this.#downWatchers.clear();
  }

  /** dockerd ends, its containers with it, and is back after `downMs`. The daemon of the swarm goes on. */
  restart(downMs = 2000): void {
    if (!this.#isUp) return;
    this.stop();
    this.#time.after(downMs, () => {
      this.begin();
    });
  }

  /** dockerd ends: each container is told to, and then killed. */
  stop(): void {
    this.#isUp = false;
    for (const container of this.#byName.values()) container.stop(ENGINE_STOP_MS);
    const watchers = [...this.#downWatchers];
    this.#downWatchers.clear();
    for (const watcher of watchers) watcher(hungUp());
  }

  /** dockerd is back; what it finds ended, ended. */
  begin(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    for (const container of this.#byName.values()) container.kill();
    this.#restarted();
  }

  /** It has no images any more: every first use of one is a pull. */
  forgetImages(): void {
    this.#pulled.clear();
  }

  /** The engine as one process of the daemon uses it. */
  executor(user: EngineUser): Executor {
    const calls = this.#calls(user);
    return {
      describe: (done) => {
        calls.call('look', () => ok(this.description), done);
      },
      controller: (task, dependencies) => new SimulatedController(task, dependencies, calls),
      knownTasks: (done) => {
        const known = (): readonly string[] => this.containers.map(({ task }) => task.id);
        calls.call('look', () => ok(known()), done);
      },
      onEngineRestart: (callback) => {
        this.#restarted = () => {
          user.run(() => {
            callback(null);
          });
        };
      },
    };
  }

  /** Removes what was made for this node. */
  removeContainers(user: EngineUser, nodeId: string, done: Done<null>): void {
    const removed = (): ReturnType<typeof ok<null>> => {
      for (const container of this.containers)
        if (container.task.nodeId === nodeId) this.remove(container);
      return ok(null);
    };
    this.#calls(user).call('remove', removed, done);
  }

  #calls(user: EngineUser): EngineCalls {
    const after = (delayMs: number, work: () => void): void => {
      this.#time.after(delayMs, () => {
        user.run(work);
      });
    };
    return {
      find: (name) => this.#byName.get(name) ?? null,
      provideImage: (image, done) => {
        this.#provideImage(image, after, done);
      },
      create: (task) => this.#create(task),
      remove: (container) => {
        this.remove(container);
      },
      call: (kind, work, done) => {
        after(this.#took(this.times[kind]), () => {
          done(this.#isUp ? work() : failed(unreachable()));
        });
      },
      onDown: (callback) => {
        const watcher = (error: SwarmError): void => {
          after(0, () => {
            callback(error);
          });
        };
        this.#downWatchers.add(watcher);
        return () => this.#downWatchers.delete(watcher);
      },
    };
  }

  #provideImage(
    image: string,
    after: (delayMs: number, work: () => void) => void,
    done: (refused: SwarmError | null) => void,
  ): void {
    const mustPull = isMissing(image) || (this.times.pull > 0 && !this.#pulled.has(image));
    if (!mustPull) {
      done(null);
      return;
    }
    after(this.#took(this.times.pull), () => {
      if (!this.#isUp) done(unreachable());
      else if (isMissing(image)) done(new SwarmError('NotFound', `No such image: ${image}`));
      else if (this.pullFailure !== null) done(new SwarmError('Unknown', this.pullFailure));
      else {
        this.#pulled.add(image);
        done(null);
      }
    });
  }

  #create(task: Task): SimulatedContainer {
    this.#lastPid += 1;
    const container = new SimulatedContainer(
      this.#drawId(),
      task,
      behaviourOf(task.spec.ContainerSpec ?? { Image: '' }),
      {
        clock: this.#time,
        timers: this.#time,
        endMs: this.#took(this.times.end),
        pid: this.#lastPid,
        ended: (ended) => {
          ended.files = [];
          this.running.delete(ended.task.id);
        },
      },
    );
    container.watch(() => {
      if (container.isUp) this.running.add(task.id);
      this.#tell();
    });
    this.#byName.set(container.name, container);
    this.#tell();
    return container;
  }

  #tell(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #took(ms: number): number {
    return ms <= 1 ? ms : this.#random.between(ms, ms * 1.5);
  }

  #drawId(): string {
    let id = '';
    while (id.length < ID_DIGITS) id += this.#random.below(0x1_0000).toString(16).padStart(4, '0');
    return id;
  }
}

// What a client of dockerd is told, in flight and afterwards.
const hungUp = (): SwarmError => new SwarmError('Unavailable', 'socket hang up');
const unreachable = (): SwarmError =>
  new SwarmError('Unavailable', 'connect ECONNREFUSED /run/dockerd-engine.sock');

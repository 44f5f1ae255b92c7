import type Dockerode from 'dockerode';
import type { NodeDescription, Task } from '../../model/objects.ts';
import type { GenericResource } from '../../model/specs.ts';
import { failed, ok, type Done } from '../../model/result.ts';
import type { Controller, Dependencies, Executor } from '../../swarm/agent/executor.ts';
import type { SwarmError } from '../../model/errors.ts';
import { containerConfig } from './container-config.ts';
import { ContainerController } from './container-controller.ts';
import { DependencyFiles } from './dependency-files.ts';
import { engineError, statusOf } from './engine-error.ts';
import { HealthEvents } from './health-events.ts';
import { ImageLookups } from './image-lookups.ts';

/** What `/info` says, as far as Swarm describes a node by it. */
interface EngineInfo {
  readonly Name: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly Architecture: string;
  readonly OSType: string;
  readonly ServerVersion: string;
  readonly Labels?: readonly string[] | null;
  readonly GenericResources?: readonly GenericResource[] | null;
  readonly Plugins?: Readonly<Record<'Volume' | 'Network' | 'Log', readonly string[] | null>>;
}

const TASK_LABEL = 'com.docker.swarm.task.id';
const NODE_LABEL = 'com.docker.swarm.node.id';

/** The node's own dockerd as the agent's executor. */
export class EngineExecutor implements Executor {
  readonly #docker: Dockerode;
  readonly #health: HealthEvents;
  readonly #files: DependencyFiles;
  readonly #images: ImageLookups;
  readonly #log: (message: string) => void;
  #description: NodeDescription | undefined;

  /** `filesRoot` is a folder of this daemon's own for secrets and configs, in memory or to be. */
  constructor(docker: Dockerode, filesRoot: string, log: (message: string) => void) {
    this.#docker = docker;
    this.#files = new DependencyFiles(filesRoot);
    this.#health = new HealthEvents(docker, log);
    this.#images = new ImageLookups(docker);
    this.#log = log;
  }

  describe(done: Done<NodeDescription>): void {
    (this.#docker.info() as Promise<EngineInfo>).then(
      (info) => {
        this.#description = describe(info);
        done(ok(this.#description));
      },
      (caught: unknown) => {
        done(failed(engineError(caught)));
      },
    );
  }

  controller(task: Task, dependencies: Dependencies): Controller {
    // A spec that no container can be made of is refused here, before anything is prepared (moby: newContainerAdapter).
    containerConfig(task, this.#description);
    return new ContainerController(task, {
      docker: this.#docker,
      health: this.#health,
      preferOfflineImage: process.env['DOCKER_SERVICE_PREFER_OFFLINE_IMAGE'] === '1',
      warn: this.#log,
      images: this.#images,
      describe: () => this.#description,
      files: this.#files,
      dependencies,
    });
  }

  knownTasks(done: Done<readonly string[]>): void {
    this.#taskIds().then(
      (ids) => {
        done(ok(ids));
      },
      (caught: unknown) => {
        done(failed(engineError(caught)));
      },
    );
  }

  /** Removes files that a process before this one left for tasks without a container. */
  async removeStrayFiles(): Promise<void> {
    await this.#files.keepOnly(await this.#taskIds());
  }

  onEngineRestart(callback: (error: SwarmError | null) => void): void {
    this.#restarted = callback;
  }

  /** Removes every container that was made for this node. */
  removeContainers(nodeId: string, done: Done<null>): void {
    this.#removeAll(nodeId).then(
      () => {
        done(ok(null));
      },
      (caught: unknown) => {
        done(failed(engineError(caught)));
      },
    );
  }

  close(): void {
    this.#health.close();
  }

  #restarted: (error: SwarmError | null) => void = () => undefined;

  async #taskIds(): Promise<readonly string[]> {
    const filters = { label: [TASK_LABEL] };
    const containers = await this.#docker.listContainers({ all: true, filters });
    return containers.map((container) => container.Labels[TASK_LABEL] ?? '');
  }

  async #removeAll(nodeId: string): Promise<void> {
    const label = [`${NODE_LABEL}=${nodeId}`];
    const containers = await this.#docker.listContainers({ all: true, filters: { label } });
    await Promise.all(
      containers.map(async (container) => {
        try {
          await this.#docker.getContainer(container.Id).remove({ force: true, v: true });
        } catch (caught) {
          if (statusOf(caught) !== 404) throw caught;
        }
      }),
    );
    await this.removeStrayFiles();
  }
}

function describe(info: EngineInfo): NodeDescription {
  const plugins = Object.entries(info.Plugins ?? {}).flatMap(([Type, names]) =>
    (names ?? []).map((Name) => ({ Type, Name })),
  );
  plugins.sort((a, b) => (a.Type + a.Name < b.Type + b.Name ? -1 : 1));
  return {
    hostname: info.Name,
    platform: { Architecture: info.Architecture, OS: info.OSType },
    resources: {
      nanoCpus: info.NCPU * 1_000_000_000,
      memoryBytes: info.MemTotal,
      generic: info.GenericResources ?? [],
    },
    engine: {
      version: info.ServerVersion,
      labels: Object.fromEntries((info.Labels ?? []).map((label) => splitLabel(label))),
      plugins,
    },
  };
}

function splitLabel(label: string): [string, string] {
  const at = label.indexOf('=');
  return at < 0 ? [label, ''] : [label.slice(0, at), label.slice(at + 1)];
}

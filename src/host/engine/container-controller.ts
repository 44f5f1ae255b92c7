import type Dockerode from 'dockerode';
import type { Container, ContainerInspectInfo } from 'dockerode';
import { isSwarmError, SwarmError } from '../../model/errors.ts';
import {
  taskName,
  type ContainerStatus,
  type NodeDescription,
  type Task,
} from '../../model/objects.ts';
import type { PortConfig } from '../../model/specs.ts';
import { failed, ok, type Done } from '../../model/result.ts';
import type { ContainerExit, Controller, Dependencies } from '../../swarm/agent/executor.ts';
import { filePlaces, taskFiles } from '../../swarm/agent/task-files.ts';
import type { LogEvents, LogOptions } from '../../swarm/logs/log-api.ts';
import type { Stream } from '../../swarm/session.ts';
import { checkBindSources } from './bind-sources.ts';
import { containerConfig, fileMount, stopSeconds } from './container-config.ts';
import { readContainerLogs } from './container-logs.ts';
import type { DependencyFiles } from './dependency-files.ts';
import { engineError, engineMessage, statusOf } from './engine-error.ts';
import type { HealthEvents } from './health-events.ts';
import type { ImageLookups } from './image-lookups.ts';

export interface ControllerOptions {
  readonly docker: Dockerode;
  readonly health: HealthEvents;
  /** Whether no registry is ever asked for an image (moby: DOCKER_SERVICE_PREFER_OFFLINE_IMAGE). */
  readonly preferOfflineImage: boolean;
  readonly warn: (message: string) => void;
  readonly images: ImageLookups;
  describe(): NodeDescription | undefined;
  readonly files: DependencyFiles;
  readonly dependencies: Dependencies;
}

/** One task's container on the engine. Container names are the tasks', so a controller of a new process finds the old container. */
export class ContainerController implements Controller {
  readonly #options: ControllerOptions;
  readonly #name: string;
  #task: Task;
  #closed = false;
  #unhealthy = false;
  /** Whether we made the container ourselves and have not started it yet: then nobody has to be asked what became of it. */
  #isFresh = false;
  #last: ContainerStatus | null = null;

  constructor(task: Task, options: ControllerOptions) {
    this.#task = task;
    this.#options = options;
    this.#name = taskName(task);
  }

  prepare(done: Done<ContainerStatus>): void {
    this.#answer(async () => {
      const config = containerConfig(this.#task, this.#options.describe());
      // One that a process before this one made has its files already; where there are none, dockerd's refusal to make another says enough.
      const known = filePlaces(this.#task).length > 0 ? await this.#inspect() : null;
      if (known !== null) return this.#seen(known);
      await this.#provideImage(config.Image ?? '');
      checkIsolation(config.HostConfig?.Isolation);
      const containerId = await create(this.#options.docker, await this.#withFiles(config));
      if (containerId === null) return this.#seen(await this.#container.inspect());
      this.#isFresh = true;
      this.#last = { containerId, pid: 0, exitCode: 0 };
      return this.#last;
    }, done);
  }

  start(
    done: Done<{ readonly container: ContainerStatus; readonly ports: readonly PortConfig[] }>,
  ): void {
    this.#answer(async () => {
      await checkBindSources(this.#bindMounts());
      await this.#startContainer();
      const info = await this.#awaitHealthy(await this.#container.inspect());
      return { container: this.#seen(info), ports: boundPorts(info) };
    }, done);
  }

  wait(done: Done<ContainerExit>): void {
    this.#answer(async () => {
      const watch = this.#options.health.unhealthy(this.#container.id, () => {
        this.#stopUnhealthy();
      });
      try {
        const outcome = (await this.#container.wait()) as { readonly StatusCode: number };
        await this.#removeFiles();
        return await this.#exit(outcome.StatusCode);
      } finally {
        watch();
      }
    }, done);
  }

  shutdown(done: Done<ContainerStatus | null>): void {
    this.#answer(async () => {
      const seconds = stopSeconds(this.#task);
      try {
        await this.#container.stop(seconds === undefined ? {} : { t: seconds });
      } catch (caught) {
        const status = statusOf(caught);
        if (status !== 404 && status !== 304) throw engineError(caught);
      }
      await this.#removeFiles();
      const info = await this.#inspect();
      return info === null ? null : this.#seen(info);
    }, done);
  }

  remove(done: Done<null>): void {
    this.#answer(async () => {
      try {
        await this.#container.remove({ v: true, force: true });
      } catch (caught) {
        const status = statusOf(caught);
        // 409: dockerd is already removing it.
        if (status !== 404 && status !== 409) throw engineError(caught);
      }
      await this.#removeFiles();
      return null;
    }, done);
  }

  logs(options: LogOptions, events: LogEvents): Stream {
    const { docker } = this.#options;
    const tty = this.#task.spec.ContainerSpec?.TTY ?? false;
    return readContainerLogs({ docker, name: this.#name, tty }, options, events);
  }

  update(task: Task): void {
    this.#task = task;
  }

  lastStatus(): ContainerStatus | null {
    return this.#last;
  }

  close(): void {
    this.#closed = true;
  }

  #seen(info: ContainerInspectInfo): ContainerStatus {
    this.#last = statusOfContainer(info);
    return this.#last;
  }

  get #container(): Container {
    return this.#options.docker.getContainer(this.#name);
  }

  async #startContainer(): Promise<void> {
    // Started by the process before this one; what it needs it has.
    if (!this.#isFresh && (await this.#inspect())?.State.Running === true) return;
    this.#isFresh = false;
    try {
      if (filePlaces(this.#task).length > 0) {
        const { files, dependencies } = this.#options;
        await files.fill(this.#task.id, taskFiles(this.#task, dependencies));
      }
      await this.#container.start();
    } catch (caught) {
      if (statusOf(caught) === 304) return;
      await this.#removeFiles();
      throw isSwarmError(caught) ? caught : startError(caught);
    }
  }

  /** The container's configuration with the files of secrets and configs among its mounts; they are there from now on. */
  async #withFiles(config: Dockerode.ContainerCreateOptions): Promise<typeof config> {
    const places = filePlaces(this.#task);
    if (places.length === 0) return config;
    const ids = places.map(({ id }) => id);
    const sources = await this.#options.files.place(this.#task.id, ids);
    const { HostConfig = {} } = config;
    const mounts = places.map(({ id, path }) => fileMount(sources.get(id) ?? '', path));
    return {
      ...config,
      HostConfig: { ...HostConfig, Mounts: [...(HostConfig.Mounts ?? []), ...mounts] },
    };
  }

  #bindMounts(): readonly Dockerode.MountSettings[] {
    const { ContainerSpec } = this.#task.spec;
    if (ContainerSpec?.Mounts === undefined) return [];
    const { HostConfig } = containerConfig(this.#task, this.#options.describe());
    return HostConfig?.Mounts ?? [];
  }

  async #removeFiles(): Promise<void> {
    if (filePlaces(this.#task).length > 0) await this.#options.files.remove(this.#task.id);
  }

  async #inspect(): Promise<ContainerInspectInfo | null> {
    try {
      return await this.#container.inspect();
    } catch (caught) {
      if (statusOf(caught) === 404) return null;
      throw engineError(caught);
    }
  }

  // A pull that fails is only told: an image that is here already will do, and where there is none dockerd says so when it is to make the container.
  async #provideImage(image: string): Promise<void> {
    const { docker, images, preferOfflineImage, warn } = this.#options;
    const isId = /^sha256:[0-9a-f]{64}$/.test(image);
    if (preferOfflineImage || isId) return;
    if (image.includes('@') && (await images.isPresent(image))) return;
    const credentials = this.#task.spec.ContainerSpec?.PullOptions?.RegistryAuth;
    const problem = await pull(docker, image, credentials);
    if (problem !== null) warn(`pulling image ${image} failed: ${problem.message}`);
  }

  async #awaitHealthy(info: ContainerInspectInfo): Promise<ContainerInspectInfo> {
    if (info.State.Health === undefined || info.State.Health.Status === 'none') return info;
    const id = info.Id;
    return new Promise<ContainerInspectInfo>((resolve, reject) => {
      const ends: (() => void)[] = [];
      const settle = (finish: () => void): void => {
        for (const end of ends.splice(0)) end();
        finish();
      };
      const look = (): void => {
        this.#container.inspect().then(
          (now) => {
            if (now.State.Health?.Status === 'healthy')
              settle(() => {
                resolve(now);
              });
          },
          (caught: unknown) => {
            settle(() => {
              reject(engineError(caught));
            });
          },
        );
      };
      const ended = (code: number): void => {
        // Ended well before its first healthy result: it did its work, and the wait will say so.
        if (code === 0)
          settle(() => {
            resolve(info);
          });
        else {
          this.#last = { ...statusOfContainer(info), exitCode: code };
          settle(() => {
            reject(new SwarmError('Unknown', this.#exitText(code)));
          });
        }
      };
      ends.push(this.#options.health.healthy(id, look));
      ends.push(
        this.#options.health.unhealthy(id, () => {
          this.#stopUnhealthy();
        }),
      );
      this.#container.wait().then(
        (outcome: { readonly StatusCode: number }) => {
          ended(outcome.StatusCode);
        },
        (caught: unknown) => {
          settle(() => {
            reject(engineError(caught));
          });
        },
      );
      look();
    });
  }

  #stopUnhealthy(): void {
    this.#unhealthy = true;
    const seconds = stopSeconds(this.#task);
    this.#container.stop(seconds === undefined ? {} : { t: seconds }).catch((caught: unknown) => {
      // Already stopped or gone is what was wanted; an unreachable engine shows in the wait that is under way.
      if (statusOf(caught) === undefined) this.#unhealthy = false;
    });
  }

  async #exit(code: number): Promise<ContainerExit> {
    const info = await this.#inspect();
    const container =
      info === null ? { containerId: '', pid: 0, exitCode: code } : statusOfContainer(info);
    return {
      container: { ...container, exitCode: code },
      // moby: one that ends well when it is stopped for its health has done its work.
      err: code === 0 ? '' : this.#exitText(code, info?.State.Error),
    };
  }

  #exitText(code: number, cause = ''): string {
    const why = this.#unhealthy ? 'dockerexec: unhealthy container' : cause;
    return `task: non-zero exit (${code})${why === '' ? '' : `: ${why}`}`;
  }

  #answer<T>(work: () => Promise<T>, done: Done<T>): void {
    const run = async (): Promise<T> => work();
    run().then(
      (value) => {
        if (!this.#closed) done(ok(value));
      },
      (caught: unknown) => {
        if (!this.#closed) done(failed(isSwarmError(caught) ? caught : engineError(caught)));
      },
    );
  }
}

// moby looks at the container before it starts it, so the words for one that is gone are those of the look.
function startError(caught: unknown): SwarmError {
  const isGone = engineMessage(caught).startsWith('No such container');
  return engineError(caught, isGone ? '' : 'starting container failed: ');
}

/** What dockerd says of Swarm's own containers; of those that come through its API it says it in other words. */
function checkIsolation(isolation = 'default'): void {
  if (isolation !== 'default')
    throw new SwarmError('InvalidArgument', `invalid isolation '${isolation}' on linux`);
}

/** The new container's id; null where there is one of that name. */
async function create(
  docker: Dockerode,
  config: Dockerode.ContainerCreateOptions,
): Promise<string | null> {
  try {
    return (await docker.createContainer(config)).id;
  } catch (caught) {
    if (statusOf(caught) === 409) return null;
    throw engineError(caught);
  }
}

async function pull(
  docker: Dockerode,
  image: string,
  credentials: string | undefined,
): Promise<SwarmError | null> {
  try {
    const stream = await docker.pull(
      image,
      credentials === undefined ? {} : { authconfig: { key: credentials } },
    );
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(stream, (caught) => {
        if (caught === null) resolve();
        else reject(caught);
      });
    });
    return null;
  } catch (caught) {
    return engineError(caught);
  }
}

function statusOfContainer(info: ContainerInspectInfo): ContainerStatus {
  return { containerId: info.Id, pid: info.State.Pid, exitCode: info.State.ExitCode };
}

function boundPorts(info: ContainerInspectInfo): readonly PortConfig[] {
  const bindings = Object.entries(info.NetworkSettings.Ports);
  return bindings.flatMap(([key, hosts]) => {
    const [port = '0', protocol = 'tcp'] = key.split('/');
    const published = [
      ...new Set(
        ((hosts as { HostPort: string }[] | null) ?? []).map((host) => Number(host.HostPort)),
      ),
    ];
    return published.map((PublishedPort) => ({
      Protocol: protocol as NonNullable<PortConfig['Protocol']>,
      TargetPort: Number(port),
      PublishedPort,
      PublishMode: 'host' as const,
    }));
  });
}

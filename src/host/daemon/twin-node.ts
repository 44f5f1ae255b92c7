/** One running twin node: the daemon with its Engine API in front, for whatever process wants to be one. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import Dockerode from 'dockerode';
import { DEFAULT_OPTIONS, nodeBehaviour } from '../../engine-api/api-message.ts';
import { messageOf } from '../../model/errors.ts';
import { createRandom } from '../../model/random.ts';
import type { LogLine } from '../../swarm/ports.ts';
import { ApiServer, type ListenOptions } from '../http/api-server.ts';
import { taskFilesIn, TwinDaemon } from './daemon.ts';
import { nodeView } from './node-view.ts';
import type { SkewableClock } from './real-ports.ts';
import type { EngineLine } from '../../model/engines.ts';

/** How long the engine may take to answer for the first time, and how often it is asked. */
const ENGINE_START_MS = 60_000;
const ENGINE_POLL_MS = 50;

export interface TwinNodeOptions {
  /** The unix socket of the node's own dockerd. */
  readonly engineSocket: string;
  readonly dataRoot: string;
  readonly execRoot: string;
  /** Where the Engine API is served. */
  readonly hosts: readonly { readonly address: string; readonly options?: ListenOptions }[];
  /** As the engine behind, unless given. */
  readonly behaveLike?: EngineLine;
  /** What this node is called by others where nobody says (dockerd: --swarm-default-advertise-addr). */
  readonly defaultAdvertiseAddr?: string;
  /** Of everything drawn; a fresh one is told in the log. */
  readonly seed?: string;
  readonly clock: SkewableClock;
  readonly log: (line: LogLine) => void;
  /** Whether it is of any use to wait on for an engine that does not answer yet. */
  readonly isHopeless?: () => boolean;
}

interface EngineVersion {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion: string;
}

export class TwinNode {
  readonly #daemon: TwinDaemon;
  readonly #server: ApiServer;

  private constructor(daemon: TwinDaemon, server: ApiServer) {
    this.#daemon = daemon;
    this.#server = server;
  }

  /** Resolves when every host is served. Rejects where the engine does not come, an address is taken, or the disk is damaged. */
  static async start(options: TwinNodeOptions): Promise<TwinNode> {
    const { engineSocket, clock, log } = options;
    mkdirSync(options.dataRoot, { recursive: true, mode: 0o700 });
    const seed = options.seed ?? randomBytes(16).toString('hex');
    log({ level: 'info', part: 'host', message: `seed ${seed}` });
    const random = createRandom(seed);
    const { dataRoot, execRoot } = options;
    const version = await engineVersion(options);
    const line = options.behaveLike ?? lineOf(version.Version);
    const behaviour = nodeBehaviour(line);
    const daemon = new TwinDaemon({
      ...{ engineSocket, dataRoot, execRoot, random, clock, behaviour, log },
    });
    const view = nodeView(daemon.node, daemon.docker, random.fork());
    const server = new ApiServer({
      view,
      docker: daemon.docker,
      engine: { socketPath: engineSocket },
      taskFiles: taskFilesIn(execRoot),
      events: daemon.events,
      api: {
        ...DEFAULT_OPTIONS[line],
        engineVersion: version.Version,
        apiVersion: version.ApiVersion,
        minApiVersion: version.MinAPIVersion,
        asksNoRegistry: process.env['DOCKER_SERVICE_PREFER_OFFLINE_IMAGE'] === '1',
        ...(options.defaultAdvertiseAddr === undefined
          ? {}
          : { defaultAdvertiseAddr: options.defaultAdvertiseAddr }),
      },
      clockOffsetMs: () => clock.offsetMs,
      log: (message) => {
        log({ level: 'warn', part: 'api', message });
      },
    });
    await daemon.start();
    for (const host of options.hosts) await server.listen(host.address, host.options);
    const addresses = options.hosts.map(({ address }) => address).join(', ');
    const message = `API listens on ${addresses}, engine ${version.Version}`;
    log({ level: 'info', part: 'host', message });
    return new TwinNode(daemon, server);
  }

  /** Serves no more, and ends the node's part in the swarm with the containers of its tasks; its data stay. */
  async stop(): Promise<void> {
    await this.#server.close();
    await this.#daemon.stop();
  }
}

async function engineVersion({
  engineSocket,
  isHopeless,
}: TwinNodeOptions): Promise<EngineVersion> {
  const docker = new Dockerode({ socketPath: engineSocket });
  const give = Date.now() + ENGINE_START_MS;
  for (;;) {
    try {
      return await docker.version();
    } catch (caught) {
      if (Date.now() > give || isHopeless?.() === true)
        throw new Error(
          `dockerd did not answer at unix://${engineSocket} within ${ENGINE_START_MS} ms: ${messageOf(caught)}`,
          { cause: caught },
        );
      await new Promise((resolve) => setTimeout(resolve, ENGINE_POLL_MS));
    }
  }
}

/** The line of engines whose behaviour is nearest to a version: the newest that is not newer. */
function lineOf(version: string): EngineLine {
  const major = Number(version.split('.')[0]);
  if (major >= 28) return '28.5';
  return major >= 23 ? '26.1' : '20.10';
}

/** One twin node, for real: the core with its drivers, the Engine API in front, the node's own dockerd behind. */
import { join } from 'node:path';
import Dockerode from 'dockerode';
import { LIVE_RESTORE } from '../../engine-api/live-restore.ts';
import { SwarmEventLog, swarmEventsOf } from '../../engine-api/swarm-events.ts';
import type { Random } from '../../model/random.ts';
import type { LogLine } from '../../swarm/ports.ts';
import type { NodePorts } from '../../swarm/node/node-ports.ts';
import { SwarmNode } from '../../swarm/node/swarm-node.ts';
import { NodeFiles } from '../disk/node-files.ts';
import { PayloadCodec } from '../disk/payload-codec.ts';
import { EngineExecutor } from '../engine/engine-executor.ts';
import { Connections } from '../rpc/connections.ts';
import { GrpcDialer } from '../rpc/dispatcher-client.ts';
import { CertificateDesk } from '../rpc/enrolment.ts';
import { raftCodec } from '../rpc/raft-codec.ts';
import { GrpcPeers } from '../rpc/raft-peers.ts';
import { GrpcRemoteLeaders } from '../rpc/remote-leader.ts';
import { ManagerPort } from './manager-port.ts';
import { realTimers, type SkewableClock } from './real-ports.ts';

export interface DaemonOptions {
  /** The unix socket of the node's dockerd. */
  readonly engineSocket: string;
  /** Where this node keeps its state. */
  readonly dataRoot: string;
  /** Where this node keeps what must not outlive the machine's power. */
  readonly execRoot: string;
  readonly random: Random;
  readonly clock: SkewableClock;
  readonly behaviour: Pick<NodePorts, 'keepsJoinAddress'>;
  readonly log: (line: LogLine) => void;
}

/** Where the files of secrets and configs are. */
export const taskFilesIn = (execRoot: string): string => join(execRoot, 'dependencies');

export class TwinDaemon {
  readonly node: SwarmNode;
  readonly docker: Dockerode;
  readonly events = new SwarmEventLog();
  readonly #files: NodeFiles;
  readonly #connections = new Connections();
  readonly #executor: EngineExecutor;
  readonly #managerPort: ManagerPort;

  constructor(options: DaemonOptions) {
    const { clock, random, log } = options;
    const payloads = new PayloadCodec();
    const codec = raftCodec(payloads);
    const desk = new CertificateDesk(clock);
    const warn = (message: string): void => {
      log({ level: 'warn', part: 'host', message });
    };
    this.docker = new Dockerode({ socketPath: options.engineSocket });
    this.#files = new NodeFiles(join(options.dataRoot, 'swarm'), payloads);
    this.#executor = new EngineExecutor(this.docker, taskFilesIn(options.execRoot), warn);
    const ports: NodePorts = {
      clock,
      random,
      timers: realTimers,
      log,
      ...options.behaviour,
      storage: this.#files,
      enrolment: desk,
      authority: desk,
      executor: this.#executor,
      dialer: new GrpcDialer(this.#connections),
      peers: new GrpcPeers(this.#connections, codec, () => {
        const { manager } = this.node;
        return manager && { read: manager.store.read, upTo: manager.raftStatus().applied };
      }),
      remote: new GrpcRemoteLeaders(this.#connections),
      observe: (committed) => {
        this.events.add(swarmEventsOf(committed, clock.now()));
      },
      ...this.#portControls(desk),
    };
    this.node = new SwarmNode(ports);
    this.#managerPort = new ManagerPort({ node: this.node, codec, log: warn });
  }

  /** Takes up the state on disk. Errors: `disk-corrupt`; dockerd's own for an engine that cannot be in a swarm. */
  async start(): Promise<void> {
    const state = await this.#files.load();
    const isCompatible = state === null ? Promise.resolve() : this.#refuseLiveRestore();
    await Promise.all([isCompatible, this.#executor.removeStrayFiles()]);
    this.node.start(state);
  }

  async #refuseLiveRestore(): Promise<void> {
    const { LiveRestoreEnabled } = (await this.docker.info()) as { LiveRestoreEnabled?: boolean };
    if (LiveRestoreEnabled === true)
      throw new Error(`Error starting cluster component: ${LIVE_RESTORE}`);
  }

  /** Ends the node's part in the swarm, and the containers of its tasks. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.node.stop(resolve);
    });
    this.#executor.close();
    this.#connections.closeAll();
    await this.#files.close();
  }

  #portControls(
    desk: CertificateDesk,
  ): Pick<NodePorts, 'useIdentity' | 'listen' | 'unlisten' | 'removeContainers'> {
    return {
      useIdentity: (identity) => {
        const current = this.#connections.identity;
        // After a rotation of the root a node has the same certificate, and trusts another root.
        if (current?.certificate === identity?.certificate && current?.rootCa === identity?.rootCa)
          return;
        this.#connections.use(identity);
        desk.useIdentity(identity);
        this.#managerPort.use(identity);
      },
      listen: (addr, done) => {
        void this.#managerPort.listen(addr).then(done);
      },
      unlisten: (done) => {
        void this.#managerPort.close().then(done);
      },
      removeContainers: (nodeId, done) => {
        this.#executor.removeContainers(nodeId, done);
      },
    };
  }
}

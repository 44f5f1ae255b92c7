import { SwarmError } from '../model/errors.ts';
import { nodeId } from '../model/ids.ts';
import type { Random } from '../model/random.ts';
import { failed, ok, type Done } from '../model/result.ts';
import { FakeExecutor } from '../swarm/agent/fake-executor.ts';
import type { LeaderServices } from '../swarm/manager/leader-services.ts';
import type { Manager } from '../swarm/manager/manager.ts';
import type { VirtualTime } from '../swarm/virtual-time.ts';
import type { LogLine, Ports, Timers } from '../swarm/ports.ts';
import type { Caller } from '../swarm/session.ts';
import { SimulatedAuthority } from './authority.ts';
import { SimulatedDisk } from './disk.ts';
import type { Host, SimulatedNetwork } from './network.ts';
import { peersOf, remoteOf, dispatcherOf } from './wire.ts';
import type { Identity, NodePorts } from '../swarm/node/node-ports.ts';
import { SwarmNode } from '../swarm/node/swarm-node.ts';

export type Network = SimulatedNetwork<Process>;

/** What all machines of a world share. */
export interface Stage {
  readonly time: VirtualTime;
  readonly network: Network;
  readonly random: Random;
  readonly lines: (LogLine & { readonly machine: string; readonly at: number })[];
}

/** one run of the twin on a machine, from its start to its end. Nothing that it began happens after its end. */
export class Process implements Host {
  readonly name: string;
  readonly links = new Set<() => void>();
  readonly node: SwarmNode;
  readonly authority: SimulatedAuthority;
  identity: Identity | null = null;
  readonly #timers: Timers;
  #alive = true;
  #listening = false;

  constructor(name: string, stage: Stage, disk: SimulatedDisk, engine: FakeExecutor) {
    this.name = name;
    this.#timers = {
      after: (delayMs, callback) =>
        stage.time.after(Math.max(0, delayMs), () => {
          if (this.#alive) callback();
        }),
    };
    const ports = this.#corePorts(stage);
    this.authority = new SimulatedAuthority({
      ...ports,
      ask: (addr, deadlineMs, ask, done) => {
        stage.network.call(
          this,
          addr,
          deadlineMs,
          (to, answer) => {
            const services = to.servicesFor(this, answer);
            if (services !== null) ask(services.certificates, this.callerId(), answer);
          },
          done,
        );
      },
    });
    this.node = new SwarmNode(this.#nodePorts(ports, stage.network, disk, engine));
    stage.network.attach(this);
    this.node.start(disk.load());
  }

  isAlive(): boolean {
    return this.#alive;
  }

  isListening(): boolean {
    return this.#alive && this.#listening;
  }

  /** Ends at once, without a word to anybody but those that are connected. */
  die(): void {
    this.#alive = false;
    this.#breakLinks();
  }

  caller(): Caller {
    return { nodeId: this.callerId() ?? nodeId(''), addr: this.name };
  }

  callerId(): Identity['nodeId'] | null {
    return this.identity?.nodeId ?? null;
  }

  /** The manager's services for a caller; null after having refused it. */
  servicesFor(from: Process, answer: Done<never>): LeaderServices | null {
    const refusal = this.#refusal(from);
    if (refusal !== null) answer(failed(refusal));
    return refusal === null ? this.node.services : null;
  }

  /** As `servicesFor`; a manager that is only just opening its log is waited for. */
  managerFor(
    from: Process,
    fail: (error: SwarmError) => void,
    use: (manager: Manager) => void,
    tries = 150,
  ): void {
    const { manager } = this.node;
    if (manager === null && tries > 0) {
      this.#timers.after(10, () => {
        this.managerFor(from, fail, use, tries - 1);
      });
      return;
    }
    const refusal = this.#refusal(from);
    if (refusal !== null) fail(refusal);
    else if (manager !== null) use(manager);
  }

  #refusal(from: Process): SwarmError | null {
    const { manager } = this.node;
    if (manager === null)
      return new SwarmError('Unavailable', 'raft: node is not yet part of a raft cluster');
    const id = from.callerId() ?? '';
    if (manager.store.read.all('cluster').some((cluster) => id in cluster.blacklist)) {
      const text = `Permission denied: node ${id} was removed from swarm`;
      return new SwarmError('PermissionDenied', text);
    }
    return null;
  }

  #corePorts(stage: Stage): Ports {
    return {
      clock: { now: () => stage.time.now },
      timers: this.#timers,
      random: stage.random.fork(),
      log: (line) => stage.lines.push({ ...line, machine: this.name, at: stage.time.now }),
    };
  }

  #nodePorts(ports: Ports, network: Network, disk: SimulatedDisk, engine: FakeExecutor): NodePorts {
    return {
      ...ports,
      storage: disk.storage(ports.timers),
      enrolment: this.authority,
      authority: this.authority,
      executor: engine,
      dialer: { dial: (peer) => dispatcherOf(network, this, peer.addr, () => this.caller()) },
      peers: peersOf(network, this),
      remote: remoteOf(network, this),
      useIdentity: (identity) => {
        this.identity = identity;
      },
      listen: (_addr, done) => {
        this.#listening = true;
        ports.timers.after(0, () => {
          done(null);
        });
      },
      unlisten: (done) => {
        this.#listening = false;
        this.#breakLinks();
        ports.timers.after(0, done);
      },
      removeContainers: (_nodeId, done) => {
        engine.running.clear();
        ports.timers.after(0, () => {
          done(ok(null));
        });
      },
    };
  }

  #breakLinks(): void {
    const links = [...this.links];
    this.links.clear();
    for (const broken of links) broken();
  }
}

/** a machine with its disk and its container engine, and the process of the twin that runs on it, if one does. */
export class Machine {
  readonly name: string;
  readonly disk = new SimulatedDisk();
  readonly engine: FakeExecutor;
  process: Process;
  readonly #stage: Stage;

  constructor(name: string, stage: Stage) {
    this.name = name;
    this.#stage = stage;
    this.engine = new FakeExecutor(name);
    this.process = this.#run();
  }

  get node(): SwarmNode {
    return this.process.node;
  }

  get addr(): string {
    return `${this.name}:2377`;
  }

  /** The power fails: process and containers are gone, and with them what was not synced. */
  crash(): void {
    this.process.die();
    this.disk.crash();
    this.engine.running.clear();
  }

  /** The process is told to end, and its tasks' containers with it. */
  stop(): void {
    const { process } = this;
    process.node.stop(() => {
      process.die();
    });
  }

  start(): void {
    this.process = this.#run();
  }

  #run(): Process {
    return new Process(this.name, this.#stage, this.disk, this.engine);
  }
}

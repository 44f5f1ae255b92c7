import { isToolError, SwarmError, type SwarmtwinError } from '../model/errors.ts';
import { nodeId } from '../model/ids.ts';
import type { Random } from '../model/random.ts';
import { failed, type Done } from '../model/result.ts';
import type { LeaderServices } from '../swarm/manager/leader-services.ts';
import type { Manager } from '../swarm/manager/manager.ts';
import type { Identity, NodePorts, StoredNode } from '../swarm/node/node-ports.ts';
import { SwarmNode } from '../swarm/node/swarm-node.ts';
import type { LogLine, Ports, Timers } from '../swarm/ports.ts';
import type { Caller, Stream } from '../swarm/session.ts';
import { factsOf, SimulatedAuthority, whyNot, type Facts } from './authority.ts';
import type { Served } from './connection.ts';
import type { SimulatedDisk } from './disk.ts';
import type { SimulatedEngine } from './engine.ts';
import { LiveList } from './live-list.ts';
import type { MachineTime } from './machine-time.ts';
import type { Host, SimulatedNetwork } from './network.ts';
import { dispatcherOf, peersOf, remoteOf } from './wire.ts';

export type Network = SimulatedNetwork<Process>;

/** What a process needs of its machine. */
export interface ProcessPorts {
  readonly time: MachineTime;
  readonly network: Network;
  readonly disk: SimulatedDisk;
  readonly engine: SimulatedEngine;
  readonly random: Random;
  readonly keepsJoinAddress: boolean;
  /** Code of this process runs, or it ends. */
  touched(): void;
  log(line: LogLine): void;
  /** The daemon ended by itself, as one does whose writing threw. */
  crashed(error: SwarmtwinError): void;
}

/** one run of the twin on a machine, from its start to its end. Nothing that it began happens after its end. */
export class Process implements Host {
  readonly name: string;
  readonly opened = new Set<Stream>();
  readonly served = new LiveList<Served>(({ isServed }) => isServed);
  readonly node: SwarmNode;
  readonly authority: SimulatedAuthority;
  #identity: Identity | null = null;
  /** What its certificate says, which every call that it makes or is asked shows. */
  #facts: Facts | null = null;
  readonly #ports: ProcessPorts;
  readonly #timers: Timers;
  #isAlive = true;
  #isListening = false;

  constructor(name: string, ports: ProcessPorts) {
    this.name = name;
    this.#ports = ports;
    this.#timers = {
      after: (delayMs, callback) => ports.time.after(delayMs, callback, this.#runNow),
    };
    const core = this.#corePorts();
    this.authority = this.#createAuthority(core);
    this.node = new SwarmNode(this.#nodePorts(core));
    ports.network.attach(this);
  }

  /** Takes up what the process before left on the disk. */
  start(stored: StoredNode): void {
    this.#ports.touched();
    this.node.start(stored);
  }

  isAlive(): boolean {
    return this.#isAlive;
  }

  isFrozen(): boolean {
    return this.#ports.time.isFrozen;
  }

  isListening(): boolean {
    return this.#isAlive && this.#isListening;
  }

  get identity(): Identity | null {
    return this.#identity;
  }

  /** Runs what comes from outside: now, or when the machine is thawed, and never once the process is dead. */
  run(work: () => void): void {
    if (this.#ports.time.isFrozen)
      this.#ports.time.run(() => {
        this.#runNow(work);
      });
    else this.#runNow(work);
  }

  /** As `run`; the work gets the subject. */
  runWith<S>(work: (subject: S) => void, subject: S): void {
    if (this.#ports.time.isFrozen)
      this.run(() => {
        work(subject);
      });
    else this.#runNowWith(work, subject);
  }

  /** Ends at once, without a word to anybody but those that are connected. */
  die(): void {
    this.#ports.touched();
    this.#isAlive = false;
    const opened = [...this.opened];
    this.opened.clear();
    for (const stream of opened) stream.close();
    this.#breakServed();
  }

  caller(): Caller {
    return { nodeId: this.callerId() ?? nodeId(''), addr: this.name };
  }

  callerId(): Identity['nodeId'] | null {
    return this.identity?.nodeId ?? null;
  }

  /** The manager's services for a caller; null after having refused it. */
  servicesFor(from: Process, answer: Done<never>): LeaderServices | null {
    const refusal = this.#refusal(from) ?? this.#unverified(from);
    if (refusal !== null) answer(failed(refusal));
    return refusal === null ? this.node.services : null;
  }

  /** The certificate authority answers whoever asks; a certificate that does not verify counts for nothing there, and then the token decides. */
  certificatesFor(
    from: Process,
    answer: Done<never>,
    use: (services: LeaderServices, caller: Identity['nodeId'] | null) => void,
  ): void {
    const refusal = this.#refusal(from);
    const { services } = this.node;
    if (refusal !== null) answer(failed(refusal));
    else if (services !== null)
      use(services, this.#unverified(from) === null ? from.callerId() : null);
  }

  /** As `servicesFor`; a manager that is only just opening its log is waited for. */
  managerFor(
    from: Process,
    answer: Done<never>,
    use: (manager: Manager) => void,
    tries = 150,
  ): void {
    const { manager } = this.node;
    if (manager === null && tries > 0) {
      this.#timers.after(10, () => {
        this.managerFor(from, answer, use, tries - 1);
      });
      return;
    }
    const refusal = this.#refusal(from) ?? this.#unverified(from);
    if (refusal !== null) answer(failed(refusal));
    else if (manager !== null) use(manager);
  }

  readonly #runNow = (work: () => void): void => {
    this.#runNowWith(work, undefined);
  };

  #runNowWith<S>(work: (subject: S) => void, subject: S): void {
    if (!this.#isAlive) return;
    this.#ports.touched();
    try {
      work(subject);
    } catch (caught) {
      // The agent writes its records as it goes; the live daemon does not outlive a write that throws, nor does this one.
      if (!isToolError(caught) || caught.code !== 'disk-full') throw caught;
      this.die();
      this.#ports.crashed(caught);
    }
  }

  #breakServed(): void {
    for (const each of this.served.take()) each.broken();
  }

  #refusal(from: Process): SwarmError | null {
    const { manager } = this.node;
    if (manager === null)
      return new SwarmError('Unavailable', 'raft: node is not yet part of a raft cluster');
    const why =
      this.#facts === null || from.#identity === null
        ? null
        : whyNot(this.#facts, from.#identity.rootCa, from.#ports.time.now());
    if (why !== null) {
      const text = `connection error: desc = "transport: authentication handshake failed: tls: failed to verify certificate: ${why}"`;
      return new SwarmError('Unavailable', text);
    }
    const id = from.callerId() ?? '';
    for (const { blacklist } of manager.store.read.all('cluster')) {
      if (!(id in blacklist)) continue;
      const text = `Permission denied: node ${id} was removed from swarm`;
      return new SwarmError('PermissionDenied', text);
    }
    return null;
  }

  /** As the live port: the caller's certificate must be of this swarm's root, and valid by this machine's clock (host/wire/peer). */
  #unverified(from: Process): SwarmError | null {
    if (this.#identity === null || from.#facts === null) return null;
    if (whyNot(from.#facts, this.#identity.rootCa, this.#ports.time.now()) === null) return null;
    const text =
      'Permission denied: unauthorized peer role: rpc error: code = PermissionDenied desc = no verified chains for remote certificate';
    return new SwarmError('PermissionDenied', text);
  }

  #corePorts(): Ports {
    const { time, random } = this.#ports;
    const log: Ports['log'] = (line) => {
      this.#ports.log(line);
    };
    return { clock: time, timers: this.#timers, random, log };
  }

  #createAuthority(core: Ports): SimulatedAuthority {
    return new SimulatedAuthority({
      ...core,
      ask: (addr, deadlineMs, ask, done) => {
        this.#ports.network.call(
          this,
          addr,
          deadlineMs,
          (to, answer) => {
            to.certificatesFor(this, answer, ({ certificates }, caller) => {
              ask(certificates, caller, answer);
            });
          },
          done,
        );
      },
    });
  }

  #nodePorts(core: Ports): NodePorts {
    const { network, disk, engine, keepsJoinAddress } = this.#ports;
    return {
      ...core,
      keepsJoinAddress,
      storage: disk.storage(core.timers),
      enrolment: this.authority,
      authority: this.authority,
      executor: engine.executor(this),
      dialer: { dial: (peer) => dispatcherOf(network, this, peer.addr, () => this.caller()) },
      peers: peersOf(network, this),
      remote: remoteOf(network, this),
      useIdentity: (identity) => {
        this.#identity = identity;
        this.#facts = identity === null ? null : factsOf(identity.certificate);
      },
      listen: (_addr, done) => {
        this.#isListening = true;
        core.timers.after(0, () => {
          done(null);
        });
      },
      unlisten: (done) => {
        this.#isListening = false;
        this.#breakServed();
        core.timers.after(0, done);
      },
      removeContainers: (id, done) => {
        engine.removeContainers(this, id, done);
      },
    };
  }
}

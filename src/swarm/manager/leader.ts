import type { ClusterId, NodeId } from '../../model/ids.ts';
import type { Cluster, Node } from '../../model/objects.ts';
import type { Random } from '../../model/random.ts';
import { DEFAULT_SWARM_SPEC, type NodeAvailability, type SwarmSpec } from '../../model/specs.ts';
import { Allocator } from '../allocator/allocator.ts';
import { Dispatcher } from '../dispatcher/dispatcher.ts';
import { createOrchestrationLoops } from '../orchestrator/loops.ts';
import { LogBroker } from '../logs/log-broker.ts';
import type { Ports } from '../ports.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import type { WeightedPeer } from '../session.ts';
import type { Store } from '../store.ts';
import type { Authority, RootCa } from './authority.ts';
import { CertificateAuthority } from './certificate-authority.ts';
import { createIngress, createPredefined, missingPredefined } from './first-networks.ts';
import { RoleManager } from './role-manager.ts';
import { RootRotation } from './root-rotation.ts';

/** What the founder of a swarm writes into the empty store. */
export interface FirstState {
  readonly rootCa: RootCa;
  readonly spec: SwarmSpec;
  /** The founder's own chain, PEM. */
  readonly certificate: string;
  readonly csr: string;
  readonly availability: NodeAvailability;
  readonly defaultAddressPool: readonly string[];
  readonly subnetSize: number;
  readonly dataPathPort: number;
  readonly addr: string;
  /** Of a swarm whose managers lock themselves. */
  readonly unlockKey?: string;
  /** The list of address pools was there, and empty. */
  readonly showsNoPool?: boolean;
}

export interface LeaderOptions {
  readonly store: Store;
  readonly self: NodeId;
  readonly clusterId: ClusterId;
  readonly found: FirstState | undefined;
  managers(): readonly WeightedPeer[];
  onManagersChanged(callback: () => void): () => void;
  members(): readonly NodeId[];
  isMember(nodeId: NodeId): boolean;
  removeMember(nodeId: NodeId, done: (removed: boolean) => void): void;
}

interface Loop {
  start(): void;
  stop(): void;
}

/** moby: what an unset subnet size and data path port are. */
const DEFAULT_SUBNET_SIZE = 24;
const DEFAULT_DATA_PATH_PORT = 4789;

/** What only a leader runs. One object a leadership: it starts once and stops once. */
export class Leader {
  readonly dispatcher: Dispatcher;
  readonly certificates: CertificateAuthority;
  readonly logBroker: LogBroker;
  readonly #store: Store;
  readonly #options: LeaderOptions;
  readonly #authority: Authority;
  readonly #random: Random;
  readonly #loops: readonly Loop[];
  #stopped = false;
  #started = false;

  constructor(ports: Ports & { readonly authority: Authority }, options: LeaderOptions) {
    const { store } = options;
    this.#store = store;
    this.#options = options;
    this.#authority = ports.authority;
    this.#random = ports.random;
    this.certificates = new CertificateAuthority(ports, store, ports.authority);
    this.dispatcher = new Dispatcher(ports, store, {
      self: options.self,
      managers: () => options.managers(),
      managersChanged: (callback) => options.onManagersChanged(callback),
      rootCa: () => this.certificates.rootCertificate(),
    });
    this.logBroker = new LogBroker(ports, store);
    this.#loops = [
      this.certificates,
      new RoleManager(ports, store, {
        members: () => options.members(),
        isMember: (nodeId) => options.isMember(nodeId),
        removeMember: (nodeId, done) => {
          options.removeMember(nodeId, done);
        },
      }),
      new RootRotation(ports, store, ports.authority),
      createOrchestrationLoops(ports, store),
      new Allocator(ports, store),
      new Scheduler(ports, store),
      this.logBroker,
      this.dispatcher,
    ];
  }

  /** Writes the first state where there is none, then starts every loop. */
  start(): void {
    const { found } = this.#options;
    const { read } = this.#store;
    const isFirst = found !== undefined && read.all('cluster').length === 0;
    if (!isFirst && missingPredefined(read).length === 0) {
      this.#startLoops();
      return;
    }
    this.#store.update(
      (transaction) => {
        if (isFirst) {
          transaction.create(
            'cluster',
            firstCluster(this.#options.clusterId, found, this.#authority),
          );
          transaction.create('node', firstNode(this.#options.self, found));
          createIngress(transaction, this.#random);
        }
        createPredefined(transaction, this.#random);
      },
      (result) => {
        if (result.ok) this.#startLoops();
      },
    );
  }

  /** Whether the loops run; before that a new swarm has no state yet. */
  get started(): boolean {
    return this.#started;
  }

  stop(): void {
    this.#stopped = true;
    if (!this.#started) return;
    for (const loop of [...this.#loops].reverse()) loop.stop();
  }

  #startLoops(): void {
    if (this.#stopped) return;
    this.#started = true;
    for (const loop of this.#loops) loop.start();
  }
}

function firstCluster(
  id: ClusterId,
  found: FirstState,
  authority: Authority,
): Omit<Cluster, 'meta'> {
  const { certificate } = found.rootCa;
  return {
    id,
    spec: { ...DEFAULT_SWARM_SPEC, ...found.spec },
    joinTokens: {
      worker: authority.joinToken(certificate),
      manager: authority.joinToken(certificate),
    },
    rootCa: found.rootCa,
    ...(found.unlockKey === undefined ? {} : { unlockKey: found.unlockKey }),
    defaultAddressPool: found.defaultAddressPool,
    subnetSize: found.subnetSize === 0 ? DEFAULT_SUBNET_SIZE : found.subnetSize,
    dataPathPort: found.dataPathPort === 0 ? DEFAULT_DATA_PATH_PORT : found.dataPathPort,
    blacklist: {},
  };
}

function firstNode(id: NodeId, found: FirstState): Omit<Node, 'meta'> {
  return {
    id,
    spec: { Labels: {}, Role: 'manager', Availability: found.availability },
    role: 'manager',
    status: { state: 'unknown', message: '', addr: found.addr },
    certificate: {
      role: 'manager',
      state: 'issued',
      csr: found.csr,
      certificate: found.certificate,
      cn: id,
    },
  };
}

/** For tests: a node whose manager is the leader of a swarm that it makes up alone, with the control plane's real rules and store. */
import type { ControlReplies, ControlReply, ControlRequest } from '../model/control.ts';
import type { SwarmError } from '../model/errors.ts';
import { networkId } from '../model/ids.ts';
import type { Kind, ManagerStatus, StoreAction, Tables } from '../model/objects.ts';
import { createRandom } from '../model/random.ts';
import { failed, ok, type Done } from '../model/result.ts';
import type { NetworkSpec } from '../model/specs.ts';
import { execute } from '../swarm/control/rules.ts';
import { LogBroker } from '../swarm/logs/log-broker.ts';
import type { LogMessage, LogRequest, PacedSink } from '../swarm/logs/log-api.ts';
import type { Ports } from '../swarm/ports.ts';
import { Store } from '../swarm/store.ts';
import type { ApiRequest, ApiResponse } from './api-message.ts';
import type {
  InitRequest,
  JoinRequest,
  LocalNodeState,
  NetworkResolution,
  SwarmInfo,
  SwarmNodeView,
  SystemInterface,
} from './node-view.ts';

const OF_OLD = { version: 1, createdAt: 0, updatedAt: 0 };
const PREDEFINED = { Labels: { 'com.docker.swarm.predefined': 'true' } };

/** What every swarm begins with. */
const NETWORKS: readonly (readonly [string, Partial<NetworkSpec>])[] = [
  ['ingress', { Ingress: true }],
  ['bridge', { ...PREDEFINED, Driver: { Name: 'bridge' } }],
  ['host', { ...PREDEFINED, Driver: { Name: 'host' } }],
];

export class LeaderNode implements SwarmNodeView {
  readonly random = createRandom('api');
  readonly store: Store;
  /** By node id. */
  readonly managers = new Map<string, ManagerStatus>();
  readonly inits: InitRequest[] = [];
  readonly joins: JoinRequest[] = [];
  readonly unlocks: string[] = [];
  readonly broker: LogBroker;
  /** What was handed to the engine, and what it answers. */
  readonly engineRequests: ApiRequest[] = [];
  engineAnswer: (request: ApiRequest) => ApiResponse = () => ({
    status: 404,
    headers: {},
    body: '{"message":"no such thing"}\n',
  });
  leaves = 0;
  now = 1_000;
  state: LocalNodeState = 'active';
  ownRole: 'manager' | 'worker' | null = 'manager';
  isReady = true;
  expired = false;
  ownId = '';
  networks: Readonly<Record<string, NetworkResolution>> = {};
  ownInterfaces: readonly SystemInterface[] = [];
  /** The next answer to any control request, in place of the rules'. */
  answer: Parameters<Done<never>>[0] | null = null;
  /** What a joiner is told. */
  refusal: SwarmError | null = null;
  #index = 1_000;

  constructor() {
    const clock = { now: (): number => this.now };
    this.store = new Store(clock);
    this.broker = new LogBroker(this.ports(), this.store);
    this.broker.start();
    this.store.setProposer({
      propose: (actions, done) => {
        this.#index += 1;
        this.store.apply(actions);
        done(ok(null));
      },
      commitIndex: () => this.#index,
    });
    for (const [Name, more] of NETWORKS) {
      const spec = { Name, Labels: {}, ...more };
      this.put('network', { id: networkId(`network-${Name}`), meta: OF_OLD, spec });
    }
  }

  /** A node that is in no swarm. */
  static outside(): LeaderNode {
    const node = new LeaderNode();
    node.state = 'inactive';
    node.ownRole = null;
    node.isReady = false;
    return node;
  }

  put<K extends Kind>(kind: K, object: Tables[K]): void {
    this.store.apply([{ kind, action: 'create', object } as unknown as StoreAction]);
  }

  localState(): LocalNodeState {
    return this.state;
  }

  role(): 'manager' | 'worker' | null {
    return this.ownRole;
  }

  managerReady(): boolean {
    return this.isReady;
  }

  certificatesExpired(): boolean {
    return this.expired;
  }

  nodeId(): string {
    return this.ownId;
  }

  interfaces(): readonly SystemInterface[] {
    return this.ownInterfaces;
  }

  control<R extends ControlRequest>(request: R, done: Done<ControlReplies[R['method']]>): void {
    if (this.answer !== null) {
      done(this.answer);
      return;
    }
    const context = {
      ports: this.ports(),
      store: this.store,
      members: {
        statusOf: (id: string) => this.managers.get(id),
        canRemove: () => true,
      },
      newJoinToken: () => 'SWMTKN-1-fresh',
      authority: {
        createRoot: (made: Done<{ readonly certificate: string; readonly key: string }>) => {
          made(ok({ certificate: 'new root', key: 'new key' }));
        },
        crossSign: (_by: unknown, certificate: string, signed: Done<string>) => {
          signed(ok(`${certificate}, signed by the old one`));
        },
        checkRoot: <T>(root: T) => root,
        reachesAny: (_where: unknown, done: (isReached: boolean) => void) => {
          done(false);
        },
        unlockKey: () => 'a'.repeat(43),
      },
    };
    execute(context, request, done as Done<ControlReply>);
  }

  logs(request: LogRequest, sink: PacedSink<readonly LogMessage[]>): void {
    this.broker.subscribe(request, sink);
  }

  network(reference: string, done: Done<NetworkResolution>): void {
    done(ok(this.networks[reference] ?? { kind: 'unknown' }));
  }

  engine(request: ApiRequest, done: (response: ApiResponse) => void): void {
    this.engineRequests.push(request);
    done(this.engineAnswer(request));
  }

  init(request: InitRequest, done: Done<{ readonly nodeId: string }>): void {
    this.inits.push(request);
    done(ok({ nodeId: 'be46t4iu575xzzmsus0oc6gio' }));
  }

  join(request: JoinRequest, done: Done<null>): void {
    this.joins.push(request);
    done(this.refusal === null ? ok(null) : failed(this.refusal));
  }

  unlock(key: string, done: Done<null>): void {
    this.unlocks.push(key);
    done(ok(null));
  }

  leave(done: Done<null>): void {
    this.leaves += 1;
    done(ok(null));
  }

  info(done: Done<SwarmInfo>): void {
    done(
      ok({
        nodeId: this.ownId,
        nodeAddr: '',
        localNodeState: this.state,
        controlAvailable: this.isReady,
        error: '',
        remoteManagers: [],
        nodes: 0,
        managers: 0,
      }),
    );
  }

  ports(): Ports {
    return {
      clock: { now: () => this.now },
      timers: { after: () => ({ cancel: () => undefined }) },
      random: this.random,
      log: () => undefined,
    };
  }
}

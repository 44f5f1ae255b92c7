import { isToolError, SwarmError, type SwarmtwinError } from '../../model/errors.ts';
import { failed, ok } from '../../model/result.ts';
import { Agent } from '../agent/agent.ts';
import type { FirstState } from '../manager/leader.ts';
import type { Ports, Timer } from '../ports.ts';
import type { SessionMessage, WeightedPeer } from '../session.ts';
import { CertificateRenewal } from './certificate-renewal.ts';
import { JoinAddress } from './join-address.ts';
import { localDispatcher } from './local-dispatcher.ts';
import { ManagerLife } from './manager-life.ts';
import { hostOf } from './node-info.ts';
import type { Identity, Lock, NodePorts, NodeState } from './node-ports.ts';
import { RoleChange } from './role-change.ts';
import { nextStanding, type Standing, type StandingEvent } from './standing.ts';
import { withTlsInfo } from './tls-info.ts';

/**
 * SwarmKit: a node asks its own manager whether it serves, as it begins and again after half a second, and its agent takes to another until it hears that it does. The
 * first question comes while the log is read, and it is chance whether the answer is yes: 4 of 8 starts of Docker 26.1.
 */
const OWN_MANAGER_ASKED_AGAIN_MS = 500;

/** How long an agent may take to introduce a node that is not taken in. */
const INTRODUCTION_MS = 3000;

/** One machine's stay in one swarm: an agent always, a manager while its role says so. It ends once, and nothing of it happens afterwards. */
export class Stay {
  readonly managerLife: ManagerLife;
  readonly #ports: NodePorts;
  readonly #core: Ports;
  /** Called when the entry failed and nothing of it is left. */
  readonly #undone: () => void;
  readonly #joinAddress: JoinAddress;
  readonly #roleChange: RoleChange;
  #standing: Standing;
  #state: NodeState | null = null;
  #agent: Agent | null = null;
  #renewal: CertificateRenewal | null = null;
  /** Runs while the node, which starts again, has not asked its own manager twice. */
  #hearing: Timer | null = null;
  /** Ends a stay that was refused, once this node has introduced itself. */
  #farewell: (() => void) | null = null;
  /** Agent and manager ended by an error, and have not begun anew. */
  #isDown = false;

  constructor(ports: NodePorts, standing: Standing, undone: () => void) {
    this.#ports = ports;
    this.#standing = standing;
    this.#undone = undone;
    this.#joinAddress = new JoinAddress(ports);
    const { clock, timers, random } = ports;
    this.#core = {
      clock,
      timers,
      random,
      log: (line) => {
        ports.log(line);
      },
    };
    this.managerLife = this.#createManagerLife();
    this.#roleChange = new RoleChange(timers, this.managerLife, () => this.#present());
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** Null before the node has an identity. */
  get state(): NodeState | null {
    return this.#state;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** The raft members, or those last heard of. */
  get managers(): readonly WeightedPeer[] {
    return this.managerLife.manager?.managers() ?? this.#state?.managers ?? [];
  }

  /** Takes up where the process before left off; a manager goes on alone where the others are lost. */
  resume(state: NodeState, isAlone = false): void {
    this.#state = state;
    this.#joinAddress.recall(state.managers);
    this.#ports.useIdentity(state.identity);
    this.#begin();
    const isMember = state.identity.role === 'manager' && state.raftId !== '';
    const isHeardAtOnce = isMember && this.#core.random.below(2) === 0;
    if (isMember) {
      this.#hearing = this.#core.timers.after(OWN_MANAGER_ASKED_AGAIN_MS, () => {
        this.#hearing = null;
        if (this.#agent === null) this.#startAgent();
      });
    }
    // One that is heard at once has opened before its agent looks for a manager, and starts it.
    if (!isHeardAtOnce) this.#startAgent();
    if (state.identity.role === 'manager') this.managerLife.resume(isAlone);
  }

  /** Knows who it is, and does nothing. */
  rest(state: NodeState): void {
    this.#state = state;
  }

  /** The founder's way in. */
  found(state: NodeState, first: FirstState): void {
    this.#adopt(state, () => {
      this.managerLife.found(first);
      this.#startAgent();
    });
  }

  /** A joiner's way in, with the certificate that it was given. */
  join(state: NodeState, remoteAddr: string): void {
    this.#joinAddress.joined(remoteAddr);
    this.#adopt(state, () => {
      if (state.identity.role === 'manager') this.managerLife.join(remoteAddr);
      else this.#startAgent();
    });
  }

  /** Ends agent, manager and containers and closes the port; whoever waits to enter is told `why`. What is on the disk stays, but for the tasks. */
  end(why: SwarmError, done: () => void): void {
    const before = this.#move({ kind: 'ended' });
    if ('done' in before) before.done(failed(why));
    this.#halt(done);
  }

  /** What breaks while the node enters leaves it as it was before; later on the node goes on as well as it can. */
  fail(error: SwarmError | SwarmtwinError): void {
    if (this.#isOver()) return;
    const why = isToolError(error) ? new SwarmError('Unknown', error.message, 'facade') : error;
    this.#ports.log({ level: 'error', part: 'node', message: why.text });
    const isFinal = this.#state?.identity.role === 'manager';
    const before = this.#move({ kind: 'broken', error: why.text, isFinal });
    if (before.kind !== 'entering') {
      if (before.kind === 'returning') before.done?.(failed(why));
      this.managerLife.end();
      return;
    }
    this.#undo(() => {
      this.#undone();
      before.done(failed(why));
    });
  }

  #undo(done: () => void): void {
    this.#halt(() => {
      this.#ports.storage.wipe((unwiped) => {
        if (unwiped !== null) this.#warn(`what the entry left stays: ${unwiped.message}`);
        this.#ports.useIdentity(null);
        this.#move({ kind: 'ended' });
        done();
      });
    });
  }

  /** The one place where the standing changes; answers what it was. */
  #move(event: StandingEvent): Standing {
    const before = this.#standing;
    this.#standing = nextStanding(before, event);
    const waits = before.kind === 'entering' || before.kind === 'returning';
    if (waits && this.#standing.kind === 'inside') before.done?.(ok(null));
    return before;
  }

  #isOver(): boolean {
    return this.#standing.kind === 'over' || this.#standing.kind === 'undoing';
  }

  // The port does not wait for containers that take their time to end: others shall see at once that this node is gone.
  #halt(done: () => void): void {
    this.#stopTimers();
    this.managerLife.end();
    const agent = this.#agent;
    this.#agent = null;
    let ending = 2;
    const ended = (): void => {
      ending -= 1;
      if (ending === 0) done();
    };
    if (agent === null) ended();
    else agent.stop(ended);
    this.#ports.unlisten(ended);
  }

  #stopTimers(): void {
    this.#renewal?.stop();
    this.#roleChange.stop();
    this.#hearing?.cancel();
    this.#joinAddress.stop();
  }

  #createManagerLife(): ManagerLife {
    return new ManagerLife(this.#ports, this.#core, {
      state: () => this.#present(),
      change: (patch, next) => {
        this.#change(patch, next);
      },
      joinAddr: () => this.#joinAddress.addr,
      opened: () => {
        this.#move({ kind: 'manager-open' });
        if (this.#agent === null) this.#startAgent();
      },
      joinRefused: (error) => {
        if (this.#standing.kind === 'entering') this.#notTakenIn(error);
        else if (this.#joinAddress.addr !== null && !isForever(error)) this.#breakDown(error);
        else this.#move({ kind: 'trouble', error: error.text });
        return this.#farewell === null && !this.#isDown && !this.#isOver();
      },
      failed: (error) => {
        this.fail(error);
      },
      left: () => {
        // A worker's keys open nothing of the swarm's; no unlock key will reach this node any more either.
        this.#lock(null);
        this.#agent?.setPeers(this.managers);
        this.#renewal?.expect('worker');
        this.#roleChange.rejoinLater();
      },
      managersChanged: () => {
        this.#agent?.setPeers(this.managers);
      },
      clusterChanged: ({ unlockKey, meta }) => {
        this.#lock({ key: unlockKey ?? null, version: meta.version });
      },
    });
  }

  /**
   * A manager that the leader does not take in has no stay; but its agent has introduced the node by then, which is listed from then on as one that is down
   * (SwarmKit: agent and manager of a node start together).
   */
  #notTakenIn({ code, text }: SwarmError): void {
    const refused = new SwarmError(code, cannotJoin(text), 'facade');
    this.#farewell = () => {
      this.#farewell = null;
      late.cancel();
      this.fail(refused);
    };
    const late = this.#core.timers.after(INTRODUCTION_MS, () => this.#farewell?.());
    this.#startAgent();
  }

  /**
   * The manager that this node joined through does not make it one: agent and manager end, and their containers run on. A process that did not find its way
   * into the swarm before does not try again (moby: nodeRunner.handleNodeExit).
   */
  #breakDown({ text }: SwarmError): void {
    const error = cannotJoin(text);
    this.#warn(`the node ended: ${error}`);
    this.#isDown = true;
    this.#stopTimers();
    this.managerLife.end();
    this.#agent?.halt();
    this.#agent = null;
    this.#ports.unlisten(() => undefined);
    const before = this.#move({ kind: 'broken', error, isFinal: false });
    if (before.kind === 'returning') return;
    this.#joinAddress.beginLater(() => {
      this.#beginAnew();
    });
  }

  #beginAnew(): void {
    this.#change({ managers: this.#joinAddress.managers() }, () => {
      this.#isDown = false;
      this.#begin();
      this.#startAgent();
      if (this.#present().identity.role === 'manager') this.managerLife.joinAny();
    });
  }

  #present(): NodeState {
    if (this.#state === null) throw new Error('a node without an identity has no manager');
    return this.#state;
  }

  #adopt(state: NodeState, next: () => void): void {
    // The node may have left while it was given its certificate.
    if (this.#isOver()) return;
    this.#state = state;
    this.#change({}, () => {
      this.#ports.useIdentity(state.identity);
      this.#begin();
      next();
    });
  }

  // Changes add up in memory at once, so that two under way do not undo each other; what follows on one waits for the disk.
  #change(patch: Partial<NodeState>, next: () => void): void {
    const state = { ...this.#present(), ...patch };
    this.#state = state;
    this.#ports.storage.save(state, (error) => {
      if (this.#isOver()) return;
      if (error !== null) this.fail(error);
      else next();
    });
  }

  #begin(): void {
    this.#renewal = new CertificateRenewal(this.#core, {
      enrolment: this.#ports.enrolment,
      identity: () => this.#present().identity,
      managers: () => this.managers,
      renewed: (identity) => {
        this.#renewed(identity);
      },
    });
  }

  #startAgent(): void {
    const { dialer, executor, storage } = this.#ports;
    const { identity, managers } = this.#present();
    const self = identity.nodeId;
    // An agent that begins before its manager is heard of goes to another first, and stays there as long as that lasts.
    const isOwnHeard = this.managerLife.services !== null;
    const agent = new Agent(this.#core, {
      nodeId: self,
      dialer,
      executor,
      storage: storage.agentStorage(),
      localManager: () => {
        const { services } = this.managerLife;
        const addr = hostOf(this.#present().advertiseAddr);
        if (services === null || (this.#hearing !== null && !isOwnHeard)) return null;
        const { dispatcher, logBroker } = services;
        return localDispatcher(this.#core, dispatcher, logBroker, { nodeId: self, addr });
      },
      onSession: (message) => {
        if (this.#agent === agent) this.#inSession(message);
      },
      completeDescription: (description) =>
        withTlsInfo(description, this.#present().identity, this.#ports.enrolment),
    });
    this.#agent = agent;
    agent.start(managers);
  }

  #inSession({ managers, node, rootCa }: SessionMessage): void {
    if (this.#farewell !== null) {
      this.#farewell();
      return;
    }
    this.#move({ kind: 'in-session' });
    if (managers.length > 0 && !samePeers(managers, this.#present().managers)) {
      this.#change({ managers }, () => undefined);
    }
    this.#trust(rootCa);
    this.#renewal?.expect(node.role);
    if (node.certificate.state === 'rotate') this.#renewal?.renew();
  }

  /** The root of the swarm changed, and this node's certificate is of the new one already. */
  #trust(rootCa: string): void {
    const { identity } = this.#present();
    if (rootCa === '' || rootCa === identity.rootCa) return;
    const changed = { ...identity, rootCa };
    this.#change({ identity: changed }, () => {
      this.#ports.useIdentity(this.#present().identity);
      this.#agent?.refreshDescription();
    });
  }

  #renewed(identity: Identity): void {
    const before = this.#present().identity.role;
    this.#change({ identity }, () => {
      this.#ports.useIdentity(identity);
      this.#agent?.refreshDescription();
      if (identity.role !== before) this.#roleChange.take(identity.role);
    });
  }

  #lock(lock: Lock | null): void {
    this.#ports.storage.lock(lock, (answer) => {
      if (this.#isOver()) return;
      if ('code' in answer) this.fail(answer);
      // What lay open on the disk may have been read; SwarmKit has a new key certified at once.
      else if (answer.isNewlyLocked) this.#renewal?.renew();
    });
  }

  #warn(message: string): void {
    this.#ports.log({ level: 'warn', part: 'node', message });
  }
}

/** Real managers promote a twin too, and cannot share a log with it: it goes on as an agent (docs/how-the-twin-works.md). */
const isForever = ({ code }: SwarmError): boolean => code === 'FailedPrecondition';

const cannotJoin = (text: string): string => `manager stopped: can't initialize raft node: ${text}`;

const samePeers = (a: readonly WeightedPeer[], b: readonly WeightedPeer[]): boolean =>
  a.length === b.length &&
  a.every((peer) => b.some((other) => other.nodeId === peer.nodeId && other.addr === peer.addr));

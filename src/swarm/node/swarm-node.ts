import type { ControlReplies, ControlRequest } from '../../model/control.ts';
import { SwarmError } from '../../model/errors.ts';
import { failed, ok, type Done } from '../../model/result.ts';
import { DEFAULT_SWARM_SPEC, type SwarmSpec } from '../../model/specs.ts';
import { formatTime } from '../../model/time.ts';
import { validateClusterSpec } from '../control/validate-service.ts';
import type { LogMessage, LogRequest, PacedSink } from '../logs/log-api.ts';
import type { LeaderServices } from '../manager/leader-services.ts';
import type { Manager } from '../manager/manager.ts';
import {
  prepareFounding,
  prepareJoin,
  type InitParameters,
  type JoinSwarmParameters,
} from './entry.ts';
import { describeNode, type LocalState, type NodeFacts } from './node-info.ts';
import type { LockedNode, NodePorts, NodeState, StoredNode } from './node-ports.ts';
import type { Standing } from './standing.ts';
import { Stay } from './stay.ts';

/** moby: a join answers within 20 s and goes on behind the scenes. */
const JOIN_BUDGET_MS = 20_000;

/** moby: errSwarmLocked. */
export const LOCKED =
  'Swarm is encrypted and needs to be unlocked before it can be used. Please use "docker swarm unlock" to unlock it.';

const notStarted = (why: string): string => `swarm component could not be started: ${why}`;

/** A founder begins with its spec at once, unless the leader might refuse it, or would have to act on it. */
const canBegin = (spec: SwarmSpec): boolean =>
  validateClusterSpec(spec) === null &&
  spec.CAConfig.ForceRotate === undefined &&
  spec.CAConfig.SigningCACert === undefined &&
  spec.CAConfig.SigningCAKey === undefined;

const STATE_OF_STANDING: Readonly<Record<Standing['kind'], LocalState>> = {
  entering: 'pending',
  undoing: 'pending',
  returning: 'pending',
  inside: 'active',
  failed: 'error',
  over: 'pending',
};

/** One machine, in a swarm or out of it (SwarmKit: node/node.go; moby: daemon/cluster). A stay in a swarm is one object of its own. */
export class SwarmNode {
  readonly #ports: NodePorts;
  #stay: Stay | null = null;
  #locked: LockedNode | null = null;

  constructor(ports: NodePorts) {
    this.#ports = ports;
  }

  /** Takes up where the process before left off; `null` for a node that was in no swarm. A locked one waits for its key. */
  start(stored: StoredNode): void {
    if (stored !== null && 'isLocked' in stored) this.#locked = stored;
    else if (stored !== null) this.#takeUp(stored);
  }

  /** A node that was away for longer than its certificate lasts cannot get another one: it has to leave and join again. */
  #takeUp(state: NodeState): void {
    const { enrolment, clock } = this.#ports;
    const validity = enrolment.validity(state.identity);
    const now = clock.now();
    if (validity === null || now <= validity.to) {
      this.#newStay({ kind: 'returning', error: '' }).resume(state);
      return;
    }
    const error = `error while loading TLS certificate: certificate (1 - ${state.identity.nodeId}) not valid after ${formatTime(validity.to)}, and it is currently ${formatTime(now)}: x509: certificate has expired or is not yet valid`;
    this.#ports.log({ level: 'error', part: 'node', message: error });
    this.#newStay({ kind: 'failed', error, isFinal: true }).rest(state);
  }

  /** Opens a locked node with its swarm's key; answers when its manager serves. Errors: Unauthenticated for another key. */
  unlock(key: string, done: Done<null>): void {
    if (this.#locked === null) {
      done(failed(new SwarmError('AlreadyExists', 'swarm is not locked', 'facade')));
      return;
    }
    this.#ports.storage.unlock(key, (opened) => {
      if (this.#locked === null) {
        done(failed(new SwarmError('Unavailable', 'the node left', 'facade')));
      } else if (opened === null) {
        const text = 'swarm could not be unlocked: invalid key provided';
        done(failed(new SwarmError('Unauthenticated', text, 'facade')));
      } else if ('code' in opened) {
        done(failed(new SwarmError('Unknown', notStarted(opened.message), 'facade')));
      } else {
        this.#locked = null;
        this.#newStay({ kind: 'returning', error: '', done }).resume(opened);
      }
    });
  }

  /** Ends agent, manager and the containers of tasks; the rest stays on the disk for the next start. Within 15 s. */
  stop(done: () => void): void {
    const stopped = new SwarmError('Unavailable', 'the node is stopped', 'facade');
    if (this.#stay === null) this.#ports.unlisten(done);
    else this.#stay.end(stopped, done);
  }

  localState(): LocalState {
    if (this.#locked !== null) return 'locked';
    return this.#stay === null ? 'inactive' : STATE_OF_STANDING[this.#stay.standing.kind];
  }

  role(): 'manager' | 'worker' | null {
    return this.#stay?.state?.identity.role ?? null;
  }

  /** `''` outside of a swarm, and while the node's part in it has ended by an error (moby: nodeState.NodeID). */
  nodeId(): string {
    return this.#running()?.state?.identity.nodeId ?? '';
  }

  managerReady(): boolean {
    return this.manager !== null && this.localState() === 'active';
  }

  /** The manager, for the RPC server; null on a worker. */
  get manager(): Manager | null {
    return this.#stay?.managerLife.manager ?? null;
  }

  /** The leader's services as this manager offers them; null on a worker. */
  get services(): LeaderServices | null {
    return this.#stay?.managerLife.services ?? null;
  }

  facts(): NodeFacts {
    const standing = this.#stay?.standing;
    const error = standing !== undefined && 'error' in standing ? standing.error : '';
    return {
      state: this.#running()?.state ?? null,
      advertiseAddr: this.#stay?.state?.advertiseAddr ?? this.#locked?.advertiseAddr ?? '',
      localState: this.localState(),
      error: this.#locked === null ? error : LOCKED,
      manager: this.manager,
      managers: this.#running()?.managers ?? [],
    };
  }

  /** Asks the control plane through this node's manager, for `budgetMs` at most (20 s unless given). Errors: Unavailable without a manager. */
  control<R extends ControlRequest>(
    request: R,
    done: Done<ControlReplies[R['method']]>,
    budgetMs?: number,
  ): void {
    const { manager } = this;
    if (manager !== null) manager.control(request, done, budgetMs);
    else {
      const text =
        'This node is not a swarm manager. Manager is being prepared or has trouble connecting to the cluster.';
      done(failed(new SwarmError('Unavailable', text, 'facade')));
    }
  }

  /** Streams the output of tasks through this node's manager. Errors: Unavailable without one. */
  logs(request: LogRequest, sink: PacedSink<readonly LogMessage[]>): void {
    const { services } = this;
    if (services === null) sink.end(new SwarmError('Unavailable', 'the manager has ended'));
    else services.logs.subscribe(request, sink);
  }

  info(done: Parameters<typeof describeNode>[1]): void {
    describeNode(this.facts(), done);
  }

  /**
   * Founds a swarm; answers when this node is ready in it. Where that fails nothing of it stays. A manager that is in a swarm already goes on with that one
   * alone, its other managers being lost.
   */
  init(parameters: InitParameters, done: Done<{ readonly nodeId: string }>): void {
    const before = this.#stay;
    if (before !== null) {
      this.#goOnAlone(before, parameters, done);
      return;
    }
    const { spec } = parameters;
    const isPlain = canBegin(spec);
    const stay = this.#newStay({
      kind: 'entering',
      done: (result) => {
        if (result.ok && !isPlain) this.#respec(() => spec, done);
        else done(result.ok ? ok({ nodeId: this.nodeId() }) : result);
      },
    });
    const first = isPlain ? parameters : { ...parameters, spec: DEFAULT_SWARM_SPEC };
    prepareFounding(this.#ports, first, (result) => {
      if (this.#stay !== stay) return;
      if (result.ok) stay.found(result.value.state, result.value.first);
      else stay.fail(result.error);
    });
  }

  #goOnAlone(
    before: Stay,
    { listenAddr, advertiseAddr, respec }: InitParameters,
    done: Done<{ readonly nodeId: string }>,
  ): void {
    const { state } = before;
    if (state === null || this.manager === null) {
      done(failed(new SwarmError('Unavailable', 'this node is no manager', 'facade')));
      return;
    }
    const anew = new SwarmError('Unavailable', 'the swarm begins anew', 'facade');
    before.end(anew, () => {
      const answer: Done<null> = (result) => {
        if (result.ok) this.#respec(respec ?? ((base) => base), done);
        else done(result);
      };
      const managers = [{ nodeId: state.identity.nodeId, addr: advertiseAddr, weight: 10 }];
      const alone = { ...state, listenAddr, advertiseAddr, managers };
      this.#newStay({ kind: 'returning', error: '', done: answer }).resume(alone, true);
    });
  }

  /** Gives the swarm a spec once it has a leader, which judges it (moby: initClusterSpec). */
  #respec(change: (base: SwarmSpec) => SwarmSpec, done: Done<{ readonly nodeId: string }>): void {
    const refuse = (step: string, error: SwarmError): void => {
      done(failed(new SwarmError('Unknown', `error ${step}: ${error.text}`, 'facade')));
    };
    this.control({ method: 'get-cluster' }, (cluster) => {
      if (!cluster.ok) {
        refuse('on listing clusters', cluster.error);
        return;
      }
      const { meta, spec } = cluster.value;
      const update = {
        method: 'update-cluster',
        version: meta.version,
        spec: change(spec),
        rotateWorkerToken: false,
        rotateManagerToken: false,
      } as const;
      this.control(update, (result) => {
        if (result.ok) done(ok({ nodeId: this.nodeId() }));
        else refuse('updating cluster settings', result.error);
      });
    });
  }

  /** Joins a swarm; answers when this node has its first session, or after 20 s, and then goes on joining. */
  join(parameters: JoinSwarmParameters, done: Done<null>): void {
    const answer = this.#withinBudget(done);
    const stay = this.#newStay({ kind: 'entering', done: answer });
    prepareJoin(this.#ports, parameters, (result) => {
      if (this.#stay !== stay) return;
      if (result.ok) stay.join(result.value, parameters.remoteAddr);
      else stay.fail(result.error);
    });
  }

  /** Leaves at all costs: nothing of the swarm stays on this node. Managers elsewhere are not told (SwarmKit). */
  leave(done: Done<null>): void {
    const stay = this.#stay;
    if (this.#locked !== null) {
      // Nobody knows which containers were its tasks'.
      this.#forget(ok(null), done);
      return;
    }
    if (stay === null) {
      done(failed(new SwarmError('Unavailable', 'This node is not part of a swarm', 'facade')));
      return;
    }
    const left = new SwarmError('Unavailable', 'the node left before it had joined', 'facade');
    // moby: what runs no node any more does not know whose containers they are.
    const self = stay.isDown ? undefined : stay.state?.identity.nodeId;
    stay.end(left, () => {
      if (self === undefined) this.#forget(ok(null), done);
      else
        this.#ports.removeContainers(self, (removed) => {
          this.#forget(removed, done);
        });
    });
  }

  #forget(removed: Parameters<Done<null>>[0], done: Done<null>): void {
    this.#ports.storage.wipe((error) => {
      this.#stay = null;
      this.#locked = null;
      this.#ports.useIdentity(null);
      if (error !== null) done(failed(new SwarmError('Unknown', error.message, 'facade')));
      else done(removed);
    });
  }

  #running(): Stay | null {
    return this.#stay?.isDown === true ? null : this.#stay;
  }

  #newStay(standing: Standing): Stay {
    const stay: Stay = new Stay(this.#ports, standing, () => {
      if (this.#stay === stay) this.#stay = null;
    });
    this.#stay = stay;
    return stay;
  }

  #withinBudget(done: Done<null>): Done<null> {
    let isAnswered = false;
    const answer: Done<null> = (result) => {
      if (isAnswered) return;
      isAnswered = true;
      budget.cancel();
      done(result);
    };
    const budget = this.#ports.timers.after(JOIN_BUDGET_MS, () => {
      const text =
        'Timeout was reached before node joined. The attempt to join the swarm will continue in the background. Use the "docker info" command to see the current swarm status of your node.';
      answer(failed(new SwarmError('Unavailable', text, 'facade')));
    });
    return answer;
  }
}

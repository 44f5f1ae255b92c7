import type { ControlReplies, ControlReply, ControlRequest } from '../../model/control.ts';
import { SwarmError } from '../../model/errors.ts';
import { failed, type Done, type Result } from '../../model/result.ts';
import type { Ports, Timer } from '../ports.ts';
import type { Member } from './consensus-ports.ts';

/** moby: every call to the cluster has 20 s. */
export const REQUEST_BUDGET_MS = 20_000;
/** SwarmKit: lostQuorumTimeout, in ticks without any leader; asked when a call comes, and not again of one that waits. */
const LOST_QUORUM_TICKS = 10;
/** SwarmKit: how often a call waits for a leader, and for a new one after its connection broke. */
const NO_LEADER_POLL_MS = 1000;
const NEW_LEADER_POLL_MS = 500;

/** What the router knows of consensus at this moment. */
export interface LeaderView {
  isSelf(): boolean;
  /** The leader, unless it is unknown or ourselves. */
  member(): Member | null;
  isReachable(member: Member): boolean;
  ticksSinceLeader(): number;
}

export interface RouterPorts {
  readonly leader: LeaderView;
  execute(request: ControlRequest, done: Done<ControlReply>): void;
  forward(to: Member, request: ControlRequest, deadlineMs: number, done: Done<ControlReply>): void;
  health(addr: string, deadlineMs: number, done: Done<null>): void;
}

/** SwarmKit: what every call gets once no leader has been seen for more than 10 ticks. */
const LOST_QUORUM = new SwarmError(
  'Unknown',
  "The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.",
);
// One for all: without a leader everybody is told so all the time, and making an error costs more than the call.
export const lostQuorum = (): SwarmError => LOST_QUORUM;

/** SwarmKit: a call is handed on once (raft proxies). */
export const secondRedirect = (from: string): SwarmError =>
  new SwarmError('ResourceExhausted', `more than one redirect to leader from: [${from}]`);

const deadlineExceeded = (): SwarmError =>
  new SwarmError('DeadlineExceeded', 'context deadline exceeded');

/** Takes a client's request to wherever the leader is, and waits for one within the budget (behaviour.md 9.4). */
export class RequestRouter {
  readonly #ports: Ports;
  readonly #router: RouterPorts;
  readonly #calls = new Set<Call>();

  constructor(ports: Ports, router: RouterPorts) {
    this.#ports = ports;
    this.#router = router;
  }

  /** Errors: DeadlineExceeded once `budgetMs` are over, and those of `lostQuorum` and of whoever carries the request out. */
  control<R extends ControlRequest>(
    request: R,
    done: Done<ControlReplies[R['method']]>,
    budgetMs = REQUEST_BUDGET_MS,
  ): void {
    this.#begin({ request, budgetMs, from: null }, (result) => {
      done(result as Result<ControlReplies[R['method']]>);
    });
  }

  /**
   * As `control`, for a request that the manager at `from` handed on: where another manager leads it is refused, for want of a leader it waits. Errors: ResourceExhausted
   * for a second hop.
   */
  handedOn(from: string, request: ControlRequest, done: Done<ControlReply>): void {
    this.#begin({ request, budgetMs: REQUEST_BUDGET_MS, from }, done);
  }

  #begin(asked: Asked, done: Done<ControlReply>): void {
    const call = new Call(this.#ports, this.#router, asked, (result) => {
      this.#calls.delete(call);
      done(result);
    });
    this.#calls.add(call);
    call.attempt();
  }

  /** The manager stops: whoever still waits is told so. */
  stop(): void {
    const stopped = new SwarmError(
      'Unknown',
      'raft: failed to process the request: node is stopped',
    );
    for (const call of [...this.#calls]) call.finish(failed(stopped));
  }
}

interface Asked {
  readonly request: ControlRequest;
  readonly budgetMs: number;
  /** The address of the manager that handed it on; null for a client's own. */
  readonly from: string | null;
}

/** One request on its way. */
class Call {
  readonly #ports: Ports;
  readonly #router: RouterPorts;
  readonly #asked: Asked;
  readonly #done: Done<ControlReply>;
  readonly #deadline: Timer;
  #poll: Timer | null = null;
  #waitedMs = 0;
  #finished = false;
  #repeated = false;
  /** It came while there was hope of a leader, and gives that up with its budget only. */
  #waits = false;

  constructor(ports: Ports, router: RouterPorts, asked: Asked, done: Done<ControlReply>) {
    this.#ports = ports;
    this.#router = router;
    this.#asked = asked;
    this.#done = done;
    this.#deadline = ports.timers.after(asked.budgetMs, () => {
      this.finish(failed(deadlineExceeded()));
    });
  }

  finish(result: Result<ControlReply>): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#deadline.cancel();
    this.#poll?.cancel();
    this.#done(result);
  }

  attempt(): void {
    if (this.#finished) return;
    if (this.#isHopeless()) {
      this.finish(failed(lostQuorum()));
      return;
    }
    const { leader } = this.#router;
    const member = leader.member();
    if (leader.isSelf()) {
      this.#router.execute(this.#asked.request, (result) => {
        this.finish(result);
      });
    } else if (member !== null && leader.isReachable(member)) this.#forward(member);
    else
      this.#waitForLeader(() => {
        this.attempt();
      });
  }

  #forward(member: Member): void {
    const { request, budgetMs, from } = this.#asked;
    if (from !== null) {
      this.finish(failed(secondRedirect(from)));
      return;
    }
    this.#router.forward(member, request, budgetMs - this.#waitedMs, (result) => {
      if (this.#finished) return;
      if (result.ok || result.error.code !== 'Unavailable' || this.#repeated) this.finish(result);
      else this.#awaitNewLeader();
    });
  }

  // The connection broke under the call. Once a leader answers its health check the call is repeated, once; it may then run twice.
  #awaitNewLeader(): void {
    this.#again(NEW_LEADER_POLL_MS, () => {
      this.#waits = false;
      this.#tryNewLeader();
    });
  }

  #tryNewLeader(): void {
    if (this.#isHopeless()) {
      this.finish(failed(lostQuorum()));
      return;
    }
    const { leader } = this.#router;
    const member = leader.member();
    if (leader.isSelf()) this.#repeat();
    else if (member === null)
      this.#waitForLeader(() => {
        this.#tryNewLeader();
      });
    else {
      this.#router.health(member.addr, NEW_LEADER_POLL_MS, (health) => {
        if (this.#finished) return;
        if (health.ok) this.#repeat();
        else this.#awaitNewLeader();
      });
    }
  }

  #isHopeless(): boolean {
    return !this.#waits && this.#router.leader.ticksSinceLeader() > LOST_QUORUM_TICKS;
  }

  #waitForLeader(next: () => void): void {
    this.#waits = true;
    this.#again(NO_LEADER_POLL_MS, next);
  }

  #repeat(): void {
    this.#repeated = true;
    this.attempt();
  }

  #again(delayMs: number, next: () => void): void {
    this.#poll = this.#ports.timers.after(delayMs, () => {
      this.#waitedMs += delayMs;
      if (!this.#finished) next();
    });
  }
}

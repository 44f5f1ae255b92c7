import { SwarmError } from '../model/errors.ts';
import { failed, ok, type Done, type Result } from '../model/result.ts';
import type { TaskSpec } from '../model/specs.ts';
import type { RaftMessage, RaftPeers } from '../swarm/manager/consensus-ports.ts';
import type { LeaderServices } from '../swarm/manager/leader-services.ts';
import type { RemoteLeader, RemoteLeaders } from '../swarm/manager/remote.ts';
import {
  type Assignment,
  type AssignmentsMessage,
  type Caller,
  type DispatcherApi,
  type DispatcherClient,
  type Sink,
  type Stream,
  type StreamEvents,
  pipe,
} from '../swarm/session.ts';
import type { Network, Process } from './process.ts';
import { logBrokerOf, remoteLogsOf } from './wire-logs.ts';

/** The deadlines of the real drivers. */
const SEND_MS = 2000;
const CALL_MS = 5000;
const STATUS_MS = 30_000;
const JOIN_MS = 25_000;

/** the dispatcher behind an address, asked in the name of `caller`. */
export function dispatcherOf(
  network: Network,
  from: Process,
  addr: string,
  caller: () => Caller,
): DispatcherClient {
  const call = <T>(
    use: (services: LeaderServices, answer: Done<T>) => void,
    done: Done<T>,
  ): void => {
    network.call<T>(
      from,
      addr,
      CALL_MS,
      (to, answer) => {
        const services = to.servicesFor(from, answer);
        if (services !== null) use(services, answer);
      },
      done,
    );
  };
  const stream = <T>(
    events: StreamEvents<T>,
    use: (services: LeaderServices, sink: Sink<T>) => void,
  ): Stream =>
    network.stream<T>(from, addr, events, (to, sink) => {
      const services = to.servicesFor(from, (refused) => {
        if (!refused.ok) sink.end(refused.error);
      });
      if (services !== null) use(services, sink);
    });
  return {
    session: (request, events) =>
      stream(events, ({ dispatcher }, sink) => {
        dispatcher.session(caller(), request, sink);
      }),
    assignments: (sessionId, events) =>
      stream(respelling(events), ({ dispatcher }, sink) => {
        dispatcher.assignments(caller(), sessionId, sink);
      }),
    heartbeat: (sessionId, done) => {
      call<{ readonly periodMs: number }>(({ dispatcher }, answer) => {
        dispatcher.heartbeat(caller(), sessionId, answer);
      }, done);
    },
    updateTaskStatus: (sessionId, updates, done) => {
      call<null>(({ dispatcher }, answer) => {
        dispatcher.updateTaskStatus(caller(), sessionId, updates, answer);
      }, done);
    },
    ...(network.carriesLogs
      ? { logs: logBrokerOf(network, from, addr, () => caller().nodeId) }
      : {}),
    close: () => undefined,
  };
}

// The real wire has no empty fields, so what comes through it is spelt otherwise than what a leader's own store holds.
const respelling = (
  events: StreamEvents<AssignmentsMessage>,
): StreamEvents<AssignmentsMessage> => ({
  message: (message) => {
    events.message({ ...message, changes: message.changes.map(withoutEmptyFields) });
  },
  end: (error) => {
    events.end(error);
  },
});

function withoutEmptyFields(change: Assignment): Assignment {
  if (change.kind !== 'task' || change.action !== 'update') return change;
  const { ForceUpdate, ...spec } = change.task.spec;
  const spelt = ForceUpdate === 0 ? (spec as TaskSpec) : change.task.spec;
  return { ...change, task: { ...change.task, spec: spelt } };
}

interface Outgoing {
  readonly message: RaftMessage;
  readonly sent: (error: SwarmError | null) => void;
}

/** One message at a time to each member, as the real driver does; what waits behind one that failed is dropped. */
class Outbox {
  readonly #network: Network;
  readonly #from: Process;
  readonly #addr: string;
  readonly #queue: Outgoing[] = [];
  #underWay: Outgoing | null = null;

  constructor(network: Network, from: Process, addr: string) {
    this.#network = network;
    this.#from = from;
    this.#addr = addr;
  }

  push(outgoing: Outgoing): void {
    if (this.#underWay === null) this.#send(outgoing);
    else this.#queue.push(outgoing);
  }

  #send(outgoing: Outgoing): void {
    this.#underWay = outgoing;
    const { message } = outgoing;
    const from = this.#from;
    const serve = (to: Process, answer: Done<null>): void => {
      to.managerFor(from, answer, (manager) => {
        const refusal = manager.receive(message);
        answer(refusal === null ? TAKEN : failed(refusal));
      });
    };
    this.#network.call(from, this.#addr, SEND_MS, serve, this.#answered, true);
  }

  readonly #answered = (result: Result<null>): void => {
    const underWay = this.#underWay;
    if (result.ok) underWay?.sent(null);
    else {
      const dropped = this.#queue.splice(0);
      underWay?.sent(result.error);
      for (const { sent } of dropped) sent(result.error);
    }
    const next = this.#queue.shift();
    if (next === undefined) this.#underWay = null;
    else this.#send(next);
  };
}

const TAKEN = ok(null);

/** the other managers as one manager reaches them. */
export function peersOf(network: Network, from: Process): RaftPeers {
  const outboxes = new Map<string, Outbox>();
  return {
    send: (to, message, sent) => {
      let outbox = outboxes.get(to.addr);
      if (outbox === undefined)
        outboxes.set(to.addr, (outbox = new Outbox(network, from, to.addr)));
      outbox.push({ message, sent });
    },
    health: (addr, deadlineMs, done) => {
      network.call<null>(
        from,
        addr,
        deadlineMs,
        (_to, answer) => {
          answer(ok(null));
        },
        done,
      );
    },
    resolve: resolverOf(network, from),
    join: (addr, ownAddr, done) => {
      remoteOf(network, from)
        .leader({ raftId: '', nodeId: from.caller().nodeId, addr })
        .membership.join(from.caller().nodeId, ownAddr, from.name, done);
    },
    control: (leader, request, deadlineMs, done) => {
      network.call(
        from,
        leader.addr,
        deadlineMs,
        (to, answer) => {
          to.managerFor(from, answer, (manager) => {
            manager.controlFor(from.name, request, answer);
          });
        },
        done,
      );
    },
    forget: (member) => {
      outboxes.delete(member.addr);
    },
  };
}

const resolverOf =
  (network: Network, from: Process): RaftPeers['resolve'] =>
  (addr, member, deadlineMs, done) => {
    network.call<string>(
      from,
      addr,
      deadlineMs,
      (to, answer) => {
        const found = to.node.manager?.members().find(({ raftId }) => raftId === member);
        const unknown = new SwarmError('NotFound', `member ${member} not found`);
        answer(found === undefined ? failed(unknown) : ok(found.addr));
      },
      done,
    );
  };

/** the leader's services, asked by another manager in somebody's name. */
export function remoteOf(network: Network, from: Process): RemoteLeaders {
  const known = new Map<string, RemoteLeader>();
  return {
    leader: ({ addr }) => {
      let leader = known.get(addr);
      if (leader === undefined) known.set(addr, (leader = remoteLeaderOf(network, from, addr)));
      return leader;
    },
  };
}

function remoteLeaderOf(network: Network, from: Process, addr: string): RemoteLeader {
  const ask: Ask = (deadlineMs, use, done) => {
    network.call(
      from,
      addr,
      deadlineMs,
      (to, answer: typeof done) => {
        const services = to.servicesFor(from, answer);
        if (services !== null) use(services, answer);
      },
      done,
    );
  };
  return {
    dispatcher: forwarded((caller) => dispatcherOf(network, from, addr, () => caller)),
    ...certificatesAndMembership(ask),
    ...(network.carriesLogs ? remoteLogsOf(network, from, addr) : {}),
  };
}

type Ask = <T>(
  deadlineMs: number,
  use: (services: LeaderServices, answer: Done<T>) => void,
  done: Done<T>,
) => void;

function certificatesAndMembership(ask: Ask): Omit<RemoteLeader, 'dispatcher'> {
  return {
    certificates: {
      issue: (caller, request, done) => {
        const use = ({ certificates }: LeaderServices, answer: typeof done): void => {
          certificates.issue(caller, request, answer);
        };
        ask(CALL_MS, use, done);
      },
      status: (id, done) => {
        const use = ({ certificates }: LeaderServices, answer: typeof done): void => {
          certificates.status(id, answer);
        };
        ask(STATUS_MS, use, done);
      },
    },
    membership: {
      join: (id, ownAddr, caller, done) => {
        const use = ({ membership }: LeaderServices, answer: typeof done): void => {
          membership.join(id, ownAddr, caller, answer);
        };
        ask(JOIN_MS, use, done);
      },
    },
  };
}

const forwarded = (client: (caller: Caller) => DispatcherClient): DispatcherApi => ({
  session: (caller, request, sink) => {
    pipe(sink, (events) => client(caller).session(request, events));
  },
  assignments: (caller, sessionId, sink) => {
    pipe(sink, (events) => client(caller).assignments(sessionId, events));
  },
  heartbeat: (caller, sessionId, done) => {
    client(caller).heartbeat(sessionId, done);
  },
  updateTaskStatus: (caller, sessionId, updates, done) => {
    client(caller).updateTaskStatus(sessionId, updates, done);
  },
});

import { SwarmError } from '../../model/errors.ts';
import { failed, type Done } from '../../model/result.ts';
import type {
  LogBrokerApi,
  LogMessage,
  LogPublisher,
  LogsApi,
  PacedSink,
} from '../logs/log-api.ts';
import type { DispatcherApi, Sink } from '../session.ts';
import type { Leader } from './leader.ts';
import type { Manager } from './manager.ts';
import type { CertificateApi, MembershipApi, RemoteLeader, RemoteLeaders } from './remote.ts';
import { lostQuorum } from './request-router.ts';

/** Where the leader is, as far as this manager knows. */
type Whereabouts =
  { readonly here: Leader } | { readonly away: RemoteLeader } | { readonly none: SwarmError };

/**
 * The leader's services as any manager offers them: answered here by the leader, handed on by every other manager (SwarmKit: raft proxies). Without
 * a leader that can be reached they fail at once with `Unavailable`, and the caller tries again in its own time.
 */
export class LeaderServices {
  readonly dispatcher: DispatcherApi;
  readonly certificates: CertificateApi;
  readonly membership: MembershipApi;
  readonly logBroker: LogBrokerApi;
  readonly logs: LogsApi;
  readonly #manager: Manager;
  readonly #remote: RemoteLeaders;
  /** Ends of the streams that are handed on. */
  readonly #streams = new Set<(error: SwarmError) => void>();
  #isStopped = false;

  constructor(manager: Manager, remote: RemoteLeaders) {
    this.#manager = manager;
    this.#remote = remote;
    this.dispatcher = this.#dispatcherApi();
    this.certificates = this.#certificateApi();
    this.logBroker = this.#logBrokerApi();
    this.logs = {
      subscribe: (request, sink) => {
        this.#subscribe(request, sink);
      },
    };
    this.membership = {
      join: (nodeId, addr, from, done) => {
        this.#call(
          done,
          () => {
            manager.join(nodeId, addr, from, done);
          },
          (leader) => {
            leader.membership.join(nodeId, addr, from, done);
          },
        );
      },
    };
  }

  /** The manager is no more: whoever came through it has to find another. */
  stop(): void {
    this.#isStopped = true;
    for (const end of [...this.#streams]) end(stopped());
    this.#streams.clear();
  }

  #dispatcherApi(): DispatcherApi {
    return {
      session: (caller, request, sink) => {
        this.#stream(
          sink,
          ({ dispatcher }) => {
            dispatcher.session(caller, request, sink);
          },
          ({ dispatcher }, away) => {
            dispatcher.session(caller, request, away);
          },
        );
      },
      assignments: (caller, sessionId, sink) => {
        this.#stream(
          sink,
          ({ dispatcher }) => {
            dispatcher.assignments(caller, sessionId, sink);
          },
          ({ dispatcher }, away) => {
            dispatcher.assignments(caller, sessionId, away);
          },
        );
      },
      heartbeat: (caller, sessionId, done) => {
        const beat = ({ dispatcher }: { readonly dispatcher: DispatcherApi }): void => {
          dispatcher.heartbeat(caller, sessionId, done);
        };
        this.#call(done, beat, beat);
      },
      updateTaskStatus: (caller, sessionId, updates, done) => {
        const update = ({ dispatcher }: { readonly dispatcher: DispatcherApi }): void => {
          dispatcher.updateTaskStatus(caller, sessionId, updates, done);
        };
        this.#call(done, update, update);
      },
    };
  }

  #certificateApi(): CertificateApi {
    type Certificates = { readonly certificates: Omit<CertificateApi, 'rootCertificate'> };
    return {
      rootCertificate: () => this.#manager.store.read.all('cluster')[0]?.rootCa.certificate ?? '',
      issue: (caller, request, done) => {
        const issue = ({ certificates }: Certificates): void => {
          certificates.issue(caller, request, done);
        };
        this.#call(done, issue, issue);
      },
      status: (nodeId, done) => {
        const status = ({ certificates }: Certificates): void => {
          certificates.status(nodeId, done);
        };
        this.#call(done, status, status);
      },
    };
  }

  #logBrokerApi(): LogBrokerApi {
    return {
      listen: (caller, sink) => {
        this.#stream(
          sink,
          ({ logBroker }) => {
            logBroker.listen(caller, sink);
          },
          ({ logBroker }, away) => {
            if (logBroker === undefined) away.end(NO_LOGS_THERE);
            else logBroker.listen(caller, away);
          },
        );
      },
      publish: (caller, subscriptionId, ended) => {
        const leader = this.#leader();
        const broker = 'here' in leader ? leader.here.logBroker : awayOf(leader)?.logBroker;
        if (broker !== undefined) return broker.publish(caller, subscriptionId, ended);
        ended('none' in leader ? leader.none : NO_LOGS_THERE);
        return DEAF;
      },
    };
  }

  #subscribe(
    request: Parameters<LogsApi['subscribe']>[0],
    sink: PacedSink<readonly LogMessage[]>,
  ): void {
    this.#stream(
      sink,
      ({ logBroker }) => {
        logBroker.subscribe(request, sink);
      },
      ({ logs }, away) => {
        const paced: PacedSink<readonly LogMessage[]> = {
          ...away,
          whenReady: (callback) => {
            sink.whenReady(callback);
          },
        };
        if (logs === undefined) away.end(NO_LOGS_THERE);
        else logs.subscribe(request, paced);
      },
    );
  }

  #call<T>(
    done: Done<T>,
    here: (leader: Leader) => void,
    away: (leader: RemoteLeader) => void,
  ): void {
    const leader = this.#leader();
    if ('here' in leader) here(leader.here);
    else if ('away' in leader) away(leader.away);
    else done(failed(leader.none));
  }

  #stream<T>(
    sink: Sink<T>,
    here: (leader: Leader) => void,
    away: (leader: RemoteLeader, sink: Sink<T>) => void,
  ): void {
    const leader = this.#leader();
    if ('here' in leader) here(leader.here);
    else if ('away' in leader) away(leader.away, this.#followed(sink));
    else sink.end(leader.none);
  }

  /** A sink that ends with these services. */
  #followed<T>(sink: Sink<T>): Sink<T> {
    const end = (error: SwarmError | null): void => {
      this.#streams.delete(end);
      sink.end(error);
    };
    this.#streams.add(end);
    sink.onClose(() => {
      this.#streams.delete(end);
    });
    return {
      send: (message) => {
        sink.send(message);
      },
      end,
      onClose: (callback) => {
        sink.onClose(callback);
      },
    };
  }

  #leader(): Whereabouts {
    if (this.#isStopped) return { none: stopped() };
    const here = this.#manager.leader;
    if (here !== null) return { here };
    const member = this.#manager.leadingMember();
    if (member === null) return { none: lostQuorum() };
    return member.raftId === this.#manager.self.raftId
      ? { none: notReady() }
      : { away: this.#remote.leader(member) };
  }
}

const awayOf = (leader: Whereabouts): RemoteLeader | undefined =>
  'away' in leader ? leader.away : undefined;

// One error for all, as every agent of a simulated follower gets it: a stack costs more than the answer.
const NO_LOGS_THERE = new SwarmError('Unimplemented', 'the leader offers no log broker');

/** Nobody listens to this one. */
const DEAF: LogPublisher = {
  publish: () => undefined,
  close: () => undefined,
  fail: () => undefined,
};

// The lead is ours but the log is not all applied yet.
const notReady = (): SwarmError => new SwarmError('Unavailable', 'the leader is not ready yet');
const stopped = (): SwarmError =>
  new SwarmError('Unavailable', 'raft: node is not yet part of a raft cluster');

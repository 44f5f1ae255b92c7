import { SwarmError } from '../../model/errors.ts';
import { failed } from '../../model/result.ts';
import type { DispatcherApi } from '../session.ts';
import type { Manager } from './manager.ts';
import type { CertificateApi, MembershipApi, RemoteLeader, RemoteLeaders } from './remote.ts';
import { lostQuorum } from './request-router.ts';

/**
 * The leader's services as any manager offers them: answered here by the leader, handed on by every other manager (SwarmKit: raft proxies). Without
 * a leader that can be reached they fail at once with `Unavailable`, and the caller tries again in its own time.
 */
export class LeaderServices {
  readonly dispatcher: DispatcherApi;
  readonly certificates: CertificateApi;
  readonly membership: MembershipApi;
  readonly #manager: Manager;
  readonly #remote: RemoteLeaders;

  constructor(manager: Manager, remote: RemoteLeaders) {
    this.#manager = manager;
    this.#remote = remote;
    this.dispatcher = this.#dispatcherApi();
    this.certificates = this.#certificateApi();
    this.membership = {
      join: (nodeId, addr, from, done) => {
        if (manager.leader !== null) manager.join(nodeId, addr, from, done);
        else
          this.#withRemote(
            (leader) => {
              leader.membership.join(nodeId, addr, from, done);
            },
            (error) => {
              done(failed(error));
            },
          );
      },
    };
  }

  #dispatcherApi(): DispatcherApi {
    const here = (): DispatcherApi | undefined => this.#manager.leader?.dispatcher;
    const away = (use: (api: DispatcherApi) => void, fail: (error: SwarmError) => void): void => {
      this.#withRemote((leader) => {
        use(leader.dispatcher);
      }, fail);
    };
    const use = (call: (api: DispatcherApi) => void, fail: (error: SwarmError) => void): void => {
      const local = here();
      if (local === undefined) away(call, fail);
      else call(local);
    };
    return {
      session: (caller, request, sink) => {
        use(
          (api) => {
            api.session(caller, request, sink);
          },
          (error) => {
            sink.end(error);
          },
        );
      },
      heartbeat: (caller, sessionId, done) => {
        use(
          (api) => {
            api.heartbeat(caller, sessionId, done);
          },
          (error) => {
            done(failed(error));
          },
        );
      },
      updateTaskStatus: (caller, sessionId, updates, done) => {
        use(
          (api) => {
            api.updateTaskStatus(caller, sessionId, updates, done);
          },
          (error) => {
            done(failed(error));
          },
        );
      },
      assignments: (caller, sessionId, sink) => {
        use(
          (api) => {
            api.assignments(caller, sessionId, sink);
          },
          (error) => {
            sink.end(error);
          },
        );
      },
    };
  }

  #certificateApi(): CertificateApi {
    return {
      rootCertificate: () => this.#manager.store.read.all('cluster')[0]?.rootCa.certificate ?? '',
      issue: (caller, request, done) => {
        const local = this.#manager.leader?.certificates;
        if (local !== undefined) local.issue(caller, request, done);
        else
          this.#withRemote(
            (leader) => {
              leader.certificates.issue(caller, request, done);
            },
            (error) => {
              done(failed(error));
            },
          );
      },
      status: (nodeId, done) => {
        const local = this.#manager.leader?.certificates;
        if (local !== undefined) local.status(nodeId, done);
        else
          this.#withRemote(
            (leader) => {
              leader.certificates.status(nodeId, done);
            },
            (error) => {
              done(failed(error));
            },
          );
      },
    };
  }

  #withRemote(use: (leader: RemoteLeader) => void, fail: (error: SwarmError) => void): void {
    const member = this.#manager.leadingMember();
    const self = this.#manager.self.raftId;
    if (member === null || member.raftId === self)
      fail(member === null ? lostQuorum() : notReady());
    else use(this.#remote.leader(member));
  }
}

// The lead is ours but the log is not all applied yet.
const notReady = (): SwarmError => new SwarmError('Unavailable', 'the leader is not ready yet');

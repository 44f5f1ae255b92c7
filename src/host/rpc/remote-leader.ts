import type { Identity } from '../../swarm/node/node-ports.ts';
import { nodeId, type NodeId } from '../../model/ids.ts';
import type { Member } from '../../swarm/manager/consensus-ports.ts';
import type { RemoteLeader, RemoteLeaders } from '../../swarm/manager/remote.ts';
import type { LogBrokerApi, LogBrokerClient } from '../../swarm/logs/log-api.ts';
import { pipe, type Caller, type DispatcherApi } from '../../swarm/session.ts';
import type { Connection } from '../wire/client.ts';
import { availabilityToWire, certificateFromWire } from '../wire/convert-node.ts';
import { NodeCA } from '../wire/gen/ca_pb.js';
import { Control } from '../wire/gen/control_pb.js';
import { forwardHeaders, MANAGER, WORKER, type ForwardHeaders, type Role } from '../wire/peer.ts';
import { answer } from './answer.ts';
import type { Connections } from './connections.ts';
import { dispatcherClient } from './dispatcher-client.ts';
import { logBrokerClient, remoteLogs } from './log-client.ts';
import { joinReplyFromWire } from './raft-peers.ts';

const ISSUE_MS = 5000;
/** Longer than the leader's signing retry; the caller's own deadline is shorter. */
const STATUS_MS = 30_000;
const JOIN_MS = 25_000;

/** The leader, for a manager that passes others' calls on to it. */
export class GrpcRemoteLeaders implements RemoteLeaders {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  leader(member: Member): RemoteLeader {
    const connect = (): Connection => this.#connections.to(member.addr);
    const headers = (id: NodeId | '', addr: string, role: Role): ForwardHeaders =>
      this.#headers(id, addr, role);
    return {
      dispatcher: forwardedDispatcher((caller) =>
        dispatcherClient(connect, headers(caller.nodeId, caller.addr, WORKER)),
      ),
      logBroker: forwardedBroker((caller) => logBrokerClient(connect, headers(caller, '', WORKER))),
      // SwarmKit: a manager that asks for its client is no other caller than itself.
      logs: remoteLogs(connect, () =>
        headers(this.#connections.identity?.nodeId ?? '', '', MANAGER),
      ),
      certificates: {
        issue: (caller, request, done) => {
          answer(async () => {
            const reply = await connect().unary(
              NodeCA.method.issueNodeCertificate,
              {
                csr: Buffer.from(request.csr),
                token: request.token,
                availability: availabilityToWire(request.availability),
              },
              { timeoutMs: ISSUE_MS, headers: headers(caller ?? '', request.addr, WORKER) },
            );
            return { nodeId: nodeId(reply.nodeId) };
          }, done);
        },
        status: (id, done) => {
          answer(async () => {
            const reply = await connect().unary(
              NodeCA.method.nodeCertificateStatus,
              { nodeId: id },
              { timeoutMs: STATUS_MS },
            );
            return certificateFromWire(reply.certificate);
          }, done);
        },
      },
      membership: {
        join: (id, addr, from, done) => {
          answer(async () => {
            const options = { timeoutMs: JOIN_MS, headers: headers(id, from, MANAGER) };
            return joinReplyFromWire(await connect().unary(Control.method.join, { addr }, options));
          }, done);
        },
      },
    };
  }

  #headers(id: NodeId | '', addr: string, role: Role): ForwardHeaders {
    const identity: Identity | null = this.#connections.identity;
    const peer = {
      nodeId: id,
      roles: id === '' ? [] : [role],
      organization: identity?.clusterId ?? '',
      remoteAddress: addr,
      refusal: '',
    };
    return forwardHeaders(peer, identity?.nodeId ?? '');
  }
}

function forwardedDispatcher(
  client: (caller: Caller) => ReturnType<typeof dispatcherClient>,
): DispatcherApi {
  return {
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
  };
}

const forwardedBroker = (client: (caller: NodeId) => LogBrokerClient): LogBrokerApi => ({
  listen: (caller, sink) => {
    pipe(sink, (events) => client(caller).listen(events));
  },
  publish: (caller, subscriptionId, ended) => client(caller).publish(subscriptionId, ended),
});

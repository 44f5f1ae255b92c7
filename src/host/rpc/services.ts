/** The manager port's services, answered by this node's manager or, through it, by the leader. */
import { SwarmError } from '../../model/errors.ts';
import { nodeId } from '../../model/ids.ts';
import { parsePrivate } from '../disk/private-json.ts';
import type { Cluster } from '../../model/objects.ts';
import type { JoinReply, Payload, State } from '../../swarm/manager/consensus-ports.ts';
import type { LeaderServices } from '../../swarm/manager/leader-services.ts';
import type { Manager } from '../../swarm/manager/manager.ts';
import type { Caller } from '../../swarm/session.ts';
import { availabilityFromWire, certificateToWire, issuanceToWire } from '../wire/convert-node.ts';
import { idToWire, raftMessageFromWire, type RaftCodec } from '../wire/convert-raft.ts';
import {
  assignmentsToWire,
  heartbeatToWire,
  sessionMessageToWire,
  sessionRequestFromWire,
  statusUpdatesFromWire,
} from '../wire/convert-session.ts';
import { CA, NodeCA } from '../wire/gen/ca_pb.js';
import { Control } from '../wire/gen/control_pb.js';
import { Dispatcher } from '../wire/gen/dispatcher_pb.js';
import { Health, HealthCheckResponse_ServingStatus } from '../wire/gen/health_pb.js';
import { Raft, RaftMembership } from '../wire/gen/raft_pb.js';
import type { Message } from '../wire/gen/raftpb_pb.js';
import { NodeSpec_Membership } from '../wire/gen/specs_pb.js';
import { peerOf, refuseSecondRedirect } from '../wire/peer.ts';
import type { CallContext, Router } from '../wire/router.ts';
import { joinRaftMessage } from '../wire/snapshot-chunks.ts';
import { promised } from './answer.ts';
import { shortened, type Asked } from './known-objects.ts';
import { mountLogs } from './log-services.ts';
import { MessageQueue } from './message-queue.ts';
import { controlAnswer } from './raft-peers.ts';

/** What the port needs of the node; null while it has no manager. */
export interface ServedNode {
  readonly manager: Manager | null;
  readonly services: LeaderServices | null;
}

/** Less than the 2 s that a raft message is given. */
const OPENING_MS = 1500;
const OPENING_POLL_MS = 10;

const encoder = new TextEncoder();
const bytes = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

export function mountServices(
  router: Router,
  node: ServedNode,
  codec: RaftCodec<Payload, State>,
): void {
  mountCertificates(router, node);
  mountDispatcher(router, node);
  mountLogs(router, (context) => servicesFor(node, context));
  mountRaft(router, node, codec);
  router.service(Control, {
    deliver: ({ message }) => receiveRaft(node, codec, message),
    call: async (request, context) => {
      const from = hostOf(peerOf(context).remoteAddress);
      const asked = parsePrivate(Buffer.from(request.json).toString(), 'a request') as Asked;
      const manager = managerOf(node);
      const json = await new Promise<string>((resolve) => {
        manager.controlFor(from, asked, (result) => {
          const short = result.ok ? shortened(asked, result.value, manager.store.read) : null;
          resolve(controlAnswer(result, short));
        });
      });
      return { json: bytes(json) };
    },
    join: async (request, context) => {
      const { nodeId: id, addr } = callerOf(context);
      const reply = await promised<JoinReply>((done) => {
        servicesFor(node, context).membership.join(id, request.addr, addr, done);
      });
      return {
        raftId: idToWire(reply.raftId),
        members: reply.members.map((member) => ({
          raftId: idToWire(member.raftId),
          nodeId: member.nodeId,
          addr: member.addr,
        })),
        removedMembers: reply.removed.map(idToWire),
      };
    },
  });
}

function managerOf(node: ServedNode): Manager {
  if (node.manager === null)
    throw new SwarmError('Unavailable', 'raft: node is not yet part of a raft cluster');
  return node.manager;
}

// A joiner's first messages come while it still opens its log; refusing them would cost it a second, until the leader's next try.
async function managerSoon(node: ServedNode): Promise<Manager> {
  for (
    let waitedMs = 0;
    node.manager === null && waitedMs < OPENING_MS;
    waitedMs += OPENING_POLL_MS
  ) {
    await new Promise((resolve) => setTimeout(resolve, OPENING_POLL_MS));
  }
  return managerOf(node);
}

/** The services behind this port. Only the leader takes what another manager handed on; anybody else refuses it (SwarmKit: raft proxies). */
function servicesFor(node: ServedNode, context: CallContext): LeaderServices {
  if (node.services === null)
    throw new SwarmError('Unavailable', 'raft: node is not yet part of a raft cluster');
  if (managerOf(node).raftStatus().role !== 'leader') refuseSecondRedirect(context.requestHeader);
  return node.services;
}

const hostOf = (addr: string): string => addr.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');

function callerOf(context: CallContext): Caller {
  const peer = peerOf(context);
  return { nodeId: nodeId(peer.nodeId), addr: hostOf(peer.remoteAddress) };
}

function mountCertificates(router: Router, node: ServedNode): void {
  router.service(CA, {
    getRootCACertificate: (_request, context) => ({
      certificate: bytes(servicesFor(node, context).certificates.rootCertificate()),
    }),
    // Asked by a manager that gets its certificate, so that its key never lies on its disk unencrypted.
    getUnlockKey: async () => {
      const { unlockKey = '', meta } = await promised<Cluster>((done) => {
        managerOf(node).control({ method: 'get-cluster' }, done);
      });
      return {
        unlockKey: Buffer.from(unlockKey, 'base64'),
        version: { index: BigInt(meta.version) },
      };
    },
  });
  router.service(NodeCA, {
    issueNodeCertificate: async (request, context) => {
      const peer = peerOf(context);
      // A certificate that does not verify is as good as none; then the token decides.
      const known = peer.refusal === '' && peer.nodeId !== '' ? nodeId(peer.nodeId) : null;
      const asked = {
        csr: Buffer.from(request.csr).toString(),
        token: request.token,
        availability: availabilityFromWire(request.availability),
        addr: hostOf(peer.remoteAddress),
      };
      const issued = await promised<{ readonly nodeId: string }>((done) => {
        servicesFor(node, context).certificates.issue(known, asked, done);
      });
      return { nodeId: issued.nodeId, nodeMembership: NodeSpec_Membership.ACCEPTED };
    },
    nodeCertificateStatus: async (request, context) => {
      const certificate = await promised<Parameters<typeof certificateToWire>[0]>((done) => {
        servicesFor(node, context).certificates.status(nodeId(request.nodeId), done);
      });
      return { status: issuanceToWire(certificate), certificate: certificateToWire(certificate) };
    },
  });
}

function mountDispatcher(router: Router, node: ServedNode): void {
  router.service(Dispatcher, {
    async *session(request, context) {
      const queue = new MessageQueue<Parameters<typeof sessionMessageToWire>[0]>(context.signal);
      servicesFor(node, context).dispatcher.session(
        callerOf(context),
        sessionRequestFromWire(request),
        queue,
      );
      for await (const message of queue) yield sessionMessageToWire(message);
    },
    async *assignments(request, context) {
      const queue = new MessageQueue<Parameters<typeof assignmentsToWire>[0]>(context.signal);
      servicesFor(node, context).dispatcher.assignments(
        callerOf(context),
        request.sessionId,
        queue,
      );
      for await (const message of queue) yield assignmentsToWire(message);
    },
    heartbeat: async (request, context) => {
      const caller = callerOf(context);
      const { periodMs } = await promised<{ readonly periodMs: number }>((done) => {
        servicesFor(node, context).dispatcher.heartbeat(caller, request.sessionId, done);
      });
      return heartbeatToWire(periodMs);
    },
    updateTaskStatus: async (request, context) => {
      const caller = callerOf(context);
      await promised<null>((done) => {
        const updates = statusUpdatesFromWire(request);
        servicesFor(node, context).dispatcher.updateTaskStatus(
          caller,
          request.sessionId,
          updates,
          done,
        );
      });
      return {};
    },
  });
}

async function receiveRaft(
  node: ServedNode,
  codec: RaftCodec<Payload, State>,
  message: Message | undefined,
): Promise<object> {
  if (message === undefined) throw new SwarmError('InvalidArgument', 'no raft message provided');
  const manager = await managerSoon(node);
  const refusal = manager.receive(raftMessageFromWire(message, codec));
  if (refusal !== null) throw refusal;
  return {};
}

function mountRaft(router: Router, node: ServedNode, codec: RaftCodec<Payload, State>): void {
  router.service(Raft, {
    processRaftMessage: ({ message }) => receiveRaft(node, codec, message),
    streamRaftMessage: async (pieces) => receiveRaft(node, codec, await joinRaftMessage(pieces)),
    resolveAddress: (request) => {
      const member = managerOf(node)
        .members()
        .find((other) => idToWire(other.raftId) === request.raftId);
      if (member === undefined) throw new SwarmError('NotFound', 'raft: member unknown');
      return { addr: member.addr };
    },
  });
  router.service(RaftMembership, {
    join: () => {
      throw new SwarmError(
        'FailedPrecondition',
        'the managers of this swarm are swarmtwins, whose raft log dockerd cannot read: join it as a worker',
      );
    },
    leave: () => {
      throw new SwarmError('Unimplemented', 'managers leave by being demoted');
    },
  });
  // The port answers as soon as it listens: a joiner is asked before it has become a member.
  router.service(Health, { check: () => ({ status: HealthCheckResponse_ServingStatus.SERVING }) });
}

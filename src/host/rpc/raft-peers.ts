import type { ControlReply, ControlRequest } from '../../model/control.ts';
import { SwarmError } from '../../model/errors.ts';
import { nodeId } from '../../model/ids.ts';
import type { Done, Result } from '../../model/result.ts';
import type { RaftId } from '../../raft/messages.ts';
import { failed } from '../../model/result.ts';
import type {
  JoinReply,
  Member,
  Payload,
  RaftMessage,
  RaftPeers,
  State,
} from '../../swarm/manager/consensus-ports.ts';
import { parsePrivate } from '../disk/private-json.ts';
import { idFromWire, idToWire, raftMessageToWire, type RaftCodec } from '../wire/convert-raft.ts';
import { Control } from '../wire/gen/control_pb.js';
import { Health, HealthCheckResponse_ServingStatus } from '../wire/gen/health_pb.js';
import { Raft, RaftMembership, type JoinResponse } from '../wire/gen/raft_pb.js';
import { splitRaftMessage } from '../wire/snapshot-chunks.ts';
import { answer } from './answer.ts';
import type { Connections } from './connections.ts';
import { Outbox } from './outbox.ts';

/** SwarmKit: a raft message has 2 s; a snapshot is given more, by its size on a slow link. */
const SEND_MS = 2000;
const SNAPSHOT_SEND_MS = 120_000;
/** SwarmKit: 5 s and two election timeouts. */
const JOIN_MS = 25_000;

/** The other managers, over gRPC. */
export class GrpcPeers implements RaftPeers {
  readonly #connections: Connections;
  readonly #codec: RaftCodec<Payload, State>;
  readonly #outboxes = new Map<string, Outbox>();

  constructor(connections: Connections, codec: RaftCodec<Payload, State>) {
    this.#connections = connections;
    this.#codec = codec;
  }

  send(to: Member, message: RaftMessage, sent: (error: SwarmError | null) => void): void {
    let outbox = this.#outboxes.get(to.addr);
    if (outbox === undefined) {
      outbox = new Outbox((next) => this.#deliver(to.addr, next));
      this.#outboxes.set(to.addr, outbox);
    }
    outbox.push(message, sent);
  }

  health(addr: string, deadlineMs: number, done: Done<null>): void {
    answer(async () => {
      const connection = this.#connections.to(addr);
      const reply = await connection.unary(
        Health.method.check,
        { service: 'Raft' },
        { timeoutMs: deadlineMs },
      );
      if (reply.status !== HealthCheckResponse_ServingStatus.SERVING) {
        throw new SwarmError('Unavailable', 'the raft member is not serving');
      }
      return null;
    }, done);
  }

  resolve(addr: string, member: RaftId, deadlineMs: number, done: Done<string>): void {
    answer(async () => {
      const connection = this.#connections.to(addr);
      const reply = await connection.unary(
        Raft.method.resolveAddress,
        { raftId: idToWire(member) },
        { timeoutMs: deadlineMs },
      );
      return reply.addr;
    }, done);
  }

  join(addr: string, ownAddr: string, done: Done<JoinReply>): void {
    answer(async () => {
      const connection = this.#connections.to(addr);
      const reply = await connection.unary(
        RaftMembership.method.join,
        { addr: ownAddr },
        { timeoutMs: JOIN_MS },
      );
      return joinReplyFromWire(reply);
    }, done);
  }

  control(
    leader: Member,
    request: ControlRequest,
    deadlineMs: number,
    done: Done<ControlReply>,
  ): void {
    const call = async (): Promise<Result<ControlReply>> => {
      const json = Buffer.from(JSON.stringify(request));
      const connection = this.#connections.to(leader.addr);
      const reply = await connection.unary(
        Control.method.call,
        { json },
        { timeoutMs: deadlineMs },
      );
      return controlResult(Buffer.from(reply.json).toString());
    };
    answer(call, (result) => {
      done(result.ok ? result.value : result);
    });
  }

  forget(member: Member): void {
    this.#outboxes.get(member.addr)?.close();
    this.#outboxes.delete(member.addr);
    this.#connections.close(member.addr);
  }

  async #deliver(addr: string, message: RaftMessage): Promise<void> {
    const wire = raftMessageToWire(message, this.#codec);
    const connection = this.#connections.to(addr);
    if (message.type !== 'snap') {
      await connection.unary(
        Raft.method.processRaftMessage,
        { message: wire },
        { timeoutMs: SEND_MS },
      );
      return;
    }
    const pieces = sequence(splitRaftMessage(wire));
    await connection.clientStream(Raft.method.streamRaftMessage, pieces, {
      timeoutMs: SNAPSHOT_SEND_MS,
    });
  }
}

export const joinReplyFromWire = (reply: JoinResponse): JoinReply => ({
  raftId: idFromWire(reply.raftId),
  members: reply.members.map((member) => ({
    raftId: idFromWire(member.raftId),
    nodeId: nodeId(member.nodeId),
    addr: member.addr,
  })),
  removed: reply.removedMembers.map(idFromWire),
});

function controlResult(json: string): Result<ControlReply> {
  const result = parsePrivate(json, 'the answer of the leader') as Result<ControlReply>;
  if (result.ok) return result;
  const { code, message, origin } = result.error;
  return failed(new SwarmError(code, message, origin));
}

/** The answer to a forwarded request: errors keep where they arose, which a gRPC status could not say. */
export const controlAnswer = (result: Result<ControlReply>): string =>
  JSON.stringify(
    result.ok
      ? result
      : {
          ok: false,
          error: {
            code: result.error.code,
            message: result.error.message,
            origin: result.error.origin,
          },
        },
  );

// eslint-disable-next-line @typescript-eslint/require-await -- the transport wants an async sequence
async function* sequence<T>(items: Iterable<T>): AsyncIterable<T> {
  yield* items;
}

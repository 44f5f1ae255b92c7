import type { ControlReply, ControlRequest } from '../../model/control.ts';
import { isSwarmError, SwarmError } from '../../model/errors.ts';
import { nodeId } from '../../model/ids.ts';
import type { Done, Result } from '../../model/result.ts';
import type { RaftId } from '../../raft/messages.ts';
import { failed, ok } from '../../model/result.ts';
import type {
  JoinReply,
  Member,
  Payload,
  RaftMessage,
  RaftPeers,
  State,
} from '../../swarm/manager/consensus-ports.ts';
import type { Reader } from '../../swarm/tables.ts';
import { parsePrivate } from '../disk/private-json.ts';
import { idFromWire, idToWire, raftMessageToWire, type RaftCodec } from '../wire/convert-raft.ts';
import { Control } from '../wire/gen/control_pb.js';
import { Health, HealthCheckResponse_ServingStatus } from '../wire/gen/health_pb.js';
import { Raft, type JoinResponse } from '../wire/gen/raft_pb.js';
import { splitRaftMessage } from '../wire/snapshot-chunks.ts';
import { answer } from './answer.ts';
import type { Connections } from './connections.ts';
import { askedFrom, lengthened, type Asked, type ShortReply } from './known-objects.ts';
import { Outbox } from './outbox.ts';

/** SwarmKit: a raft message has 2 s; a snapshot is given more, by its size on a slow link. */
const SEND_MS = 2000;
const SNAPSHOT_SEND_MS = 120_000;
/** SwarmKit: 5 s and two election timeouts. */
const JOIN_MS = 25_000;

/** What a manager's own store holds, and up to which entry of the log. */
export interface KnownStore {
  readonly read: Reader;
  readonly upTo: number;
}

type Answer = Result<ControlReply> | { readonly short: ShortReply };

/** The other managers, over gRPC. */
export class GrpcPeers implements RaftPeers {
  readonly #connections: Connections;
  readonly #codec: RaftCodec<Payload, State>;
  readonly #known: () => KnownStore | null;
  readonly #outboxes = new Map<string, Outbox>();

  /** `known`: this manager's own store, null while it has none. */
  constructor(
    connections: Connections,
    codec: RaftCodec<Payload, State>,
    known: () => KnownStore | null,
  ) {
    this.#connections = connections;
    this.#codec = codec;
    this.#known = known;
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
      const asked = { addr: ownAddr };
      try {
        return joinReplyFromWire(
          await connection.unary(Control.method.join, asked, { timeoutMs: JOIN_MS }),
        );
      } catch (caught) {
        throw isUnknownThere(caught) ? ofAnotherKind() : caught;
      }
    }, done);
  }

  control(
    leader: Member,
    request: ControlRequest,
    deadlineMs: number,
    done: Done<ControlReply>,
  ): void {
    const ask = async (asked: Asked): Promise<Answer> => {
      const json = Buffer.from(JSON.stringify(asked));
      const connection = this.#connections.to(leader.addr);
      const reply = await connection.ask(Control.method.call, { json }, deadlineMs);
      return parsePrivate(Buffer.from(reply.json).toString(), 'the answer of the leader') as Answer;
    };
    const call = async (): Promise<Result<ControlReply>> => {
      const known = this.#known();
      const said = await ask(askedFrom(request, known?.upTo ?? null));
      if (!('short' in said)) return controlResult(said);
      const whole = known === null ? null : lengthened(request, said.short, known.read);
      return whole === null ? controlResult(await ask(request)) : ok(whole);
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
      await connection.ask(Control.method.deliver, { message: wire }, SEND_MS);
      return;
    }
    const pieces = sequence(splitRaftMessage(wire));
    await connection.clientStream(Raft.method.streamRaftMessage, pieces, {
      timeoutMs: SNAPSHOT_SEND_MS,
    });
  }
}

/** dockerd has no such service. */
const isUnknownThere = (caught: unknown): boolean =>
  isSwarmError(caught) && caught.code === 'Unimplemented';

const ofAnotherKind = (): SwarmError =>
  new SwarmError(
    'FailedPrecondition',
    'the managers of this swarm are not swarmtwins, and cannot share a raft log with one: join it as a worker',
  );

export const joinReplyFromWire = (reply: JoinResponse): JoinReply => ({
  raftId: idFromWire(reply.raftId),
  members: reply.members.map((member) => ({
    raftId: idFromWire(member.raftId),
    nodeId: nodeId(member.nodeId),
    addr: member.addr,
  })),
  removed: reply.removedMembers.map(idFromWire),
});

function controlResult(answer: Answer): Result<ControlReply> {
  if ('short' in answer) throw new SwarmError('Internal', 'a short answer that was not asked for');
  if (answer.ok) return answer;
  const { code, message, origin } = answer.error;
  return failed(new SwarmError(code, message, origin));
}

/** The answer to a forwarded request: errors keep where they arose, which a gRPC status could not say. */
export const controlAnswer = (result: Result<ControlReply>, short: ShortReply | null): string =>
  JSON.stringify(
    result.ok
      ? short === null
        ? result
        : { short }
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

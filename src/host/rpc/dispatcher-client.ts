import type {
  DispatcherClient,
  ManagerDialer,
  Stream,
  StreamEvents,
  WeightedPeer,
} from '../../swarm/session.ts';
import type { CallOptions } from '../wire/client-call.ts';
import type { Connection } from '../wire/client.ts';
import {
  assignmentsFromWire,
  heartbeatFromWire,
  sessionMessageFromWire,
  sessionRequestToWire,
  statusUpdatesToWire,
} from '../wire/convert-session.ts';
import { Dispatcher } from '../wire/gen/dispatcher_pb.js';
import type { ForwardHeaders } from '../wire/peer.ts';
import { answer } from './answer.ts';
import type { Connections } from './connections.ts';
import { logBrokerClient } from './log-client.ts';
import { mapped, readStream } from './read-stream.ts';

/** SwarmKit: an agent's calls have 5 s. */
const CALL_MS = 5000;

/** An agent's way to a manager over gRPC. The connection itself is shared with whatever else this node asks of that manager. */
export class GrpcDialer implements ManagerDialer {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  dial(peer: WeightedPeer): DispatcherClient {
    return dispatcherClient(() => this.#connections.to(peer.addr));
  }
}

/** The dispatcher's calls on a connection; `headers` pass on another caller. */
export function dispatcherClient(
  connect: () => Connection,
  headers?: ForwardHeaders,
): DispatcherClient {
  const { method } = Dispatcher;
  const forwarded: CallOptions = headers === undefined ? {} : { headers };
  const unary: CallOptions = { ...forwarded, timeoutMs: CALL_MS };
  const streams = new Set<Stream>();
  const open = <T>(
    events: StreamEvents<T>,
    start: (signal: AbortSignal) => AsyncIterable<T>,
  ): Stream => {
    const stream = readStream(start, {
      message: (message) => {
        events.message(message);
      },
      end: (error) => {
        streams.delete(stream);
        events.end(error);
      },
    });
    streams.add(stream);
    return stream;
  };
  return {
    logs: logBrokerClient(connect, headers),
    session: (request, events) =>
      open(events, (signal) =>
        mapped(
          connect().serverStream(method.session, sessionRequestToWire(request), {
            ...forwarded,
            signal,
          }),
          sessionMessageFromWire,
        ),
      ),
    assignments: (sessionId, events) =>
      open(events, (signal) =>
        mapped(
          connect().serverStream(method.assignments, { sessionId }, { ...forwarded, signal }),
          assignmentsFromWire,
        ),
      ),
    heartbeat: (sessionId, done) => {
      answer(
        async () =>
          heartbeatFromWire(await connect().unary(method.heartbeat, { sessionId }, unary)),
        done,
      );
    },
    updateTaskStatus: (sessionId, updates, done) => {
      answer(async () => {
        await connect().unary(
          method.updateTaskStatus,
          statusUpdatesToWire(sessionId, updates),
          unary,
        );
        return null;
      }, done);
    },
    close: () => {
      for (const stream of streams) stream.close();
    },
  };
}

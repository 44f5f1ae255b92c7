/** A manager's log broker over gRPC: as an agent calls it, and as one manager calls another on behalf of people. */
import type { SwarmError } from '../../model/errors.ts';
import type {
  LogBrokerClient,
  LogMessage,
  LogPublisher,
  LogRequest,
  LogsApi,
} from '../../swarm/logs/log-api.ts';
import type { CallOptions } from '../wire/client-call.ts';
import type { Connection } from '../wire/client.ts';
import {
  logMessageFromWire,
  logMessageToWire,
  logRequestToWire,
  subscriptionFromWire,
} from '../wire/convert-logs.ts';
import { LogBroker, Logs } from '../wire/gen/logbroker_pb.js';
import type { ForwardHeaders } from '../wire/peer.ts';
import { asSwarmError } from './answer.ts';
import { mapped, readStream } from './read-stream.ts';

/** Output that is followed has no end: the longest that a timer can wait. */
const ENDLESS_MS = 2 ** 31 - 1;

/** The broker's calls on a connection; `headers` pass on another caller. */
export function logBrokerClient(
  connect: () => Connection,
  headers?: ForwardHeaders,
): LogBrokerClient {
  const forwarded: CallOptions = headers === undefined ? {} : { headers };
  return {
    listen: (events) =>
      readStream(
        (signal) =>
          mapped(
            connect().serverStream(
              LogBroker.method.listenSubscriptions,
              {},
              { ...forwarded, signal },
            ),
            subscriptionFromWire,
          ),
        events,
      ),
    publish: (subscriptionId, ended) => publish(connect, forwarded, subscriptionId, ended),
  };
}

/** The leader's `Logs`, for the manager that a client talks to. */
export const remoteLogs = (connect: () => Connection, headers: () => ForwardHeaders): LogsApi => ({
  subscribe: (request, sink) => {
    const stop = new AbortController();
    sink.onClose(() => {
      stop.abort();
    });
    const read = async (): Promise<void> => {
      const options = { headers: headers(), signal: stop.signal };
      for await (const messages of subscribed(connect(), request, options)) {
        sink.send(messages);
        await new Promise<void>((resolve) => {
          sink.whenReady(resolve);
        });
      }
    };
    read().then(
      () => {
        sink.end(null);
      },
      (caught: unknown) => {
        sink.end(asSwarmError(caught));
      },
    );
  },
});

async function* subscribed(
  connection: Connection,
  request: LogRequest,
  options: CallOptions,
): AsyncIterable<readonly LogMessage[]> {
  const wire = connection.serverStream(
    Logs.method.subscribeLogs,
    logRequestToWire(request),
    options,
  );
  for await (const { messages } of wire) yield messages.map(logMessageFromWire);
}

function publish(
  connect: () => Connection,
  options: CallOptions,
  subscriptionId: string,
  ended: (error: SwarmError | null) => void,
): LogPublisher {
  const outbox = new Outbox();
  const stop = new AbortController();
  const send = async (): Promise<void> => {
    const wire = onWire(outbox, subscriptionId);
    const call = { ...options, timeoutMs: ENDLESS_MS, signal: stop.signal };
    await connect().clientStream(LogBroker.method.publishLogs, wire, call);
  };
  send().then(
    () => {
      outbox.close();
      ended(null);
    },
    (caught: unknown) => {
      outbox.close();
      ended(asSwarmError(caught));
    },
  );
  return {
    publish: (messages, ready) => {
      outbox.put(messages, ready);
    },
    close: () => {
      outbox.close();
    },
    fail: () => {
      stop.abort();
    },
  };
}

// The subscription is named in each message, and once more when it is done (SwarmKit: Agent.Publisher).
async function* onWire(
  outbox: Outbox,
  subscriptionId: string,
): AsyncGenerator<{
  subscriptionId: string;
  messages: ReturnType<typeof logMessageToWire>[];
  close: boolean;
}> {
  for await (const messages of outbox)
    yield { subscriptionId, messages: messages.map(logMessageToWire), close: false };
  yield { subscriptionId, messages: [], close: true };
}

/** Messages until the wire takes them; whoever put some hears when they were taken. */
class Outbox implements AsyncIterable<readonly LogMessage[]> {
  readonly #waiting: { readonly messages: readonly LogMessage[]; readonly taken: () => void }[] =
    [];
  #closed = false;
  #wake: () => void = () => undefined;

  put(messages: readonly LogMessage[], taken: () => void): void {
    if (this.#closed) return;
    this.#waiting.push({ messages, taken });
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly LogMessage[], void, undefined> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        yield next.messages;
        next.taken();
      } else if (this.#closed) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

/** Calls to one manager: deadlines on all of them, Swarm's errors out of all of them. */
import type {
  DescMessage,
  DescMethodStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type { Transport } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { SwarmError } from '../../model/errors.ts';
import { rootDigest } from '../certs/join-token.ts';
import { CA } from './gen/ca_pb.js';
import type { SessionTimes, Trust } from './peer-session.ts';
import { PeerSession } from './peer-session.ts';
import { MAX_MESSAGE_BYTES } from './server.ts';
import { fromStatus } from './status.ts';

export interface CallOptions {
  /** Until the whole answer is there; for a stream, until its end (left out: no end). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** As made by `forwardHeaders`. */
  readonly headers?: Headers;
}

export interface ConnectionOptions {
  /** `host:port`; an IPv6 host in brackets. */
  readonly address: string;
  readonly trust: Trust;
  readonly times?: Partial<SessionTimes>;
  /** For unary calls that name no time of their own. */
  readonly requestMs?: number;
}

/** SwarmKit: raft sends have 2 s, CA and dispatcher calls 5 s. */
const DEFAULT_TIMES: SessionTimes = { connectMs: 5000, pingAfterMs: 5000, pingTimeoutMs: 5000 };
const DEFAULT_REQUEST_MS = 5000;

/** A manager, as its peers and its agents call it. One TLS connection carries all calls. */
export class Connection {
  readonly address: string;
  readonly #session: PeerSession;
  readonly #transport: Transport;

  constructor(options: ConnectionOptions) {
    this.address = options.address;
    this.#session = new PeerSession(options.address, options.trust, {
      ...DEFAULT_TIMES,
      ...options.times,
    });
    this.#transport = createGrpcTransport({
      baseUrl: `https://${options.address}`,
      sessionManager: this.#session,
      acceptCompression: [],
      readMaxBytes: MAX_MESSAGE_BYTES,
      defaultTimeoutMs: options.requestMs ?? DEFAULT_REQUEST_MS,
    });
  }

  /** Whether the connection is open at this moment; a call opens it when it is not. */
  get connected(): boolean {
    return this.#session.connected;
  }

  /** One message there, one back. @throws SwarmError with the status's code. */
  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    message: MessageInitShape<I>,
    options: CallOptions = {},
  ): Promise<MessageShape<O>> {
    try {
      const { signal, timeoutMs, headers } = options;
      const answer = await this.#transport.unary(method, signal, timeoutMs, headers, message);
      return answer.message;
    } catch (caught) {
      throw fromStatus(caught, this.address);
    }
  }

  /** One message there, many back, until the stream ends, `signal` aborts or the reader stops reading. @throws SwarmError */
  async *serverStream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>,
    message: MessageInitShape<I>,
    options: CallOptions = {},
  ): AsyncGenerator<MessageShape<O>, void, undefined> {
    const stop = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    try {
      const answer = await this.#transport.stream(
        method,
        signal,
        options.timeoutMs ?? 0,
        options.headers,
        only(message),
      );
      yield* answer.message;
    } catch (caught) {
      throw fromStatus(caught, this.address);
    } finally {
      stop.abort();
    }
  }

  /** Many messages there, one back. @throws SwarmError */
  async clientStream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>,
    messages: AsyncIterable<MessageInitShape<I>>,
    options: CallOptions = {},
  ): Promise<MessageShape<O>> {
    try {
      const { signal, timeoutMs, headers } = options;
      const answer = await this.#transport.stream(method, signal, timeoutMs, headers, messages);
      let last: MessageShape<O> | null = null;
      for await (const message of answer.message) last = message;
      if (last === null) throw new SwarmError('Internal', 'the answer to a stream is missing');
      return last;
    } catch (caught) {
      throw fromStatus(caught, this.address);
    }
  }

  /** Drops the connection with all calls on it; the next call makes another. */
  reset(): void {
    this.#session.reset();
  }

  /** Ends all calls and the connection, for good. */
  close(): void {
    this.#session.close();
  }
}

/**
 * The root certificate of the swarm behind an address, if its digest is the token's: then, and only then, it may be trusted.
 * @throws SwarmError Swarm's text when the digests differ; as any call when the manager cannot be reached.
 */
export async function fetchRootCa(
  address: string,
  digest: string,
  timeoutMs = DEFAULT_REQUEST_MS,
): Promise<string> {
  const connection = new Connection({
    address,
    trust: 'unverified',
    times: { connectMs: timeoutMs },
  });
  try {
    const reply = await connection.unary(CA.method.getRootCACertificate, {}, { timeoutMs });
    const rootCa = new TextDecoder().decode(reply.certificate);
    if (rootDigest(rootCa) !== digest) {
      throw new SwarmError(
        'Unknown',
        `remote CA does not match fingerprint. Expected: ${digest}`,
        'facade',
      );
    }
    return rootCa;
  } finally {
    connection.close();
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- the transport wants an async sequence, here of one
async function* only<T>(message: T): AsyncIterable<T> {
  yield message;
}

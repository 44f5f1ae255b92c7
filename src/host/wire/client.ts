/** Calls to one manager: deadlines on all of them, Swarm's errors out of all of them. */
import type {
  DescMessage,
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { ClientHttp2Stream } from 'node:http2';
import { isSwarmError, SwarmError } from '../../model/errors.ts';
import { rootDigest } from '../certs/join-token.ts';
import type { CallOptions } from './client-call.ts';
import { ClientCall } from './client-call.ts';
import { frame } from './frames.ts';
import { CA } from './gen/ca_pb.js';
import { KeptStreams } from './kept-streams.ts';
import type { SessionTimes, Trust } from './peer-session.ts';
import { PeerSession } from './peer-session.ts';
import { pathOf } from './router.ts';
import { canceled } from './status.ts';

export interface ConnectionOptions {
  /** `host:port`; an IPv6 host in brackets. */
  readonly address: string;
  readonly trust: Trust;
  readonly times?: Partial<SessionTimes>;
  /** For calls with a single answer that name no time of their own. */
  readonly requestMs?: number;
}

/** SwarmKit: raft sends have 2 s, CA and dispatcher calls 5 s. */
const DEFAULT_TIMES: SessionTimes = { connectMs: 5000, pingAfterMs: 5000, pingTimeoutMs: 5000 };
const DEFAULT_REQUEST_MS = 5000;

/** A manager, as its peers and its agents call it. One TLS connection carries all calls. */
export class Connection {
  readonly address: string;
  readonly #session: PeerSession;
  readonly #kept: KeptStreams;
  readonly #requestMs: number;

  constructor(options: ConnectionOptions) {
    this.address = options.address;
    this.#requestMs = options.requestMs ?? DEFAULT_REQUEST_MS;
    const times = { ...DEFAULT_TIMES, ...options.times };
    this.#session = new PeerSession(options.address, options.trust, times, () => {
      this.#kept.endIdle();
    });
    this.#kept = new KeptStreams(this.#session);
  }

  /** Whether the connection is open at this moment; a call opens it when it is not. */
  get connected(): boolean {
    return this.#session.connected;
  }

  /** Whether it was given up, and nothing is under way on it any more. */
  get isOver(): boolean {
    return this.#session.isOver;
  }

  /** One message there, one back. @throws SwarmError with the status's code. */
  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    message: MessageInitShape<I>,
    options: CallOptions = {},
  ): Promise<MessageShape<O>> {
    const body = encode(method.input, message);
    return this.#single(method, options, (stream) => {
      stream.end(body);
    });
  }

  /** As `unary`, for a method that answers each message of a stream: the call leaves its stream to the next one. @throws SwarmError */
  async ask<I extends DescMessage, O extends DescMessage>(
    method: DescMethodBiDiStreaming<I, O>,
    message: MessageInitShape<I>,
    timeoutMs = this.#requestMs,
  ): Promise<MessageShape<O>> {
    const body = encode(method.input, message);
    return decode(method.output, await this.#kept.ask(pathOf(method), body, timeoutMs));
  }

  /** Many messages there, one back. @throws SwarmError */
  clientStream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodClientStreaming<I, O>,
    messages: AsyncIterable<MessageInitShape<I>> | Iterable<MessageInitShape<I>>,
    options: CallOptions = {},
  ): Promise<MessageShape<O>> {
    return this.#single(method, options, (stream, fail) => {
      writeAll(stream, method.input, messages).catch(fail);
    });
  }

  /** One message there, many back, until the stream ends, `signal` aborts or the reader stops reading. @throws SwarmError */
  async *serverStream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    message: MessageInitShape<I>,
    options: CallOptions = {},
  ): AsyncGenerator<MessageShape<O>, void, undefined> {
    const body = encode(method.input, message);
    const inbox = new Inbox<MessageShape<O>>();
    const call = new ClientCall(this.#session, pathOf(method), options, {
      open: (stream) => {
        inbox.attach(stream);
        stream.end(body);
      },
      message: (bytes) => {
        inbox.add(decode(method.output, bytes));
      },
      end: (error) => {
        inbox.end(error);
      },
    });
    try {
      for (;;) {
        const next = await inbox.next();
        if (next === null) return;
        yield next;
      }
    } finally {
      call.cancel(canceled());
    }
  }

  /** Drops the connection with all calls on it; the next call makes another. */
  reset(): void {
    this.#session.reset();
  }

  /** Takes no new calls and ends with the last one under way. */
  retire(): void {
    this.#kept.retire();
    this.#session.retire();
  }

  /** Ends all calls and the connection, for good. */
  close(): void {
    this.#session.close();
  }

  #single<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O> | DescMethodClientStreaming<I, O>,
    options: CallOptions,
    write: (stream: ClientHttp2Stream, fail: (caught: unknown) => void) => void,
  ): Promise<MessageShape<O>> {
    return new Promise((resolve, reject) => {
      let answer: MessageShape<O> | null = null;
      const timed = { timeoutMs: this.#requestMs, ...options };
      const call = new ClientCall(this.#session, pathOf(method), timed, {
        open: (stream) => {
          write(stream, (caught) => {
            call.cancel(asLocal(caught));
          });
        },
        message: (bytes) => {
          answer = decode(method.output, bytes);
        },
        end: (error) => {
          if (error !== null) reject(error);
          else if (answer === null) reject(new SwarmError('Internal', 'the answer has no message'));
          else resolve(answer);
        },
      });
    });
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
  const times = { connectMs: timeoutMs };
  const connection = new Connection({ address, trust: 'unverified', times });
  try {
    const reply = await connection.unary(CA.method.getRootCACertificate, {}, { timeoutMs });
    const rootCa = new TextDecoder().decode(reply.certificate);
    if (rootDigest(rootCa) !== digest) {
      const text = `remote CA does not match fingerprint. Expected: ${digest}`;
      throw new SwarmError('Unknown', text, 'facade');
    }
    return rootCa;
  } finally {
    connection.close();
  }
}

/** Messages that came, until somebody reads them; a reader that lags makes the peer wait. */
class Inbox<T> {
  readonly #messages: T[] = [];
  #stream: ClientHttp2Stream | null = null;
  #ended: { readonly error: SwarmError | null } | null = null;
  #wake: () => void = () => undefined;

  attach(stream: ClientHttp2Stream): void {
    this.#stream = stream;
  }

  add(message: T): void {
    this.#messages.push(message);
    this.#stream?.pause();
    this.#wake();
  }

  end(error: SwarmError | null): void {
    this.#ended = { error };
    this.#wake();
  }

  /** The next message; null at the end. @throws SwarmError when the stream ended badly, after all messages were read. */
  async next(): Promise<T | null> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#ended?.error) throw this.#ended.error;
      if (this.#ended !== null) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#stream?.resume();
      });
    }
  }
}

async function writeAll<I extends DescMessage>(
  stream: ClientHttp2Stream,
  input: I,
  messages: AsyncIterable<MessageInitShape<I>> | Iterable<MessageInitShape<I>>,
): Promise<void> {
  for await (const message of messages) {
    // A peer that has answered already wants no more; its status says why.
    if (stream.destroyed || stream.closed) return;
    if (!stream.write(encode(input, message))) {
      await writable(stream);
    }
  }
  stream.end();
}

/** When the peer has taken what was written, or will never. */
function writable(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

const encode = <D extends DescMessage>(schema: D, message: MessageInitShape<D>): Buffer =>
  frame(toBinary(schema, create(schema, message)));

function decode<D extends DescMessage>(schema: D, message: Uint8Array): MessageShape<D> {
  try {
    return fromBinary(schema, message);
  } catch (cause) {
    throw new SwarmError(
      'Internal',
      `grpc: failed to unmarshal the received message: ${String(cause)}`,
    );
  }
}

const asLocal = (caught: unknown): SwarmError =>
  isSwarmError(caught) ? caught : new SwarmError('Internal', String(caught));

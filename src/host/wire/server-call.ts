/** One call on the server: its body in, its handler's answer out, one status at the end whatever happens. */
import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { isSwarmError, SwarmError } from '../../model/errors.ts';
import { serveExchange } from './exchange.ts';
import { frame, FrameReader } from './frames.ts';
import type { Peer } from './peer.ts';
import type { AnyHandler, CallContext } from './router.ts';
import { deadlineExceeded, statusHeaders } from './status.ts';

const HEADERS = { ':status': 200, 'content-type': 'application/grpc' } as const;

export interface CallLimits {
  readonly messageBytes: number;
  /** The one message of a call that has one must have come by then. */
  readonly bodyMs: number;
}

/**
 * Refuses a call before any handler, in gRPC's form for it: one frame of headers that ends the stream. With an empty body
 * after them, grpc-go reports a stream without trailers instead of the status, and dockerd gives its session up.
 */
export function refuse(stream: ServerHttp2Stream, error: SwarmError): void {
  // A stream that its caller has reset is closed before it is destroyed, and takes no answer.
  if (stream.destroyed || stream.closed) return;
  stream.respond({ ...HEADERS, ...statusHeaders(error) }, { endStream: true });
  discardBody(stream);
}

/** Long enough for the status to leave before the reset that follows it; a reset takes what is still queued with it. */
const LINGER_MS = 100;

/** After an answer before the end of the body: what is still on its way is not wanted (RFC 9113, 8.1). */
function discardBody(stream: ServerHttp2Stream): void {
  if (stream.readableEnded) return;
  stream.resume();
  const late = setTimeout(() => {
    stream.close(constants.NGHTTP2_NO_ERROR);
  }, LINGER_MS);
  stream.once('close', () => {
    clearTimeout(late);
  });
}

/** What the bodies of one connection may hold in memory before they are whole. */
export class Room {
  #bytes: number;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Less than none gives back. @throws SwarmError ResourceExhausted where there is no more; what was taken is to be given back all the same. */
  take(bytes: number): void {
    this.#bytes -= bytes;
    if (bytes > 0 && this.#bytes < 0)
      throw new SwarmError('ResourceExhausted', 'too much is under way on this connection');
  }
}

const ABORTED = Symbol('aborted');

type OneByOne = Extract<AnyHandler, { readonly kind: 'unary' | 'bidi_streaming' }>;

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly peer: Peer;
  readonly room: Room;
  /** Judges the caller again. @throws SwarmError where it may not call this any more */
  readonly judge: () => unknown;
}

export class ServerCall implements CallContext {
  readonly peer: Peer;
  readonly requestHeader: IncomingHttpHeaders;
  readonly #stream: ServerHttp2Stream;
  readonly #handler: AnyHandler;
  readonly #limits: CallLimits;
  readonly #room: Room;
  readonly #judge: () => unknown;
  #held = 0;
  readonly #onFailure: (method: DescMethod, failure: unknown) => void;
  readonly #timers: NodeJS.Timeout[] = [];
  #abort: AbortController | null = null;
  /** Why the call is over before its handler is; null while it goes on. */
  #aborted: SwarmError | null = null;
  #status: SwarmError | null = null;
  #done = false;
  #interrupt: (() => void) | null = null;

  constructor(
    stream: ServerHttp2Stream,
    handler: AnyHandler,
    request: Request,
    limits: CallLimits,
    onFailure: (method: DescMethod, failure: unknown) => void,
  ) {
    this.#stream = stream;
    this.#handler = handler;
    this.peer = request.peer;
    this.requestHeader = request.headers;
    this.#room = request.room;
    this.#judge = request.judge;
    this.#limits = limits;
    this.#onFailure = onFailure;
  }

  /** Made when a handler asks for it: most calls are over before anybody would. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#aborted !== null) this.#abort.abort(this.#aborted);
    return this.#abort.signal;
  }

  /** Ends the call early; its handler is told by the signal, its caller by the status. */
  abort(reason: SwarmError): void {
    if (this.#aborted !== null || this.#done) return;
    this.#aborted = reason;
    this.#abort?.abort(reason);
    this.#interrupt?.();
    if (this.#handler.kind !== 'server_streaming') this.#finish(reason);
  }

  /** Reads, lets the handler answer, writes. Never rejects. */
  async run(): Promise<void> {
    this.#bound();
    try {
      await this.#answer();
      this.#finish(this.#aborted);
    } catch (caught) {
      this.#finish(this.#aborted ?? this.#statusOf(caught));
    }
  }

  async #answer(): Promise<void> {
    const { kind, method, call } = this.#handler;
    switch (kind) {
      case 'unary':
        this.#last(method.output, await call(await this.#onlyMessage(), this));
        return;
      case 'client_streaming':
        this.#last(method.output, await call(this.#messages(), this));
        return;
      case 'bidi_streaming':
        await this.#exchange(method, call);
        return;
      case 'server_streaming':
        await this.#streamOut(method.output, call(await this.#onlyMessage(), this));
    }
  }

  #bound(): void {
    const deadlineMs = timeoutOf(this.requestHeader['grpc-timeout']);
    if (deadlineMs !== null) {
      this.#after(deadlineMs, () => {
        this.abort(deadlineExceeded());
      });
    }
    const gone = (): void => {
      if (!this.#done) this.abort(GONE);
      this.#finish(GONE);
    };
    this.#stream.once('close', gone);
    this.#stream.on('error', gone);
  }

  /** The message of a call that has exactly one. */
  async #onlyMessage(): Promise<MessageShape<DescMessage>> {
    const reader = new FrameReader(this.#limits.messageBytes);
    const found: Uint8Array[] = [];
    const late = this.#after(this.#limits.bodyMs, () => {
      this.#stream.close(constants.NGHTTP2_CANCEL);
    });
    await this.#readAll((piece) => {
      // After a refusal, what still comes is not kept.
      if (this.#done) return;
      found.push(...reader.push(piece));
      this.#hold(reader.heldBytes);
    });
    clearTimeout(late);
    const [message] = found;
    if (message !== undefined && found.length === 1 && reader.atBoundary)
      return this.#parse(message);
    throw new SwarmError('Internal', 'the body is not one message');
  }

  // Events, and not the stream's iterator: this is the path of every heartbeat.
  #readAll(take: (piece: Buffer) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.on('data', (piece: Buffer) => {
        try {
          take(piece);
        } catch (caught) {
          reject(isSwarmError(caught) ? caught : new SwarmError('Internal', String(caught)));
        }
      });
      this.#stream.once('end', resolve);
      this.#stream.once('close', () => {
        reject(GONE);
      });
    });
  }

  /** The messages of a call that has many, as its handler asks for them. */
  async *#messages(): AsyncGenerator<MessageShape<DescMessage>, void, undefined> {
    const reader = new FrameReader(this.#limits.messageBytes);
    // A handler that has read enough may still answer: the stream stays.
    const pieces = this.#stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const piece of pieces) {
      for (const message of reader.push(piece)) yield this.#parse(message);
      this.#hold(reader.heldBytes);
    }
    if (!reader.atBoundary) throw new SwarmError('Internal', 'the body ends within a message');
  }

  /** Call after call on this stream. Each is judged by itself: the stream may outlive the right to it. */
  #exchange({ output }: DescMethod, call: OneByOne['call']): Promise<void> {
    return serveExchange(this.#stream, {
      reader: new FrameReader(this.#limits.messageBytes),
      messageMs: this.#limits.bodyMs,
      answer: async (message) => {
        this.#judge();
        const answer = await call(this.#parse(message), this);
        this.#respond();
        return encode(output, answer);
      },
      hold: (bytes) => {
        this.#hold(bytes);
      },
    });
  }

  /** Counts what this call holds now against what its connection may. */
  #hold(bytes: number): void {
    const before = this.#held;
    this.#held = bytes;
    this.#room.take(bytes - before);
  }

  #parse(message: Uint8Array): MessageShape<DescMessage> {
    try {
      return fromBinary(this.#handler.method.input, message);
    } catch (cause) {
      // grpc-go answers Internal as well.
      throw new SwarmError('Internal', `grpc: error unmarshalling request: ${String(cause)}`);
    }
  }

  #last(output: DescMessage, message: MessageInitShape<DescMessage>): void {
    if (this.#aborted !== null || !this.#respond()) return;
    this.#stream.write(encode(output, message));
  }

  async #streamOut(
    output: DescMessage,
    messages: AsyncIterable<MessageInitShape<DescMessage>>,
  ): Promise<void> {
    const iterator = messages[Symbol.asyncIterator]();
    while (this.#aborted === null) {
      const next = await this.#unlessAborted(iterator.next());
      if (next === ABORTED || next.done === true || !this.#respond()) break;
      const drained = this.#stream.write(encode(output, next.value));
      if (!drained) await this.#unlessAborted(once(this.#stream, 'drain'));
    }
    // A handler that waits for something else than its signal keeps what it holds until then, and nothing of the call.
    iterator.return?.().catch((failure: unknown) => {
      this.#onFailure(this.#handler.method, failure);
    });
  }

  // Not Promise.race with one promise for the whole stream: that would keep something for every message.
  #unlessAborted<T>(work: Promise<T>): Promise<T | typeof ABORTED> {
    return new Promise((resolve, reject) => {
      this.#interrupt = () => {
        resolve(ABORTED);
      };
      work.then(resolve, reject);
    });
  }

  /** Sends the headers of an answer; false when there is nobody to send them to. */
  #respond(): boolean {
    if (this.#stream.destroyed || this.#stream.closed) return false;
    if (this.#stream.headersSent) return true;
    this.#stream.respond(HEADERS, { waitForTrailers: true });
    this.#stream.once('wantTrailers', () => {
      this.#stream.sendTrailers(statusHeaders(this.#status));
      discardBody(this.#stream);
    });
    return true;
  }

  #finish(error: SwarmError | null): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#done = true;
    this.#room.take(-this.#held);
    this.#held = 0;
    const stream = this.#stream;
    if (stream.destroyed || stream.closed || stream.writableEnded) return;
    this.#status = error;
    if (stream.headersSent) stream.end();
    else if (error !== null) refuse(stream, error);
    else if (this.#respond()) stream.end();
  }

  #statusOf(caught: unknown): SwarmError {
    if (isSwarmError(caught)) return caught;
    this.#onFailure(this.#handler.method, caught);
    return new SwarmError('Internal', 'internal error');
  }

  #after(delayMs: number, then: () => void): NodeJS.Timeout {
    const timer = setTimeout(then, delayMs);
    this.#timers.push(timer);
    return timer;
  }
}

const GONE = new SwarmError('Canceled', 'the caller went away');

const encode = (output: DescMessage, message: MessageInitShape<DescMessage>): Buffer =>
  frame(toBinary(output, create(output, message)));

const UNITS_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** Longer than any timer can wait: as good as none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The `grpc-timeout` header in ms; null where there is none that means something. */
export function timeoutOf(header: string | string[] | undefined): number | null {
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(String(header ?? '')) ?? [];
  if (digits === undefined || unit === undefined) return null;
  const timeoutMs = Number(digits) * (UNITS_MS[unit] ?? 1);
  return timeoutMs > MAX_TIMER_MS ? null : timeoutMs;
}

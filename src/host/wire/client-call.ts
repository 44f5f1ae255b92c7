/** One call to a peer: a stream on its session, a deadline over all of it, and one status at its end. */
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import { SwarmError } from '../../model/errors.ts';
import { FrameReader, MAX_MESSAGE_BYTES } from './frames.ts';
import type { ForwardHeaders } from './peer.ts';
import type { PeerSession } from './peer-session.ts';
import { asStatus, canceled, deadlineExceeded, statusOf, statusOfReset } from './status.ts';

export interface CallOptions {
  /** Until the whole answer is there; for a stream, until its end (left out: no end). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** As made by `forwardHeaders`. */
  readonly headers?: ForwardHeaders;
}

/** What the call tells its owner. After `end` nothing more comes. */
export interface CallEvents {
  /** The stream is there: write the body. */
  open(stream: ClientHttp2Stream): void;
  message(message: Uint8Array): void;
  /** Once; null when the peer said that all was well. */
  end(error: SwarmError | null): void;
}

/** A call under way; it begins at once. */
export class ClientCall {
  readonly #session: PeerSession;
  readonly #events: CallEvents;
  readonly #reader = new FrameReader(MAX_MESSAGE_BYTES);
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => {
    this.cancel(canceled());
  };
  #stream: ClientHttp2Stream | null = null;
  #deadline: NodeJS.Timeout | null = null;
  #status: SwarmError | null | undefined = undefined;
  #ended = false;

  constructor(session: PeerSession, path: string, options: CallOptions, events: CallEvents) {
    this.#session = session;
    this.#events = events;
    this.#signal = options.signal;
    const { timeoutMs } = options;
    if (timeoutMs !== undefined) {
      this.#deadline = setTimeout(() => {
        this.cancel(deadlineExceeded());
      }, timeoutMs);
    }
    this.#signal?.addEventListener('abort', this.#onAbort);
    if (this.#signal?.aborted === true) {
      this.cancel(canceled());
      return;
    }
    session.request(path, headersOf(options)).then(
      (stream) => {
        this.#opened(stream);
      },
      (caught: unknown) => {
        this.#end(asStatus(caught, session.address));
      },
    );
  }

  /** Ends the call from this side; the peer is told. */
  cancel(reason: SwarmError): void {
    if (this.#ended) return;
    this.#stream?.close(constants.NGHTTP2_CANCEL);
    this.#end(reason);
  }

  #opened(stream: ClientHttp2Stream): void {
    if (this.#ended) {
      stream.on('error', () => {
        stream.destroy();
      });
      stream.close(constants.NGHTTP2_CANCEL);
      return;
    }
    this.#stream = stream;
    const take = (headers: IncomingHttpHeaders): void => {
      this.#session.heard();
      const status = statusOf(headers);
      if (status !== undefined) this.#status = status;
      else this.#status = httpError(headers) ?? this.#status;
    };
    stream.on('response', take);
    stream.on('trailers', take);
    stream.on('data', (piece: Buffer) => {
      this.#received(piece);
    });
    stream.on('error', (caught) => {
      this.#end(this.#status ?? asStatus(caught, this.#session.address));
    });
    stream.once('close', () => {
      this.#closed(stream.rstCode);
    });
    this.#events.open(stream);
  }

  #received(piece: Buffer): void {
    this.#session.heard();
    if (this.#ended) return;
    try {
      for (const message of this.#reader.push(piece)) this.#events.message(message);
    } catch (caught) {
      this.cancel(asStatus(caught, this.#session.address));
    }
  }

  #closed(code: number): void {
    if (this.#status === undefined) this.#end(statusOfReset(code));
    else if (this.#status === null && !this.#reader.atBoundary) {
      this.#end(new SwarmError('Internal', 'the answer ends within a message'));
    } else this.#end(this.#status);
  }

  #end(error: SwarmError | null): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#events.end(error);
  }
}

/** Of an answer that is no gRPC: something else listens there, or a proxy is in the way. */
function httpError(headers: IncomingHttpHeaders): SwarmError | undefined {
  const status = Number(headers[':status'] ?? constants.HTTP_STATUS_OK);
  if (status === constants.HTTP_STATUS_OK) return undefined;
  return new SwarmError(
    'Unavailable',
    `unexpected HTTP status code received from server: ${status}`,
  );
}

const headersOf = ({ timeoutMs, headers }: CallOptions): Record<string, string | string[]> => ({
  'content-type': 'application/grpc',
  te: 'trailers',
  // gRPC allows eight digits; beyond a day in ms nobody waits.
  ...(timeoutMs !== undefined && {
    'grpc-timeout': `${Math.min(Math.ceil(timeoutMs), 99_999_999)}m`,
  }),
  ...headers,
});

/** The calling end of streams that carry one call after another: opening one costs four times what a message on it costs. */
import type { ClientHttp2Stream } from 'node:http2';
import { SwarmError } from '../../model/errors.ts';
import { ClientCall } from './client-call.ts';
import type { PeerSession } from './peer-session.ts';
import { deadlineExceeded } from './status.ts';

/** Of one method. What is called at the same time beyond that ends its stream as any call does. */
const MOST_KEPT = 4;

interface Waiting {
  answered(message: Uint8Array): void;
  failed(error: SwarmError): void;
}

/** The streams to one peer that nobody uses now, by the path of their method. */
export class KeptStreams {
  readonly #session: PeerSession;
  readonly #kept = new Map<string, KeptStream[]>();
  #retired = false;

  constructor(session: PeerSession) {
    this.#session = session;
  }

  /** One framed message there, one back. The stream is this call's alone until then; at the deadline it is reset. Rejects with SwarmError. */
  ask(path: string, body: Buffer, timeoutMs: number): Promise<Uint8Array> {
    const stream = this.#take(path) ?? new KeptStream(this.#session, path);
    return new Promise((resolve, reject) => {
      stream.ask(body, timeoutMs, {
        answered: (message) => {
          this.#keep(path, stream);
          resolve(message);
        },
        failed: reject,
      });
    });
  }

  /** Ends those that nobody uses. */
  endIdle(): void {
    for (const streams of this.#kept.values()) for (const stream of streams.splice(0)) stream.end();
  }

  /** From now on none is kept. */
  retire(): void {
    this.#retired = true;
    this.endIdle();
  }

  #take(path: string): KeptStream | null {
    const streams = this.#kept.get(path) ?? [];
    for (let stream = streams.pop(); stream !== undefined; stream = streams.pop()) {
      if (stream.isUsable) return stream;
      stream.end();
    }
    return null;
  }

  #keep(path: string, stream: KeptStream): void {
    let streams = this.#kept.get(path);
    if (streams === undefined) this.#kept.set(path, (streams = []));
    if (this.#retired || !stream.isUsable || streams.length >= MOST_KEPT) stream.end();
    else streams.push(stream);
  }
}

class KeptStream {
  readonly #session: PeerSession;
  readonly #call: ClientCall;
  #stream: ClientHttp2Stream | null = null;
  #body: Buffer | null = null;
  #waiting: Waiting | null = null;
  #deadline: NodeJS.Timeout | null = null;
  #isOver = false;

  constructor(session: PeerSession, path: string) {
    this.#session = session;
    this.#call = new ClientCall(
      session,
      path,
      {},
      {
        open: (stream) => {
          this.#stream = stream;
          if (this.#body !== null) stream.write(this.#body);
          this.#body = null;
        },
        message: (message) => {
          const waiting = this.#settle();
          if (waiting === null) throw new SwarmError('Internal', 'an answer that nobody asked for');
          waiting.answered(message);
        },
        end: (error) => {
          this.#isOver = true;
          this.#settle()?.failed(error ?? new SwarmError('Internal', 'the answer has no message'));
        },
      },
    );
  }

  /** Whether another call may go over it: it goes on, on the connection that new calls use. */
  get isUsable(): boolean {
    return !this.#isOver && this.#stream !== null && this.#session.carries(this.#stream);
  }

  ask(body: Buffer, timeoutMs: number, waiting: Waiting): void {
    this.#waiting = waiting;
    this.#deadline = setTimeout(() => {
      this.#call.cancel(deadlineExceeded());
    }, timeoutMs);
    if (this.#stream === null) this.#body = body;
    else this.#stream.write(body);
  }

  end(): void {
    if (!this.#isOver) this.#stream?.end();
  }

  #settle(): Waiting | null {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }
}

/** The serving end of a stream that carries one call after another: a message, its answer, the next message. */
import type { ServerHttp2Stream } from 'node:http2';
import { SwarmError } from '../../model/errors.ts';
import type { FrameReader } from './frames.ts';

export interface ExchangeParts {
  readonly reader: FrameReader;
  /** A message that has begun must be whole by then. */
  readonly messageMs: number;
  /** The framed answer. What it throws ends the stream. */
  answer(message: Uint8Array): Promise<Buffer>;
  /** What came of a message that is not whole. @throws SwarmError where there is no room for it */
  hold(bytes: number): void;
}

/** Answers in order, and reads no more than the caller is answered. Resolves when the caller has ended its side; rejects with why it is over before. */
export function serveExchange(stream: ServerHttp2Stream, parts: ExchangeParts): Promise<void> {
  return new Promise((resolve, reject) => {
    const exchange = new Exchange(stream, parts, resolve, (reason) => {
      exchange.stop();
      reject(reason);
    });
    exchange.start();
  });
}

class Exchange {
  readonly #stream: ServerHttp2Stream;
  readonly #parts: ExchangeParts;
  readonly #end: () => void;
  readonly #fail: (reason: Error) => void;
  readonly #waiting: Uint8Array[] = [];
  #late: NodeJS.Timeout | null = null;
  #isBusy = false;
  #hasEnded = false;
  #isOver = false;

  constructor(
    stream: ServerHttp2Stream,
    parts: ExchangeParts,
    end: () => void,
    fail: (reason: Error) => void,
  ) {
    this.#stream = stream;
    this.#parts = parts;
    this.#end = end;
    this.#fail = fail;
  }

  start(): void {
    this.#stream.on('data', (piece: Buffer) => {
      if (this.#isOver) return;
      this.#guarded(() => {
        this.#take(piece);
      });
    });
    this.#stream.once('end', () => {
      this.#hasEnded = true;
      this.#settle();
    });
    this.#stream.once('close', () => {
      this.#fail(new SwarmError('Canceled', 'the caller went away'));
    });
  }

  stop(): void {
    this.#isOver = true;
    this.#waiting.length = 0;
    this.#endWait();
  }

  #take(piece: Buffer): void {
    const { reader, messageMs } = this.#parts;
    this.#waiting.push(...reader.push(piece));
    this.#parts.hold(reader.heldBytes);
    if (reader.atBoundary) this.#endWait();
    else
      this.#late ??= setTimeout(() => {
        this.#fail(new SwarmError('DeadlineExceeded', 'the message did not come in time'));
      }, messageMs);
    this.#next();
  }

  #next(): void {
    if (this.#isBusy || this.#isOver) return;
    const message = this.#waiting.shift();
    if (message === undefined) {
      this.#settle();
      return;
    }
    this.#isBusy = true;
    // A caller that does not wait for its answer is not read any further.
    if (this.#waiting.length > 0) this.#stream.pause();
    this.#parts.answer(message).then(
      (answer) => {
        this.#isBusy = false;
        if (this.#isOver) return;
        this.#stream.write(answer);
        if (this.#waiting.length === 0) this.#stream.resume();
        this.#next();
      },
      (reason: unknown) => {
        this.#fail(reason as Error);
      },
    );
  }

  #settle(): void {
    if (!this.#hasEnded || this.#isBusy || this.#isOver || this.#waiting.length > 0) return;
    this.#guarded(() => {
      if (!this.#parts.reader.atBoundary)
        throw new SwarmError('Internal', 'the body ends within a message');
      this.stop();
      this.#end();
    });
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (caught) {
      this.#fail(caught as Error);
    }
  }

  #endWait(): void {
    if (this.#late !== null) clearTimeout(this.#late);
    this.#late = null;
  }
}

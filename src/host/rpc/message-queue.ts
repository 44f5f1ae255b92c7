import type { SwarmError } from '../../model/errors.ts';
import type { PacedSink } from '../../swarm/logs/log-api.ts';

/** Fewer messages than this may wait before a writer that asks is held back. */
const READY_BELOW = 16;

/** A stream that the core writes message by message and the wire reads as a sequence; whoever stops first ends it for the other. */
export class MessageQueue<T> implements PacedSink<T>, AsyncIterable<T> {
  readonly #waiting: T[] = [];
  readonly #onClose: (() => void)[] = [];
  readonly #onReady: (() => void)[] = [];
  #wake: (() => void) | null = null;
  #ended: { readonly error: SwarmError | null } | null = null;
  #closed = false;

  /** `signal` aborts when the reader's connection is gone. */
  constructor(signal: AbortSignal) {
    if (signal.aborted) this.#close();
    else
      signal.addEventListener(
        'abort',
        () => {
          this.#close();
        },
        { once: true },
      );
  }

  send(message: T): void {
    if (this.#closed || this.#ended !== null) return;
    this.#waiting.push(message);
    this.#wake?.();
  }

  end(error: SwarmError | null): void {
    this.#ended ??= { error };
    this.#wake?.();
    this.#release();
  }

  whenReady(callback: () => void): void {
    this.#onReady.push(callback);
    this.#release();
  }

  onClose(callback: () => void): void {
    if (this.#closed) callback();
    else this.#onClose.push(callback);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const message = this.#waiting.shift();
        if (message !== undefined) {
          yield message;
          this.#release();
        } else if (this.#ended !== null) {
          if (this.#ended.error !== null) throw this.#ended.error;
          return;
        } else if (this.#closed) return;
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
    } finally {
      this.#close();
    }
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const callback of this.#onClose.splice(0)) callback();
    this.#wake?.();
    this.#release();
  }

  // One at a time, and each only where there is still room after what the one before has written.
  #release(): void {
    const isOver = this.#closed || this.#ended !== null;
    while (isOver || this.#waiting.length < READY_BELOW) {
      const callback = this.#onReady.shift();
      if (callback === undefined) return;
      callback();
    }
  }
}

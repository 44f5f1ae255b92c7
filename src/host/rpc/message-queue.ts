import type { SwarmError } from '../../model/errors.ts';
import type { Sink } from '../../swarm/session.ts';

/** A stream that the core writes message by message and the wire reads as a sequence; whoever stops first ends it for the other. */
export class MessageQueue<T> implements Sink<T>, AsyncIterable<T> {
  readonly #waiting: T[] = [];
  readonly #onClose: (() => void)[] = [];
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
  }

  onClose(callback: () => void): void {
    if (this.#closed) callback();
    else this.#onClose.push(callback);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const message = this.#waiting.shift();
        if (message !== undefined) yield message;
        else if (this.#ended !== null) {
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
  }
}

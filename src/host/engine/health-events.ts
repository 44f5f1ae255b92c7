import type Dockerode from 'dockerode';
import { messageOf } from '../../model/errors.ts';

type Listener = () => void;

/** How long to wait before asking a lost engine for its events again. */
const RECONNECT_MS = 1000;

/** The engine's health results, from one event stream for all containers. It is opened when somebody first listens. */
export class HealthEvents {
  readonly #docker: Dockerode;
  readonly #log: (message: string) => void;
  readonly #listeners = new Map<string, Set<Listener>>();
  #stream: NodeJS.ReadableStream | null = null;
  #opening = false;
  #closed = false;

  constructor(docker: Dockerode, log: (message: string) => void) {
    this.#docker = docker;
    this.#log = log;
  }

  /** Calls back at each healthy result of the container; the answer ends that. */
  healthy(container: string, listener: Listener): () => void {
    return this.#listen(`healthy ${container}`, listener);
  }

  unhealthy(container: string, listener: Listener): () => void {
    return this.#listen(`unhealthy ${container}`, listener);
  }

  close(): void {
    this.#closed = true;
    if (this.#stream !== null && 'destroy' in this.#stream)
      (this.#stream as { destroy(): void }).destroy();
  }

  #listen(key: string, listener: Listener): () => void {
    let listeners = this.#listeners.get(key);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(key, listeners);
    }
    listeners.add(listener);
    this.#open();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(key);
    };
  }

  #open(): void {
    if (this.#stream !== null || this.#opening || this.#closed) return;
    this.#opening = true;
    const filters = JSON.stringify({ type: ['container'], event: ['health_status'] });
    this.#docker.getEvents({ filters }).then(
      (stream) => {
        this.#opening = false;
        this.#stream = stream;
        this.#read(stream);
      },
      (caught: unknown) => {
        this.#opening = false;
        this.#lost(messageOf(caught));
      },
    );
  }

  #read(stream: NodeJS.ReadableStream): void {
    let rest = '';
    stream.on('data', (part: Buffer) => {
      const lines = `${rest}${part.toString()}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') this.#tell(line);
    });
    stream.on('error', (caught: Error) => {
      this.#lost(caught.message);
    });
    stream.on('end', () => {
      this.#lost('the event stream ended');
    });
  }

  #tell(line: string): void {
    const event = JSON.parse(line) as {
      readonly Action?: string;
      readonly Actor?: { readonly ID?: string; readonly Attributes?: { readonly name?: string } };
    };
    const result = event.Action?.replace('health_status: ', '') ?? '';
    for (const id of [event.Actor?.ID, event.Actor?.Attributes?.name]) {
      for (const listener of this.#listeners.get(`${result} ${id ?? ''}`) ?? []) listener();
    }
  }

  #lost(why: string): void {
    if (this.#closed || this.#stream === null) {
      if (!this.#closed)
        setTimeout(() => {
          this.#open();
        }, RECONNECT_MS).unref();
      return;
    }
    this.#stream = null;
    this.#log(`health events lost: ${why}`);
    if (this.#listeners.size > 0)
      setTimeout(() => {
        this.#open();
      }, RECONNECT_MS).unref();
  }
}

import type { Stream, StreamEvents } from '../../swarm/session.ts';
import { asSwarmError } from './answer.ts';

/** Reads a peer's stream for the core, which is called back with each message and once at the end. */
export function readStream<T>(
  start: (signal: AbortSignal) => AsyncIterable<T>,
  events: StreamEvents<T>,
): Stream {
  const stop = new AbortController();
  const read = async (): Promise<void> => {
    for await (const message of start(stop.signal)) {
      if (stop.signal.aborted) return;
      events.message(message);
    }
  };
  read().then(
    () => {
      if (!stop.signal.aborted) events.end(null);
    },
    (caught: unknown) => {
      if (!stop.signal.aborted) events.end(asSwarmError(caught));
    },
  );
  return {
    close: () => {
      stop.abort();
    },
  };
}

export async function* mapped<A, B>(
  source: AsyncIterable<A>,
  convert: (message: A) => B,
): AsyncIterable<B> {
  for await (const message of source) yield convert(message);
}

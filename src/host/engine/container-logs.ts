import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { SwarmError } from '../../model/errors.ts';
import type { LogEvents, LogOptions } from '../../swarm/logs/log-api.ts';
import type { Stream } from '../../swarm/session.ts';
import { engineError, statusOf } from './engine-error.ts';
import { LogFrames } from './log-frames.ts';

/** How often a container that is to be followed is looked for until it has started. */
const LOOK_MS = 250;
/** moby: states from which there is output to follow. */
const STARTED = ['running', 'exited', 'dead'];

export interface LoggedContainer {
  readonly docker: Dockerode;
  readonly name: string;
  /** Whether it has a terminal. */
  readonly tty: boolean;
}

/** Reads a container's output from its log driver; whoever takes the entries sets the pace. */
export function readContainerLogs(
  container: LoggedContainer,
  options: LogOptions,
  events: LogEvents,
): Stream {
  const stop = new AbortController();
  const { signal } = stop;
  const read = async (): Promise<void> => {
    if (options.follow) await started(container, signal);
    if (!signal.aborted) await copy(await open(container, options, signal), container, events);
  };
  read().then(
    () => {
      if (!signal.aborted) events.end(null);
    },
    (caught: unknown) => {
      if (!signal.aborted) events.end(engineError(caught));
    },
  );
  return {
    close: () => {
      stop.abort();
    },
  };
}

// A container that never starts is waited for as long as anybody wants its output (moby: controller.waitReady).
async function started({ docker, name }: LoggedContainer, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const { State } = await docker.getContainer(name).inspect();
      if (STARTED.includes(State.Status)) return;
    } catch (caught) {
      if (statusOf(caught) !== 404) throw caught;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

// Not dockerode's own `logs`, which keeps the whole of an answer that does not follow in memory.
function open(
  { docker, name }: LoggedContainer,
  options: LogOptions,
  signal: AbortSignal,
): Promise<Readable> {
  return new Promise((resolve, reject) => {
    const call = {
      path: `/containers/${encodeURIComponent(name)}/logs?`,
      method: 'GET',
      isStream: true,
      abortSignal: signal,
      statusCodes: {
        200: true,
        404: 'no such container',
        500: 'server error',
        501: 'not implemented',
      },
      options: { _query: query(options) },
    };
    docker.modem.dial(call, (caught, stream) => {
      if (caught instanceof Error) reject(caught);
      else resolve(stream as Readable);
    });
  });
}

function query({ streams, follow, tail, since }: LogOptions): Record<string, string> {
  if (tail > 0)
    throw new SwarmError('Unknown', 'tail relative to start of logs not supported via docker API');
  return {
    stdout: String(streams.length === 0 || streams.includes('stdout')),
    stderr: String(streams.length === 0 || streams.includes('stderr')),
    follow: String(follow),
    timestamps: 'true',
    details: 'true',
    ...(tail < 0 ? { tail: String(-tail - 1) } : {}),
    ...(since === undefined
      ? {}
      : { since: `${since.seconds}.${String(since.nanoseconds).padStart(9, '0')}` }),
  };
}

async function copy(body: Readable, { tty }: LoggedContainer, events: LogEvents): Promise<void> {
  const frames = new LogFrames(tty);
  for await (const piece of body) await taken(frames.push(piece as Buffer), events);
  await taken(frames.end(), events);
}

const taken = (entries: ReturnType<LogFrames['push']>, events: LogEvents): Promise<void> =>
  new Promise((resolve) => {
    if (entries.length === 0) resolve();
    else events.entries(entries, resolve);
  });

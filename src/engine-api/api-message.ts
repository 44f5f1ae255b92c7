/** Requests and answers of Docker's Engine API, as values. `host` brings them in from HTTP and carries them out. */
import { ENGINE_LINES, type EngineLine } from '../model/engines.ts';

export interface ApiRequest {
  readonly method: string;
  /** With or without a version in front (`/v1.45/nodes`), percent-encoded as it came, without the query. */
  readonly path: string;
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Writes the body where it is not there yet; called once the head is out. `body` is empty then. */
  readonly stream?: (out: BodySink) => void;
}

/** A body that is written piece by piece to a client that may be slow, or leave. */
export interface BodySink {
  write(bytes: Uint8Array): void;
  end(): void;
  /** Calls back, once, when the client has taken what was written, or is gone; possibly at once. */
  whenReady(callback: () => void): void;
  /** Calls back, once, when the client is gone or has all there was. */
  onClose(callback: () => void): void;
}

/** Errors: Error with what there is, for a line that is none. */
export function engineLineOf(text: string): EngineLine {
  const line = ENGINE_LINES.find((each) => each === text);
  if (line !== undefined) return line;
  throw new Error(`there is no engine ${text} to behave like: write ${ENGINE_LINES.join(', ')}`);
}

/**
 * What a line's swarm node does otherwise, for the core, which knows no lines. moby 47854, in 26.1.4 and ported back as far as 23.0, has a node that ended forget
 * where it joined.
 */
export const nodeBehaviour = (line: EngineLine): { readonly keepsJoinAddress: boolean } => ({
  keepsJoinAddress: line === '20.10',
});

export interface ApiOptions {
  readonly behaveLike: EngineLine;
  /** As the local engine names itself, for the Server header: `26.1.5+dfsg1`. */
  readonly engineVersion: string;
  /** The newest and the oldest API version that is served; the local engine's own. */
  readonly apiVersion: string;
  readonly minApiVersion: string;
  /** An address or an interface's name that nodes advertise where nobody says (dockerd: --swarm-default-advertise-addr). */
  readonly defaultAdvertiseAddr?: string;
  /** Whether the daemon itself asks no registry for images (moby: DOCKER_SERVICE_PREFER_OFFLINE_IMAGE). */
  readonly asksNoRegistry?: boolean;
}

/** What each engine line serves (moby: api/common.go). */
export const DEFAULT_OPTIONS: Readonly<Record<EngineLine, ApiOptions>> = {
  '20.10': {
    behaveLike: '20.10',
    engineVersion: '20.10.24',
    apiVersion: '1.41',
    minApiVersion: '1.12',
  },
  '26.1': {
    behaveLike: '26.1',
    engineVersion: '26.1.5',
    apiVersion: '1.45',
    minApiVersion: '1.24',
  },
  '28.5': {
    behaveLike: '28.5',
    engineVersion: '28.5.2',
    apiVersion: '1.51',
    minApiVersion: '1.24',
  },
};

/** The longest body that is read. dockerd has no bound of its own; a raft entry holds 1.5 MiB. */
export const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

/** Splits a request target into path and query, as Go does: `+` is a space, pairs that cannot be decoded are left out. */
export function parseTarget(target: string): Pick<ApiRequest, 'path' | 'query'> {
  const mark = target.indexOf('?');
  const query = new Map<string, string[]>();
  if (mark < 0) return { path: target, query };
  for (const pair of target.slice(mark + 1).split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const key = unescape(equals < 0 ? pair : pair.slice(0, equals));
    const value = unescape(equals < 0 ? '' : pair.slice(equals + 1));
    if (key === null || value === null) continue;
    const values = query.get(key);
    if (values === undefined) query.set(key, [value]);
    else values.push(value);
  }
  return { path: target.slice(0, mark), query };
}

/** A part of a path as it was meant; one that is escaped wrongly stands as it came. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (caught) {
    if (caught instanceof URIError) return part;
    throw caught;
  }
}

/** The first value of a query key, `''` when there is none. */
export const queryValue = (request: ApiRequest, key: string): string =>
  request.query.get(key)?.[0] ?? '';

function unescape(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (caught) {
    if (caught instanceof URIError) return null;
    throw caught;
  }
}

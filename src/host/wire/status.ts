/** gRPC's status on the wire, SwarmError in the code: the codes have the same names, the message travels unchanged. */
import type { IncomingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import type { StatusCode } from '../../model/errors.ts';
import { isSwarmError, SwarmError } from '../../model/errors.ts';

/** gRPC's numbers for the codes; OK is 0. */
const NUMBERS: Readonly<Record<StatusCode, number>> = {
  Canceled: 1,
  Unknown: 2,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  AlreadyExists: 6,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  Aborted: 10,
  OutOfRange: 11,
  Unimplemented: 12,
  Internal: 13,
  Unavailable: 14,
  Unauthenticated: 16,
};

const NAMES = new Map(
  Object.entries(NUMBERS).map(([name, value]) => [String(value), name as StatusCode]),
);

/** The trailers that say how a call ended; null for well. */
export function statusHeaders(error: SwarmError | null): Record<string, string> {
  if (error === null) return { 'grpc-status': '0' };
  return {
    'grpc-status': String(NUMBERS[error.code]),
    // Percent-encoded as gRPC wants it; spaces may stay and are kept readable.
    'grpc-message': encodeURIComponent(error.message.toWellFormed()).replaceAll('%20', ' '),
  };
}

/** How a call ended, from its trailers; null for well, `undefined` when they do not say. */
export function statusOf(headers: IncomingHttpHeaders): SwarmError | null | undefined {
  const status = headers['grpc-status'];
  if (typeof status !== 'string') return undefined;
  if (status === '0') return null;
  return new SwarmError(
    NAMES.get(status) ?? 'Unknown',
    decode(String(headers['grpc-message'] ?? '')),
  );
}

/** A call that outlived its time; Go's text, whichever side noticed first. */
export const deadlineExceeded = (): SwarmError =>
  new SwarmError('DeadlineExceeded', 'context deadline exceeded');

/** A call that its caller gave up. */
export const canceled = (): SwarmError => new SwarmError('Canceled', 'context canceled');

/** A stream that ended without a status: reset by the other side, or its connection broke. */
export function statusOfReset(code: number): SwarmError {
  const name = RESETS[code];
  if (code === constants.NGHTTP2_NO_ERROR || name === undefined) {
    return new SwarmError('Unavailable', 'error reading from server: EOF');
  }
  return new SwarmError(name, `stream terminated by RST_STREAM with error code: ${code}`);
}

// grpc-go's mapping of HTTP/2 error codes.
const RESETS: Readonly<Record<number, StatusCode>> = {
  [constants.NGHTTP2_PROTOCOL_ERROR]: 'Internal',
  [constants.NGHTTP2_INTERNAL_ERROR]: 'Internal',
  [constants.NGHTTP2_FLOW_CONTROL_ERROR]: 'ResourceExhausted',
  [constants.NGHTTP2_FRAME_SIZE_ERROR]: 'Internal',
  [constants.NGHTTP2_REFUSED_STREAM]: 'Unavailable',
  [constants.NGHTTP2_CANCEL]: 'Canceled',
  [constants.NGHTTP2_ENHANCE_YOUR_CALM]: 'ResourceExhausted',
  [constants.NGHTTP2_INADEQUATE_SECURITY]: 'PermissionDenied',
};

/**
 * What was thrown or emitted on our way to a peer. `address` is the peer's, for the texts of connections that fail; they
 * read as Docker 26.1 and later print them (reference/measured.md, E10).
 */
export function asStatus(caught: unknown, address: string): SwarmError {
  if (isSwarmError(caught)) return caught;
  const failed = findConnectionError(caught);
  if (failed !== null) return new SwarmError('Unavailable', lostConnection(failed, address));
  const why = caught instanceof Error ? caught.message : String(caught);
  return new SwarmError('Unavailable', `error reading from server: ${why}`);
}

/** A connection that could not be made, or broke. `phase` is where it happened. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly phase: 'dial' | 'handshake' | 'open';

  constructor(phase: 'dial' | 'handshake' | 'open', cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.phase = phase;
  }
}

// Go's words for errno.
const DIAL_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ECONNRESET: 'read: connection reset by peer',
  ETIMEDOUT: 'i/o timeout',
};

function lostConnection(failed: ConnectionError, address: string): string {
  const cause = failed.cause as NodeJS.ErrnoException | undefined;
  const why = DIAL_ERRORS[cause?.code ?? ''] ?? failed.message;
  switch (failed.phase) {
    case 'dial':
      return `connection error: desc = "transport: Error while dialing: dial tcp ${address}: ${why}"`;
    case 'handshake':
      return `connection error: desc = "transport: authentication handshake failed: ${why}"`;
    case 'open':
      return `error reading from server: ${why}`;
  }
}

function findConnectionError(caught: unknown): ConnectionError | null {
  let error = caught;
  for (let depth = 0; depth < 8 && error instanceof Error; depth += 1) {
    if (isConnectionError(error)) return error;
    error = error.cause;
  }
  return null;
}

// By name: the class of another bundle or realm is as good.
const isConnectionError = (error: Error): error is ConnectionError =>
  error.name === 'ConnectionError';

function decode(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    // A sender that did not encode its percent signs: what it sent is still the best there is.
    return message;
  }
}

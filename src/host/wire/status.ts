/** gRPC status on the wire, SwarmError in the code: the codes have the same names, the message travels unchanged. */
import { Code, ConnectError } from '@connectrpc/connect';
import type { StatusCode } from '../../model/errors.ts';
import { isSwarmError, SwarmError } from '../../model/errors.ts';

const CODES: Readonly<Record<StatusCode, Code>> = {
  Canceled: Code.Canceled,
  Unknown: Code.Unknown,
  InvalidArgument: Code.InvalidArgument,
  DeadlineExceeded: Code.DeadlineExceeded,
  NotFound: Code.NotFound,
  AlreadyExists: Code.AlreadyExists,
  PermissionDenied: Code.PermissionDenied,
  ResourceExhausted: Code.ResourceExhausted,
  FailedPrecondition: Code.FailedPrecondition,
  Aborted: Code.Aborted,
  OutOfRange: Code.OutOfRange,
  Unimplemented: Code.Unimplemented,
  Internal: Code.Internal,
  Unavailable: Code.Unavailable,
  Unauthenticated: Code.Unauthenticated,
};

const NAMES = new Map<Code, StatusCode>(
  Object.entries(CODES).map(([name, code]) => [code, name as StatusCode]),
);

/** What a handler threw, as the status its caller gets. Anything but our own errors says no more than `internal error`. */
export function toStatus(caught: unknown): ConnectError {
  if (caught instanceof ConnectError) return caught;
  if (isSwarmError(caught)) {
    const { code, message } = caught;
    return new ConnectError(message, CODES[code]);
  }
  return new ConnectError('internal error', Code.Internal, undefined, undefined, caught);
}

/**
 * What a call of ours ended with. `address` is the peer's, for the texts of connections that fail; they read as
 * Docker 26.1 and later print them (reference/measured.md, E10).
 */
export function fromStatus(caught: unknown, address: string): SwarmError {
  if (isSwarmError(caught)) return caught;
  const lost = lostConnection(caught, address);
  if (lost !== null) return new SwarmError('Unavailable', lost);
  const error = ConnectError.from(caught);
  if (error.code === Code.DeadlineExceeded) {
    // Go's text, whichever side noticed first.
    return new SwarmError('DeadlineExceeded', 'context deadline exceeded');
  }
  return new SwarmError(NAMES.get(error.code) ?? 'Unknown', error.rawMessage);
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

function lostConnection(caught: unknown, address: string): string | null {
  const failed = findConnectionError(caught);
  if (failed === null) return null;
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

// By name: the class of another bundle or realm is as good.
const isConnectionError = (error: Error): error is ConnectionError =>
  error.name === 'ConnectionError';

function findConnectionError(caught: unknown): ConnectionError | null {
  let error = caught;
  for (let depth = 0; depth < 8 && error instanceof Error; depth += 1) {
    if (isConnectionError(error)) return error;
    error = error.cause;
  }
  return null;
}

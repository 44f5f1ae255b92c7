/** Errors with a code that stays, so that nobody has to compare texts or classes. */

/** gRPC's names. SwarmKit answers with them, and `engine-api` maps them to HTTP status codes. */
export type StatusCode =
  | 'Canceled'
  | 'Unknown'
  | 'InvalidArgument'
  | 'DeadlineExceeded'
  | 'NotFound'
  | 'AlreadyExists'
  | 'PermissionDenied'
  | 'ResourceExhausted'
  | 'FailedPrecondition'
  | 'Aborted'
  | 'OutOfRange'
  | 'Unimplemented'
  | 'Internal'
  | 'Unavailable'
  | 'Unauthenticated';

/**
 * What a swarm answers. `origin` says where it arose: an answer of the control plane reaches people as
 * `rpc error: code = <code> desc = <message>`, one of the daemon's own facade as the bare message.
 */
export class SwarmError extends Error {
  override readonly name = 'SwarmError';
  readonly code: StatusCode;
  readonly origin: 'control' | 'facade';

  constructor(code: StatusCode, message: string, origin: 'control' | 'facade' = 'control') {
    super(message);
    this.code = code;
    this.origin = origin;
  }

  /** The text a person sees. */
  get text(): string {
    return this.origin === 'facade'
      ? this.message
      : `rpc error: code = ${this.code} desc = ${this.message}`;
  }
}

/** What went wrong, for programs. `definite` tells whether the operation certainly did not happen. */
export const TOOL_ERRORS = {
  'bad-usage': { definite: true, exitCode: 3 },
  'bad-scenario': { definite: true, exitCode: 3 },
  'bad-history': { definite: true, exitCode: 3 },
  'no-engine': { definite: true, exitCode: 3 },
  'no-browser': { definite: true, exitCode: 3 },
  'image-failed': { definite: true, exitCode: 3 },
  'lab-failed': { definite: false, exitCode: 3 },
  'fault-not-bitten': { definite: false, exitCode: 3 },
  'heal-not-taken': { definite: false, exitCode: 3 },
  'disk-full': { definite: false, exitCode: 3 },
  'disk-corrupt': { definite: true, exitCode: 3 },
  deadline: { definite: false, exitCode: 3 },
  connection: { definite: false, exitCode: 3 },
  interrupted: { definite: false, exitCode: 130 },
  internal: { definite: false, exitCode: 3 },
} as const;

export type ToolErrorCode = keyof typeof TOOL_ERRORS;

/** What swarmtwin itself says to a person: what was tried, what happened, what to do next. */
export class SwarmtwinError extends Error {
  override readonly name = 'SwarmtwinError';
  readonly code: ToolErrorCode;
  /** One sentence for the person: what to type or change. */
  readonly next: string;

  constructor(code: ToolErrorCode, message: string, next: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.next = next;
  }

  /** Wraps whatever was caught at a wet door; what is already ours passes through. Works on errors from another realm. */
  static from(caught: unknown, code: ToolErrorCode, tried: string, next: string): SwarmtwinError {
    if (isToolError(caught)) return caught;
    return new SwarmtwinError(code, `${tried}: ${messageOf(caught)}`, next, caught);
  }
}

/** Whether something caught is an error of ours; by name, since classes differ across realms and bundles. */
export const isToolError = (caught: unknown): caught is SwarmtwinError =>
  isNamed(caught, 'SwarmtwinError');
export const isSwarmError = (caught: unknown): caught is SwarmError =>
  isNamed(caught, 'SwarmError');

const isNamed = (caught: unknown, name: string): boolean =>
  typeof caught === 'object' && caught !== null && 'name' in caught && caught.name === name;

/** The message of anything that was thrown. */
export function messageOf(caught: unknown): string {
  if (typeof caught === 'object' && caught !== null && 'message' in caught)
    return String(caught.message);
  return String(caught);
}

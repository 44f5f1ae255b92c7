import { messageOf, SwarmError } from '../../model/errors.ts';

/** dockerode's errors carry the status code and dockerd's own message. */
interface EngineFailure {
  readonly statusCode?: number;
  readonly reason?: string;
  readonly json?: { readonly message?: string } | string | null;
}

export const statusOf = (caught: unknown): number | undefined =>
  (caught as EngineFailure).statusCode;

/** dockerd's own words, without what the client library puts around them. */
export function engineMessage(caught: unknown): string {
  const { json } = caught as EngineFailure;
  if (typeof json === 'object' && json?.message !== undefined) return json.message;
  return messageOf(caught);
}

/** An engine that cannot be reached is a passing thing; what it answers is not. */
export function engineError(caught: unknown, prefix = ''): SwarmError {
  const status = statusOf(caught);
  const text = `${prefix}${engineMessage(caught)}`;
  if (status === undefined) return new SwarmError('Unavailable', text);
  return new SwarmError(
    status === 404 ? 'NotFound' : status === 409 ? 'AlreadyExists' : 'Unknown',
    text,
  );
}

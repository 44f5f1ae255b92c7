/** What an older engine's gRPC says otherwise. */
import { SwarmError } from '../model/errors.ts';
import type { EngineLine } from '../model/engines.ts';

const REFUSED_JOINER =
  'could not connect to prospective new cluster member using its advertised address';

/**
 * An error in the words of a line of engines. 20.10's gRPC has no colon after "dialing", and gives an error no code once the leader has wrapped it, as it does with the
 * one about a joiner that it cannot reach (measured; SwarmKit: raft, checkHealth).
 */
export function inWordsOf(line: EngineLine, error: SwarmError): SwarmError {
  if (line !== '20.10') return error;
  const message = error.message.replaceAll('Error while dialing: dial', 'Error while dialing dial');
  const wrapped = `code = ${error.code} desc = ${REFUSED_JOINER}`;
  return message.includes(wrapped)
    ? new SwarmError(
        'Unknown',
        message.replace(wrapped, `code = Unknown desc = ${REFUSED_JOINER}`),
        error.origin,
      )
    : new SwarmError(error.code, message, error.origin);
}

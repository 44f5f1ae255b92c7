import { SwarmError } from '../model/errors.ts';
import { queryValue, type ApiRequest } from './api-message.ts';
import { goQuote } from './go-quote.ts';
import { refused } from './posted.ts';

const MAX_UINT64 = 2n ** 64n - 1n;
const FALSE = ['', '0', 'no', 'false', 'none'];
const GO_TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const GO_FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/** A switch in a query: everything but a few words is on (moby: httputils.BoolValue). */
export const isOn = (request: ApiRequest, key: string): boolean =>
  !FALSE.includes(queryValue(request, key).trim().toLowerCase());

/** What Go's strconv.ParseUint takes. */
export const isUint64 = (text: string): boolean => /^\d+$/.test(text) && BigInt(text) <= MAX_UINT64;

/** The `version` of an update; `kind` is `service`, `node` or `swarm`. Go's strconv.ParseUint decides and words the refusal. */
export function versionOf(request: ApiRequest, kind: string): number {
  const given = queryValue(request, 'version');
  const digits = /^\d+$/.test(given);
  if (isUint64(given)) return Number(given);
  throw refused(
    `invalid ${kind} version '${given}': strconv.ParseUint: parsing ${goQuote(given)}: ${digits ? 'value out of range' : 'invalid syntax'}`,
  );
}

/** A strict boolean of `GET /services`, off where it is not given; the refusal carries strconv.ParseBool's words. */
export function strictBool(request: ApiRequest, key: string): boolean {
  const given = queryValue(request, key);
  const value = parseBool(given);
  if (value !== null) return value;
  throw new SwarmError(
    'InvalidArgument',
    `invalid value for ${key}: ${given}: strconv.ParseBool: parsing ${goQuote(given)}: invalid syntax`,
    'facade',
  );
}

/** A strict boolean of `POST /swarm/update`, which does not say why it refuses. */
export function rotationFlag(request: ApiRequest, key: string): boolean {
  const given = queryValue(request, key);
  const value = parseBool(given);
  if (value !== null) return value;
  throw refused(`invalid value for ${key}: ${given}`);
}

function parseBool(given: string): boolean | null {
  if (given === '') return false;
  if (GO_TRUE.includes(given)) return true;
  return GO_FALSE.includes(given) ? false : null;
}

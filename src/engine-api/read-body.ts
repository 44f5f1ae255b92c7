import { SwarmError, isSwarmError } from '../model/errors.ts';
import type { ApiRequest } from './api-message.ts';
import { decodeStruct, type GoRecord } from './go-decode.ts';
import type { GoStruct } from './go-type.ts';
import { parseJson } from './json-tree.ts';
import { refused } from './posted.ts';
import { decodeUtf8 } from '../model/utf8.ts';
import type { EngineLine } from '../model/engines.ts';

const EOF = 'got EOF while reading request body';

/**
 * Reads a body as moby's httputils.ReadJSON does: the content type must be JSON, no body at all is an empty struct, nothing may follow the
 * value. 20.10 looks at neither, and its errors lack the prefix.
 */
export function readBody(request: ApiRequest, type: GoStruct, engine: EngineLine): GoRecord {
  const old = engine === '20.10';
  if (!old) checkContentType(request);
  if (request.body.length === 0) {
    if (old) throw refused(EOF);
    return {};
  }
  const text = decodeUtf8(request.body);
  const { value, rest } = old ? decodeFirst(text, type, engine) : named(text, type, engine);
  if (!old && hasMore(text.slice(rest))) throw refused('unexpected content after JSON');
  return value;
}

interface First {
  readonly value: GoRecord;
  readonly rest: number;
}

function decodeFirst(text: string, type: GoStruct, engine: EngineLine): First {
  const parsed = parseJson(text);
  if (parsed === null) throw refused(EOF);
  return { value: decodeStruct(parsed.tree, type, engine), rest: parsed.rest };
}

function named(text: string, type: GoStruct, engine: EngineLine): First {
  try {
    return decodeFirst(text, type, engine);
  } catch (caught) {
    if (!isSwarmError(caught)) throw caught;
    throw new SwarmError(caught.code, `invalid JSON: ${caught.message}`, 'facade');
  }
}

/** Go's Decoder.More: closing brackets are not seen as more. */
const hasMore = (rest: string): boolean => !/^[ \t\r\n]*([\]}]|$)/.test(rest);

function checkContentType(request: ApiRequest): void {
  const given = request.headers['content-type'] ?? '';
  if (given === '' && request.body.length === 0) return;
  const problem = mediaTypeProblem(given);
  if (problem !== null) throw refused(`malformed Content-Type header (${given}): mime: ${problem}`);
  const [media = ''] = given.split(';');
  if (media.trim().toLowerCase() !== 'application/json')
    throw refused(`unsupported Content-Type header (${given}): must be 'application/json'`);
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-zA-Z-]+$/;

/** What Go's mime.ParseMediaType says of a content type, null when it can be read. */
function mediaTypeProblem(given: string): string | null {
  const [media = '', ...parameters] = given.split(';');
  const [major = '', minor, ...rest] = media.trim().split('/');
  if (major === '') return 'no media type';
  if (!TOKEN.test(major)) return 'expected slash after first token';
  if (minor !== undefined && !TOKEN.test(minor))
    return minor === '' ? 'expected token after slash' : 'unexpected content after media subtype';
  if (rest.length > 0) return 'unexpected content after media subtype';
  const readable = parameters.every((one) => /^\s*([^=\s]+=("[^"]*"|[^\s"]+))?\s*$/.test(one));
  return readable ? null : 'invalid media parameter';
}

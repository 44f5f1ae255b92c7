import { SwarmError, isSwarmError, type StatusCode } from '../model/errors.ts';
import type { Filters } from '../model/control.ts';
import { TASK_STATES } from '../model/task-state.ts';
import { queryValue, type ApiRequest } from './api-message.ts';
import { decodeValue } from './go-decode.ts';
import { BOOL, map, STRINGS } from './go-type.ts';
import { parseWhole, type JsonTree } from './json-tree.ts';
import { refused } from './posted.ts';
import type { EngineLine } from '../model/engines.ts';

/** A filter key to its values. An empty list is a key without values, which some filters take as "is set". */
export type FilterArgs = ReadonlyMap<string, readonly string[]>;

/** What moby takes: a set of words for each key, or a list as clients of long ago sent it. */
const SETS = map(map(BOOL));
const LISTS = map(STRINGS);

/**
 * Reads `filters`: `{"key":{"value":true}}` or `{"key":["value"]}` (moby: filters.FromJSON). 20.10 says what encoding/json found, as an error of its own (500),
 * but for the list of services: `in20` is the code of that.
 */
export function readFilters(
  request: ApiRequest,
  engine: EngineLine,
  in20: StatusCode = 'Unknown',
): FilterArgs {
  const given = queryValue(request, 'filters');
  if (given === '') return new Map();
  try {
    return decode(parseWhole(given), engine);
  } catch (caught) {
    if (!isSwarmError(caught)) throw caught;
    if (engine === '20.10') throw new SwarmError(in20, caught.message, 'facade');
    throw invalidFilter(engine, '');
  }
}

/** As sets, else as lists; what is neither is refused for what keeps it from being the first. */
function decode(tree: JsonTree, engine: EngineLine): FilterArgs {
  try {
    const sets = decodeValue(tree, SETS, engine) as Given<Readonly<Record<string, boolean>>>;
    return filterArgs(sets, (set) => Object.keys(set));
  } catch (caught) {
    if (!isSwarmError(caught)) throw caught;
    const lists = listsOrNull(tree, engine);
    if (lists === null) throw caught;
    return filterArgs(lists, (list) => [...new Set(list)]);
  }
}

type Given<Values> = Readonly<Record<string, Values | undefined>> | undefined;

function listsOrNull(tree: JsonTree, engine: EngineLine): Given<readonly string[]> | null {
  try {
    return decodeValue(tree, LISTS, engine) as Given<readonly string[]>;
  } catch (caught) {
    if (isSwarmError(caught)) return null;
    throw caught;
  }
}

const filterArgs = <Values>(
  given: Given<Values>,
  words: (values: Values) => readonly string[],
): FilterArgs =>
  new Map(
    Object.entries(given ?? {}).map(([key, values]) => [
      key,
      values === undefined ? [] : words(values),
    ]),
  );

/** Refuses keys that the list does not know. */
export function checkKeys(
  filters: FilterArgs,
  accepted: readonly string[],
  engine: EngineLine,
): void {
  for (const key of filters.keys())
    if (!accepted.includes(key)) throw invalidFilter(engine, ` '${key}'`);
}

/**
 * The filters as the leader takes them: keys without values are left out; labels are `key`, which any value matches, or `key=value`.
 * Names and ids are prefixes.
 */
export function forLeader(filters: FilterArgs, keys: readonly string[]): Filters {
  const result: Record<string, readonly string[]> = {};
  for (const key of keys) {
    const values = filters.get(key) ?? [];
    if (values.length > 0) result[key] = key.endsWith('label') ? values.map(labelFilter) : values;
  }
  return result;
}

/** The words of one key, in lower case; an empty one means nothing, another is refused (500, as moby answers it). */
export function words(
  filters: FilterArgs,
  key: string,
  known: readonly string[],
): readonly string[] {
  const result: string[] = [];
  for (const given of filters.get(key) ?? []) {
    const lower = given.toLowerCase();
    if (known.includes(lower)) result.push(lower);
    else if (given !== '')
      throw new SwarmError('Unknown', `Invalid ${key} filter: '${given}'`, 'facade');
  }
  return result;
}

/** Task states a filter may name. */
export const STATE_WORDS: readonly string[] = TASK_STATES;

// moby cuts `key=value` at the first sign, and SwarmKit takes an empty value for any.
const labelFilter = (given: string): string =>
  given.indexOf('=') === given.length - 1 ? given.slice(0, -1) : given;

const invalidFilter = (engine: EngineLine, what: string): SwarmError =>
  refused(`${engine === '20.10' ? 'Invalid' : 'invalid'} filter${what}`);

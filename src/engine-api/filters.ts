import { SwarmError, isSwarmError } from '../model/errors.ts';
import type { Filters } from '../model/control.ts';
import { TASK_STATES } from '../model/task-state.ts';
import { queryValue, type ApiRequest, type EngineLine } from './api-message.ts';
import { parseJson, type JsonTree } from './json-tree.ts';
import { refused } from './posted.ts';

/** A filter key to its values. An empty list is a key without values, which some filters take as "is set". */
export type FilterArgs = ReadonlyMap<string, readonly string[]>;

/** Reads `filters`: `{"key":{"value":true}}` or `{"key":["value"]}` (moby: filters.FromJSON). */
export function readFilters(request: ApiRequest, engine: EngineLine): FilterArgs {
  const given = queryValue(request, 'filters');
  const result = new Map<string, readonly string[]>();
  if (given === '') return result;
  const tree = parseOrNull(given);
  if (tree?.kind === 'null') return result;
  if (tree?.kind !== 'object') throw invalidFilter(engine, '');
  for (const [key, values] of tree.members) {
    const names = valuesOf(values);
    if (names === null) throw invalidFilter(engine, '');
    result.set(key, names);
  }
  return result;
}

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

function parseOrNull(text: string): JsonTree | null {
  try {
    const parsed = parseJson(text);
    return parsed !== null && text.slice(parsed.rest).trim() === '' ? parsed.tree : null;
  } catch (caught) {
    if (isSwarmError(caught)) return null;
    throw caught;
  }
}

function valuesOf(tree: JsonTree): readonly string[] | null {
  if (tree.kind === 'null') return [];
  if (tree.kind === 'object')
    return tree.members.every(([, value]) => value.kind === 'bool' || value.kind === 'null')
      ? [...new Set(tree.members.map(([key]) => key))]
      : null;
  if (tree.kind !== 'array') return null;
  const items = tree.items.map((item) => (item.kind === 'string' ? item.value : null));
  return items.includes(null) ? null : [...new Set(items as string[])];
}

const invalidFilter = (engine: EngineLine, what: string): SwarmError =>
  refused(`${engine === '20.10' ? 'Invalid' : 'invalid'} filter${what}`);

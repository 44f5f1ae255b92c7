/** An answer without what two runs of the same swarm never share: ids, times, addresses, keys, indices. */
import type { Answer } from './call.ts';

/** The rules, in order. Every one is printed in docs/conformance.md. */
export const RULES: readonly (readonly [RegExp, string, string])[] = [
  [/-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----(\\n|\n)?/g, '<pem>', 'certificates'],
  [/SWMKEY-1-[A-Za-z0-9+/]{43}/g, '<unlock key>', 'unlock keys'],
  [/SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}/g, '<token>', 'join tokens'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d{4} UTC| ?utc|Z)?/gi, '<time>', 'times'],
  [
    /\b(About an? \w+|Less than a second|less than a second|about an? \w+|\d+ (seconds?|minutes?|hours?)) ago\b/g,
    '<ago>',
    'ages',
  ],
  [/\b[0-9a-f]{64}\b/g, '<hash>', 'hashes and container ids'],
  [
    /^[0-9a-z]{12}(?=  |$)/gm,
    '<id>',
    'ids, cut to twelve letters, as a table or a list begins with them',
  ],
  [/\b(?=[0-9a-z]*\d)[0-9a-z]{25}\b/g, '<id>', 'ids'],
  [/\b(?=[0-9a-z]*\d)(?=[0-9a-z]*[a-z])[0-9a-z]{12}\b/g, '<id>', 'ids, cut to twelve letters'],
  [/\b(\d{1,3}\.){3}\d{1,3}(?=[:/\b]|[^\d.]|$)/g, '<address>', 'addresses'],
  [/\b[A-Za-z0-9+/]{60,}={0,2}/g, '<base64>', 'keys and subjects'],
];

/** Keys of JSON answers whose numbers count writes. */
const INDEX_KEYS: ReadonlySet<string> = new Set(['Index']);

export function normalise(answer: Answer): Answer {
  const out = asJson(answer.out) ?? asLines(answer.out);
  return { code: answer.code, out, err: asLines(answer.err) };
}

const placeholders = (text: string): string =>
  RULES.reduce((left, [rule, by]) => left.replace(rule, by), text);

/** Tables: columns are as wide as their longest cell, and a cell may be an id's, an age's or an address's. */
const asLines = (text: string): string =>
  placeholders(text)
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, '  ').trimEnd())
    .join('\n')
    .trim();

function asJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.stringify(ordered(JSON.parse(text)), null, 2);
  } catch (caught) {
    // Several documents, one a line, are lines.
    if (caught instanceof SyntaxError || (caught as Error).name === 'SyntaxError') return undefined;
    throw caught;
  }
}

function ordered(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return placeholders(value);
  if (typeof value === 'number') return INDEX_KEYS.has(key) ? '<index>' : value;
  if (Array.isArray(value)) {
    const items = value.map((item) => ordered(item));
    return items.some((item) => typeof item === 'object') ? items.sort(byText) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([name, each]) => [placeholders(name), ordered(each, name)] as const,
  );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** By their whole text: lists come in the order of their ids, which are drawn. */
function byText(a: unknown, b: unknown): number {
  const left = JSON.stringify(a);
  const right = JSON.stringify(b);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

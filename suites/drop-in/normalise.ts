/** An answer without what two runs of the same swarm never share: ids, times, addresses, keys, indices. */
import type { Answer } from './call.ts';

/** The rules, in order. Every one is printed in docs/conformance.md. */
export const RULES: readonly (readonly [RegExp, string, string])[] = [
  [/-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----(\\n|\n)?/g, '<pem>', 'certificates'],
  [/SWMKEY-1-[A-Za-z0-9+/]{43}/g, '<unlock key>', 'unlock keys'],
  [/SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}/g, '<token>', 'join tokens'],
  [
    /\b(?!0001-01-01)\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d{4} UTC| ?utc|Z)?/gi,
    '<time>',
    'times, but for the zero of Go',
  ],
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
  [/\b[0-9a-z]{25}\b/g, '<id>', 'ids'],
  [/\b(?=[0-9a-z]*\d)(?=[0-9a-z]*[a-z])[0-9a-z]{12}\b/g, '<id>', 'ids, cut to twelve letters'],
  [/\b(?:198\.1[89]|172\.\d+)\.\d{1,3}\.\d{1,3}\b/g, '<address>', 'addresses of nodes'],
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
    return asJsonText(JSON.parse(text));
  } catch (caught) {
    // Several documents, one a line, are lines.
    if (caught instanceof SyntaxError || (caught as Error).name === 'SyntaxError') return undefined;
    throw caught;
  }
}

/** Only the answer itself is a list in the order of ids; what lies deeper has an order that says something. */
function asJsonText(value: unknown): string {
  const plain = withoutChance(value);
  const listed = Array.isArray(plain) && plain.some((item) => typeof item === 'object');
  return JSON.stringify(listed ? plain.sort(byText) : plain, null, 2);
}

function withoutChance(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return placeholders(value);
  if (typeof value === 'number') return INDEX_KEYS.has(key) ? '<index>' : value;
  if (Array.isArray(value)) return value.map((item) => withoutChance(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([name, each]) => [placeholders(name), withoutChance(each, name)] as const,
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

import { isTrue, labelOf, shown, typeOf, type Value } from './values.ts';

/** What a function cannot do; the template's error names the function. */
export class CallProblem extends Error {
  override readonly name = 'CallProblem';
}

type Call = (args: readonly Value[]) => Value;

const HTML: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

/** Go's print puts spaces only between operands of which neither is a string. */
const print: Call = (args) =>
  args.reduce<string>((text, value, at) => {
    const before = args[at - 1];
    const spaced = at > 0 && typeof value !== 'string' && typeof before !== 'string';
    return `${text}${spaced ? ' ' : ''}${shown(value)}`;
  }, '');

const texts = (args: readonly Value[]): string => args.map(shown).join('');

/** SwarmKit's one function of its own: the first argument between the others. */
const join: Call = ([separator, ...parts]) => {
  if (separator === undefined)
    throw new CallProblem('runtime error: slice bounds out of range [1:0]');
  return parts.map(shown).join(shown(separator));
};

function comparable(value: Value | undefined): string | number | boolean {
  if (typeof value === 'object' || value === undefined)
    throw new CallProblem('invalid type for comparison');
  return value;
}

const equal = (one: Value | undefined, other: Value | undefined): boolean => {
  const [a, b] = [comparable(one), comparable(other)];
  if (typeof a !== typeof b) throw new CallProblem('incompatible types for comparison');
  return a === b;
};

const less = (one: Value | undefined, other: Value | undefined): boolean => {
  const [a, b] = [comparable(one), comparable(other)];
  if (typeof a !== typeof b) throw new CallProblem('incompatible types for comparison');
  if (typeof a === 'boolean') throw new CallProblem('invalid type for comparison');
  return a < b;
};

const index: Call = ([from, ...keys]) =>
  keys.reduce<Value>((value, key) => {
    if (typeof value === 'object' && value !== null && value.kind === 'map') {
      if (typeof key !== 'string')
        throw new CallProblem(`value has type ${typeOf(key)}; should be string`);
      return labelOf(value.entries, key) ?? '';
    }
    if (typeof value === 'string' && typeof key === 'number') return byteAt(value, key);
    throw new CallProblem(`can't index item of type ${typeOf(value)}`);
  }, from ?? null);

function byteAt(text: string, at: number): number {
  const byte = text.charCodeAt(at);
  if (Number.isNaN(byte)) throw new CallProblem(`index out of range: ${at}`);
  return byte;
}

const slice: Call = ([from, ...bounds]) => {
  if (typeof from !== 'string')
    throw new CallProblem(`can't slice item of type ${typeOf(from ?? null)}`);
  const [begin = 0, end = from.length] = bounds.map(Number);
  if (begin < 0 || end > from.length || begin > end)
    throw new CallProblem(`index out of range: ${begin > end ? begin : end}`);
  return from.slice(begin, end);
};

/** In UTF-8. */
const bytesOf = (text: string): number =>
  Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }).reduce((sum, count) => sum + count, 0);

const length: Call = ([value = null]) => {
  if (typeof value === 'string') return bytesOf(value);
  if (typeof value === 'object' && value?.kind === 'map') return Object.keys(value.entries).length;
  throw new CallProblem(`len of type ${typeOf(value)}`);
};

/** The verbs that texts, numbers and truths have, with width, left alignment and leading zeros. */
const printf: Call = ([format = '', ...args]) => {
  let next = 0;
  const filled = shown(format).replace(
    /%([-0]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g,
    (_all, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      if (next >= args.length) return `%!${verb}(MISSING)`;
      const value = args[next] ?? null;
      next += 1;
      const text = formatted(verb, value, Number(precision ?? 6));
      const wide = Number(width);
      if (flags.includes('-')) return text.padEnd(wide);
      return text.padStart(wide, flags.includes('0') ? '0' : ' ');
    },
  );
  const extra = args.slice(next).map((value) => `${typeOf(value)}=${shown(value)}`);
  return extra.length === 0 ? filled : `${filled}%!(EXTRA ${extra.join(', ')})`;
};

function formatted(verb: string, value: Value, digits: number): string {
  if (verb === 'f' && typeof value === 'number' && !Number.isInteger(value))
    return value.toFixed(digits);
  const fits =
    verb === 'v' ||
    (verb === 'd' && typeof value === 'number') ||
    (verb === 't' && typeof value === 'boolean') ||
    ('sqxX'.includes(verb) && typeof value === 'string');
  if (!fits) return `%!${verb}(${typeOf(value)}=${shown(value)})`;
  const text = shown(value);
  if (verb === 'q') return JSON.stringify(text);
  if (verb !== 'x' && verb !== 'X') return text;
  const hex = Array.from(text, (unit) => unit.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return verb === 'x' ? hex : hex.toUpperCase();
}

const escapeJs = (text: string): string =>
  text.replace(/["'\\<>&=]|[\0-\x1f]/g, (unit) =>
    '"\'\\'.includes(unit)
      ? `\\${unit}`
      : `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );

const escapeQuery = (text: string): string =>
  encodeURIComponent(text).replace(/%20|[!'()*]/g, (unit) =>
    unit === '%20' ? '+' : `%${unit.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const escapeHtml = (text: string): string => text.replace(/["'&<>]/g, (unit) => HTML[unit] ?? '');

interface Signature {
  readonly call: Call;
  readonly least: number;
  /** Undefined for any number. */
  readonly most?: number;
  /** Which arguments must be texts. */
  readonly texts?: 'first' | 'all';
}

const one = (call: (value: Value) => Value): Signature => ({
  call: ([value = null]) => call(value),
  least: 1,
  most: 1,
});
const two = (call: (a: Value | undefined, b: Value | undefined) => Value): Signature => ({
  call: ([a, b]) => call(a, b),
  least: 2,
  most: 2,
});

/** `and` and `or` are carried out elsewhere: they look at an argument only when they must. */
const FUNCTIONS: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ['and', { call: () => null, least: 1 }],
  ['or', { call: () => null, least: 1 }],
  ['join', { call: join, least: 0, texts: 'all' }],
  ['print', { call: print, least: 0 }],
  ['println', { call: (args) => `${args.map(shown).join(' ')}\n`, least: 0 }],
  ['printf', { call: printf, least: 1, texts: 'first' }],
  ['html', { call: (args) => escapeHtml(texts(args)), least: 0 }],
  ['js', { call: (args) => escapeJs(texts(args)), least: 0 }],
  ['urlquery', { call: (args) => escapeQuery(texts(args)), least: 0 }],
  ['len', one((value) => length([value]))],
  ['index', { call: index, least: 1 }],
  ['slice', { call: slice, least: 1 }],
  ['not', one((value) => !isTrue(value))],
  ['eq', { call: equalToAny, least: 1 }],
  ['ne', two((a, b) => !equal(a, b))],
  ['lt', two(less)],
  ['le', two((a, b) => !less(b, a))],
  ['gt', two((a, b) => less(b, a))],
  ['ge', two((a, b) => !less(a, b))],
  ['call', { call: callValue, least: 1 }],
]);

function equalToAny([first, ...others]: readonly Value[]): boolean {
  if (others.length === 0) throw new CallProblem('missing argument for comparison');
  return others.some((other) => equal(first, other));
}

function callValue([value = null]: readonly Value[]): Value {
  throw new CallProblem(`non-function ${shown(value)} of type ${typeOf(value)}`);
}

/** The functions that a template may call: Go's, `join`, and those of its own, each of which makes a text of a text. */
export class Functions {
  readonly #own: ReadonlyMap<string, Signature>;

  constructor(own: Readonly<Record<string, (text: string) => string>> = {}) {
    const signatures = Object.entries(own).map(([name, call]): [string, Signature] => [
      name,
      { call: ([value = null]) => call(shown(value)), least: 1, most: 1, texts: 'all' },
    ]);
    this.#own = new Map(signatures);
  }

  has(name: string): boolean {
    return this.#own.has(name) || FUNCTIONS.has(name);
  }

  /** Errors: CallProblem. */
  call(name: string, args: readonly Value[]): Value {
    return this.#signature(name).call(args);
  }

  /** What is wrong with calling it with so many arguments; null when nothing is. */
  countProblem(name: string, count: number): string | null {
    const { least, most } = this.#signature(name);
    if (count >= least && count <= (most ?? Infinity)) return null;
    const wanted = most === undefined ? `at least ${least}` : String(least);
    return `wrong number of args for ${name}: want ${wanted} got ${count}`;
  }

  /** Whether that argument of the function has to be a text. */
  wantsText(name: string, at: number): boolean {
    const { texts: which } = this.#signature(name);
    return which === 'all' || (which === 'first' && at === 0);
  }

  #signature(name: string): Signature {
    const found = this.#own.get(name) ?? FUNCTIONS.get(name);
    if (found === undefined) throw new Error(`the parser let an unknown function pass: ${name}`);
    return found;
  }
}

export const GO_FUNCTIONS = new Functions();

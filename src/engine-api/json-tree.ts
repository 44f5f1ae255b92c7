import { SwarmError } from '../model/errors.ts';
import { quoteJsonByte } from './go-quote.ts';

/** A parsed JSON value that keeps what Go's decoder looks at: the text of numbers, the order of members, doubles included. */
export type JsonTree =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'number'; readonly literal: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly JsonTree[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, JsonTree])[] };

interface Frame {
  readonly items: JsonTree[] | null;
  readonly members: [string, JsonTree][] | null;
  key: string;
}

/** Go refuses what is nested deeper. */
const MAX_DEPTH = 10_000;

const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
  '/': '/',
};

/**
 * Parses the first JSON value of a text; `rest` is where it ended. Errors are InvalidArgument with encoding/json's own texts
 * (`invalid character 'o' looking for beginning of object key string`, `unexpected EOF`). Null where there is nothing but space.
 * It does not recurse, so that a deeply nested text cannot exhaust the stack.
 */
export function parseJson(text: string): { readonly tree: JsonTree; readonly rest: number } | null {
  const reader = new Reader(text);
  reader.skipSpace();
  return reader.ended ? null : { tree: reader.value(), rest: reader.at };
}

/** A text that is one JSON value and nothing else, with the errors of encoding/json's Unmarshal, which are those of its decoder but for the end. */
export function parseWhole(text: string): JsonTree {
  const reader = new Reader(text, 'unexpected end of JSON input');
  const tree = reader.value();
  reader.skipSpace();
  if (!reader.ended) throw reader.unexpected('after top-level value');
  return tree;
}

class Reader {
  at = 0;
  readonly #text: string;

  readonly #atEnd: string;

  constructor(text: string, atEnd = 'unexpected EOF') {
    this.#text = text;
    this.#atEnd = atEnd;
  }

  get ended(): boolean {
    return this.at >= this.#text.length;
  }

  skipSpace(): void {
    while (/^[ \t\r\n]$/.test(this.#peek())) this.at += 1;
  }

  value(): JsonTree {
    const frames: Frame[] = [];
    for (;;) {
      let done = this.#begin(frames);
      while (done !== null) {
        const frame = frames.at(-1);
        if (frame === undefined) return done;
        done = this.#put(frames, frame, done);
      }
    }
  }

  /** Reads a scalar, or opens an array or object; an empty one is complete at once. */
  #begin(frames: Frame[]): JsonTree | null {
    this.skipSpace();
    const next = this.#peek();
    if (next === '{' || next === '[') {
      this.at += 1;
      if (frames.length >= MAX_DEPTH) throw invalid('exceeded max depth');
      const isObject = next === '{';
      const frame: Frame = { items: isObject ? null : [], members: isObject ? [] : null, key: '' };
      this.skipSpace();
      if (this.#peek() === (isObject ? '}' : ']')) {
        this.at += 1;
        return closed(frame);
      }
      if (isObject) frame.key = this.#key();
      frames.push(frame);
      return null;
    }
    return this.#scalar(next);
  }

  /** Puts a complete value into its array or object; answers with that one when it is complete too. */
  #put(frames: Frame[], frame: Frame, value: JsonTree): JsonTree | null {
    if (frame.members === null) frame.items?.push(value);
    else frame.members.push([frame.key, value]);
    this.skipSpace();
    const next = this.#peek();
    if (next === (frame.members === null ? ']' : '}')) {
      this.at += 1;
      frames.pop();
      return closed(frame);
    }
    if (next !== ',')
      throw this.unexpected(
        frame.members === null ? 'after array element' : 'after object key:value pair',
      );
    this.at += 1;
    if (frame.members !== null) {
      this.skipSpace();
      frame.key = this.#key();
    }
    return null;
  }

  #key(): string {
    if (this.#peek() !== '"') throw this.unexpected('looking for beginning of object key string');
    const key = this.#string();
    this.skipSpace();
    if (this.#peek() !== ':') throw this.unexpected('after object key');
    this.at += 1;
    return key;
  }

  #scalar(next: string): JsonTree {
    if (next === '"') return { kind: 'string', value: this.#string() };
    if (next === '-' || /^\d$/.test(next)) return { kind: 'number', literal: this.#number() };
    if (next === 't') return this.#literal('true', { kind: 'bool', value: true });
    if (next === 'f') return this.#literal('false', { kind: 'bool', value: false });
    if (next === 'n') return this.#literal('null', { kind: 'null' });
    throw this.unexpected('looking for beginning of value');
  }

  #literal(word: string, value: JsonTree): JsonTree {
    for (const expected of word) {
      if (this.#peek() !== expected)
        throw this.unexpected(`in literal ${word} (expecting '${expected}')`);
      this.at += 1;
    }
    return value;
  }

  #number(): string {
    const start = this.at;
    if (this.#peek() === '-') this.at += 1;
    if (this.#peek() === '0') this.at += 1;
    else this.#digits('in numeric literal');
    if (this.#peek() === '.') {
      this.at += 1;
      this.#digits('after decimal point in numeric literal');
    }
    if (/^[eE]$/.test(this.#peek())) {
      this.at += 1;
      if (/^[+-]$/.test(this.#peek())) this.at += 1;
      this.#digits('in exponent of numeric literal');
    }
    return this.#text.slice(start, this.at);
  }

  #digits(where: string): void {
    if (!/^\d$/.test(this.#peek())) throw this.unexpected(where);
    while (/^\d$/.test(this.#peek())) this.at += 1;
  }

  #string(): string {
    let result = '';
    let start = (this.at += 1);
    for (;;) {
      const next = this.#peek();
      if (next === '"') {
        result += this.#text.slice(start, this.at);
        this.at += 1;
        return result.toWellFormed();
      }
      if (next === '' || next < ' ') throw this.unexpected('in string literal');
      this.at += 1;
      if (next !== '\\') continue;
      result += this.#text.slice(start, this.at - 1) + this.#escape();
      start = this.at;
    }
  }

  #escape(): string {
    const next = this.#peek();
    if (next === 'u') return this.#unicode();
    const meant = ESCAPES[next];
    if (meant === undefined) throw this.unexpected('in string escape code');
    this.at += 1;
    return meant;
  }

  #unicode(): string {
    this.at += 1;
    const start = this.at;
    while (this.at < start + 4) {
      if (!/^[0-9a-fA-F]$/.test(this.#peek()))
        throw this.unexpected('in \\u hexadecimal character escape');
      this.at += 1;
    }
    return String.fromCharCode(parseInt(this.#text.slice(start, this.at), 16));
  }

  #peek(): string {
    return this.#text.charAt(this.at);
  }

  unexpected(where: string): SwarmError {
    if (this.ended) return invalid(this.#atEnd);
    const point = String.fromCodePoint(this.#text.codePointAt(this.at) ?? 0);
    return invalid(`invalid character ${quoteJsonByte(point)} ${where}`);
  }
}

const closed = (frame: Frame): JsonTree =>
  frame.members === null
    ? { kind: 'array', items: frame.items ?? [] }
    : { kind: 'object', members: frame.members };

const invalid = (message: string): SwarmError =>
  new SwarmError('InvalidArgument', message, 'facade');

import { encodeUtf8 } from '../model/utf8.ts';

const NAMED: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** Text in double quotes as Go's `%q` and strconv.Quote give it. */
export const goQuote = (text: string): string => `"${escaped(text, '"')}"`;

/** One byte of JSON text as encoding/json names it in its errors: `'x'`, `'\''`, `'"'`. */
export function quoteJsonByte(character: string): string {
  if (character === "'") return "'\\''";
  if (character === '"') return "'\"'";
  return `'${escaped(String.fromCharCode(encodeUtf8(character)[0] ?? 0), '"')}'`;
}

function escaped(text: string, quote: string): string {
  let result = '';
  for (const character of text) {
    if (character === quote) result += `\\${quote}`;
    else result += NAMED[character] ?? printable(character);
  }
  return result;
}

function printable(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x20 || point === 0x7f) return `\\x${hex(point, 2)}`;
  // What Go's unicode.IsPrint refuses: control, format, private, unassigned and every space but U+0020.
  if (point < 0x80 || !/[\p{C}\p{Z}]/u.test(character)) return character;
  return point > 0xffff ? `\\U${hex(point, 8)}` : `\\u${hex(point, 4)}`;
}

const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0');

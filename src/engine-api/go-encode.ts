import { ZERO_TIME, formatTime } from '../model/time.ts';
import type { EngineLine } from '../model/engines.ts';
import { isKnown, type GoStruct, type GoType } from './go-type.ts';

/** A struct that has been written already: its text goes into whatever holds it. */
export class Written {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Writes a value as Go's encoding/json writes the struct, HTML not escaped (moby: httputils.WriteJSON): fields in their order, empty ones left
 * out or written as zero, keys of maps sorted. Without the newline that ends a body.
 */
export function encodeGo(value: unknown, type: GoType, engine: EngineLine): string {
  switch (type.kind) {
    case 'string':
    case 'bytes':
      return value === undefined && type.kind === 'bytes' ? 'null' : quote(text(value));
    case 'bool':
      return value === true ? 'true' : 'false';
    case 'integer':
      return integer(value);
    case 'float32':
      return float32(typeof value === 'number' ? value : 0);
    case 'time':
      return quote(typeof value === 'number' ? formatTime(value) : ZERO_TIME);
    case 'pointer':
      return isAbsent(value) ? 'null' : encodeGo(value, type.to, engine);
    case 'list':
      return isAbsent(value)
        ? 'null'
        : `[${(value as readonly unknown[]).map((item) => encodeGo(item, type.of, engine)).join(',')}]`;
    case 'map':
      return isAbsent(value) ? 'null' : encodeMap(value as object, type.of, engine);
    case 'struct':
      return value instanceof Written
        ? value.text
        : encodeStruct((value ?? {}) as Record<string, unknown>, type, engine);
  }
}

function encodeStruct(value: Record<string, unknown>, type: GoStruct, engine: EngineLine): string {
  const parts: string[] = [];
  for (const field of type.fields) {
    if (!isKnown(field, engine)) continue;
    const member = value[field.name];
    if (field.omitEmpty && isEmpty(member, field.type)) continue;
    parts.push(`${quote(field.name)}:${encodeGo(member, field.type, engine)}`);
  }
  return `{${parts.join(',')}}`;
}

function encodeMap(value: object, of: GoType, engine: EngineLine): string {
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${quote(key)}:${encodeGo(item, of, engine)}`).join(',')}}`;
}

/** What `omitempty` leaves out. A struct that is no pointer and a time never are. */
function isEmpty(value: unknown, type: GoType): boolean {
  switch (type.kind) {
    case 'struct':
    case 'time':
      return false;
    case 'pointer':
      return isAbsent(value);
    case 'list':
      return isAbsent(value) || (value as readonly unknown[]).length === 0;
    case 'map':
      return isAbsent(value) || Object.keys(value as object).length === 0;
    default:
      return isAbsent(value) || value === '' || value === 0 || value === false;
  }
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const integer = (value: unknown): string =>
  typeof value === 'number' ? BigInt(value).toString() : '0';

/** The shortest decimal that reads back as the same 32-bit float; Go and JavaScript use exponents alike. */
function float32(value: number): string {
  const wanted = Math.fround(value);
  for (let digits = 1; digits <= 9; digits += 1) {
    const short = Number(wanted.toPrecision(digits));
    if (Math.fround(short) === wanted) return String(short);
  }
  return String(wanted);
}

/** Text that stands in JSON as it is: nearly all. */
const PLAIN = /^[ !#-[\]-~]*$/;

const quote = (value: string): string => (PLAIN.test(value) ? `"${value}"` : escaped(value));

const escaped = (value: string): string =>
  JSON.stringify(value.toWellFormed())
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');

/** The little of DER that certificates need (ITU-T X.690). Small on purpose: a full ASN.1 library costs the daemon some 15 MiB. */
import { SwarmError } from '../../model/errors.ts';

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One decoded element: its tag, its contents, and its whole encoding. */
export interface Tlv {
  readonly tag: number;
  readonly content: Buffer;
  readonly encoded: Buffer;
}

/** Tag, length and contents. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(TAG.sequence, ...parts);

/** A context-specific constructed element, `[n]`. */
export const explicit = (n: number, ...parts: readonly Uint8Array[]): Buffer =>
  tlv(0xa0 | n, ...parts);

/** A non-negative integer, big-endian; a leading zero is put before a set high bit. */
export function integer(value: Uint8Array): Buffer {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start += 1;
  const digits = value.subarray(start);
  return (digits[0] ?? 0) & 0x80
    ? tlv(TAG.integer, Buffer.from([0]), digits)
    : tlv(TAG.integer, digits);
}

/** A string of whole octets, or with `unused` bits at its end. */
export const bitString = (bits: Uint8Array, unused = 0): Buffer =>
  tlv(TAG.bitString, Buffer.from([unused]), bits);

export const octetString = (octets: Uint8Array): Buffer => tlv(TAG.octetString, octets);

export const boolean = (value: boolean): Buffer =>
  tlv(TAG.boolean, Buffer.from([value ? 0xff : 0]));

/** Printable where every character is, as Go encodes names: the API shows issuers octet by octet. UTF-8 otherwise. */
export const text = (value: string): Buffer =>
  /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value)
    ? tlv(TAG.printableString, Buffer.from(value, 'latin1'))
    : tlv(TAG.utf8String, Buffer.from(value, 'utf8'));

/** An object identifier in dots. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap(base128);
  return tlv(TAG.oid, Buffer.from(octets));
}

/** Seconds are kept, milliseconds dropped; years from 2050 on need the long form (RFC 5280, 4.1.2.5). */
export function time(timeMs: number): Buffer {
  const digits = new Date(timeMs).toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  return Number(digits.slice(0, 4)) < 2050
    ? tlv(TAG.utcTime, Buffer.from(digits.slice(2)))
    : tlv(TAG.generalizedTime, Buffer.from(digits));
}

/**
 * The first element of the bytes; with `exact`, nothing may follow it.
 * @throws SwarmError InvalidArgument when the bytes are no DER.
 */
export function decode(bytes: Buffer, exact = false): Tlv {
  const tag = bytes[0];
  const short = bytes[1];
  if (tag === undefined || short === undefined) throw malformed('the element is cut off');
  const header = short < 0x80 ? 2 : 2 + (short & 0x7f);
  if (header > 6 || short === 0x80) throw malformed('a length has an unusual form');
  let length = short < 0x80 ? short : 0;
  for (const digit of bytes.subarray(2, header)) length = length * 256 + digit;
  const end = header + length;
  if (end > bytes.length) throw malformed('an element is longer than its surroundings');
  if (exact && end !== bytes.length) throw malformed('something follows the end');
  return { tag, content: bytes.subarray(header, end), encoded: bytes.subarray(0, end) };
}

/** The elements inside a constructed element, at most `limit` of them. */
export function children(parent: Tlv, limit = 64): Tlv[] {
  const found: Tlv[] = [];
  let rest = parent.content;
  while (rest.length > 0) {
    if (found.length === limit) throw malformed(`more than ${limit} elements in one`);
    const child = decode(rest);
    found.push(child);
    rest = rest.subarray(child.encoded.length);
  }
  return found;
}

const malformed = (why: string): SwarmError =>
  new SwarmError('InvalidArgument', `malformed DER: ${why}`);

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.from([0x80 | digits.length, ...digits]);
}

function base128(arc: number): number[] {
  const digits = [arc & 0x7f];
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

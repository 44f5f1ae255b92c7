/** The framing of a log file: `magic, length, checksum, body`, so that a torn or rotten record is seen as such. */
import { crc32 } from 'node:zlib';

const MAGIC = 0x5357_4c31;
const HEADER_BYTES = 12;
/** Nothing we write is longer; a larger length is damage. SwarmKit's largest transaction is 1.5 MiB. */
const MAX_BODY_BYTES = 64 << 20;

export function frame(body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(MAGIC, 0);
  header.writeUInt32BE(body.length, 4);
  header.writeUInt32BE(crc32(body), 8);
  return Buffer.concat([header, body]);
}

/** What a file holds: whole records, how far they reach, and whether whole records follow after a damaged place. */
export interface Scan {
  readonly bodies: readonly Buffer[];
  readonly goodBytes: number;
  readonly damage: 'none' | 'torn-tail' | 'middle';
}

/**
 * Reads records up to the first that is not whole. A crash tears only the end, so if another whole record comes after, the damage is not a
 * crash's and nothing may be cut off.
 */
export function scan(file: Buffer): Scan {
  const bodies: Buffer[] = [];
  let at = 0;
  for (let body = recordAt(file, at); body !== null; body = recordAt(file, at)) {
    bodies.push(body);
    at += HEADER_BYTES + body.length;
  }
  if (at === file.length) return { bodies, goodBytes: at, damage: 'none' };
  return { bodies, goodBytes: at, damage: hasRecordAfter(file, at + 1) ? 'middle' : 'torn-tail' };
}

function recordAt(file: Buffer, at: number): Buffer | null {
  if (at + HEADER_BYTES > file.length || file.readUInt32BE(at) !== MAGIC) return null;
  const length = file.readUInt32BE(at + 4);
  const end = at + HEADER_BYTES + length;
  if (length > MAX_BODY_BYTES || end > file.length) return null;
  const body = file.subarray(at + HEADER_BYTES, end);
  return crc32(body) === file.readUInt32BE(at + 8) ? body : null;
}

function hasRecordAfter(file: Buffer, from: number): boolean {
  const magic = Buffer.alloc(4);
  magic.writeUInt32BE(MAGIC, 0);
  for (let at = file.indexOf(magic, from); at >= 0; at = file.indexOf(magic, at + 1)) {
    if (recordAt(file, at) !== null) return true;
  }
  return false;
}

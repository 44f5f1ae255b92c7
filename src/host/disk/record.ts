/**
 * The framing of a log file: `magic, length, checksum of the body, checksum of these three, body`. The header has a checksum of its own, so that a
 * rotten length is not taken for a record that a crash cut off.
 */
import { crc32 } from 'node:zlib';

const MAGIC = 0x5357_4c32;
const HEADER_BYTES = 16;
const SECTOR_BYTES = 512;
/** Nothing we write is longer; a larger length is damage. SwarmKit's largest transaction is 1.5 MiB. */
const MAX_BODY_BYTES = 64 << 20;

export function frame(body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(MAGIC, 0);
  header.writeUInt32BE(body.length, 4);
  header.writeUInt32BE(crc32(body), 8);
  header.writeUInt32BE(crc32(header.subarray(0, 12)), 12);
  return Buffer.concat([header, body]);
}

/** What a file holds: whole records, how far they reach, and what is wrong with the rest. */
export interface Scan {
  readonly bodies: readonly Buffer[];
  readonly goodBytes: number;
  readonly damage: 'none' | 'torn-tail' | 'rot';
}

/**
 * Reads records up to the first that is not whole. A crash leaves the beginning of a record, or zeros where its sectors were not written yet:
 * such a tail was never acknowledged. Anything else, in the last record too, is a record that was whole once, and nothing may be cut off.
 */
export function scan(file: Buffer): Scan {
  const bodies: Buffer[] = [];
  let at = 0;
  for (let body = recordAt(file, at); body !== null; body = recordAt(file, at)) {
    bodies.push(body);
    at += HEADER_BYTES + body.length;
  }
  if (at === file.length) return { bodies, goodBytes: at, damage: 'none' };
  return { bodies, goodBytes: at, damage: isTorn(file, at) ? 'torn-tail' : 'rot' };
}

function recordAt(file: Buffer, at: number): Buffer | null {
  if (at + HEADER_BYTES > file.length || !hasHeader(file, at)) return null;
  const end = at + HEADER_BYTES + file.readUInt32BE(at + 4);
  if (end > file.length) return null;
  const body = file.subarray(at + HEADER_BYTES, end);
  return crc32(body) === file.readUInt32BE(at + 8) ? body : null;
}

const hasHeader = (file: Buffer, at: number): boolean =>
  file.readUInt32BE(at) === MAGIC &&
  file.readUInt32BE(at + 4) <= MAX_BODY_BYTES &&
  crc32(file.subarray(at, at + 12)) === file.readUInt32BE(at + 12);

/** Whether the rest of the file from `at` is what a crash leaves of a record. */
function isTorn(file: Buffer, at: number): boolean {
  if (file.length - at < HEADER_BYTES) return true;
  if (hasHeader(file, at) && at + HEADER_BYTES + file.readUInt32BE(at + 4) > file.length)
    return true;
  const written = file.findLastIndex((byte) => byte !== 0) + 1;
  const boundary = Math.ceil(written / SECTOR_BYTES) * SECTOR_BYTES;
  return written <= at || boundary < file.length;
}

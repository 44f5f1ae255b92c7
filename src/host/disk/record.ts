/**
 * The framing of a log file: `mark, length, checksum of the body, checksum of these three, body`, filled up to a whole number of units. The header has a
 * checksum of its own, so that a rotten length is not taken for a record that a crash cut off.
 *
 * A file may have room at its end: zeros, so that a record finds its blocks there and a sync has nothing but the record to write. In them a crash leaves the
 * sectors of what was not yet synced in any order. The mark says whether something unsynced stood before the record when it was written: what stands before
 * one that followed a sync was whole on the disk once.
 */
import { crc32 } from 'node:zlib';

const AFTER_SYNC = 0x5357_4c33;
const AFTER_WRITE = 0x5357_4c34;
const HEADER_BYTES = 16;
const SECTOR_BYTES = 512;
/** A header, and what a record has of a sector, is never less than this: nothing that was written is a sector's share of zeros by chance. */
const UNIT_BYTES = 16;
const FILLING = 0xff;
/** Nothing we write is longer; a larger length is damage. SwarmKit's largest transaction is 1.5 MiB. */
const MAX_BODY_BYTES = 64 << 20;

/** `followsSync`: all that stands before it in the file is synced. */
export function frame(body: Buffer, followsSync: boolean): Buffer {
  const end = HEADER_BYTES + body.length;
  const record = Buffer.allocUnsafe(filledUp(end));
  record.writeUInt32BE(followsSync ? AFTER_SYNC : AFTER_WRITE, 0);
  record.writeUInt32BE(body.length, 4);
  record.writeUInt32BE(crc32(body), 8);
  record.writeUInt32BE(crc32(record.subarray(0, 12)), 12);
  body.copy(record, HEADER_BYTES);
  return record.fill(FILLING, end);
}

/** What a file holds: whole records, how far they reach, and what is wrong with the rest. Room is nothing wrong. */
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
    at += filledUp(HEADER_BYTES + body.length);
  }
  if (isZero(file, at, file.length)) return { bodies, goodBytes: at, damage: 'none' };
  return { bodies, goodBytes: at, damage: isTorn(file, at) ? 'torn-tail' : 'rot' };
}

function recordAt(file: Buffer, at: number): Buffer | null {
  if (!hasHeader(file, at)) return null;
  const end = at + HEADER_BYTES + file.readUInt32BE(at + 4);
  if (filledUp(end) > file.length) return null;
  const body = file.subarray(at + HEADER_BYTES, end);
  const isWhole = crc32(body) === file.readUInt32BE(at + 8);
  return isWhole && file.subarray(end, filledUp(end)).every((byte) => byte === FILLING)
    ? body
    : null;
}

const hasHeader = (file: Buffer, at: number): boolean =>
  at + HEADER_BYTES <= file.length &&
  [AFTER_SYNC, AFTER_WRITE].includes(file.readUInt32BE(at)) &&
  file.readUInt32BE(at + 4) <= MAX_BODY_BYTES &&
  crc32(file.subarray(at, at + 12)) === file.readUInt32BE(at + 12);

/** Whether the rest of the file from `at` is what a crash leaves of records that were not synced. */
function isTorn(file: Buffer, at: number): boolean {
  if (wasSynced(file, at)) return false;
  if (file.length - at < HEADER_BYTES) return true;
  // Without its header a record's first sector was not written.
  if (!hasHeader(file, at)) return isZero(file, at, Math.min(sectorAfter(at), file.length));
  const end = filledUp(at + HEADER_BYTES + file.readUInt32BE(at + 4));
  return end > file.length || lacksSector(file, at, end);
}

/** Whether a whole record stands behind `at` that was written when all before it was on the disk. */
function wasSynced(file: Buffer, at: number): boolean {
  for (let next = at + UNIT_BYTES; next + HEADER_BYTES <= file.length; next += UNIT_BYTES) {
    if (file.readUInt32BE(next) === AFTER_SYNC && recordAt(file, next) !== null) return true;
  }
  return false;
}

function lacksSector(file: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at = sectorAfter(at)) {
    if (isZero(file, at, Math.min(sectorAfter(at), end))) return true;
  }
  return false;
}

const sectorAfter = (at: number): number => (Math.floor(at / SECTOR_BYTES) + 1) * SECTOR_BYTES;

const filledUp = (bytes: number): number => Math.ceil(bytes / UNIT_BYTES) * UNIT_BYTES;

function isZero(file: Buffer, from: number, to: number): boolean {
  const zeros = Buffer.alloc(Math.min(to - from, 1 << 16));
  for (let at = from; at < to; at += zeros.length) {
    const length = Math.min(zeros.length, to - at);
    if (file.compare(zeros, 0, length, at, at + length) !== 0) return false;
  }
  return true;
}

import { goQuote } from './go-quote.ts';

/** A moment since 1970 as clients give it and events carry it. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/**
 * Reads `seconds.nanoseconds`; a fraction of fewer digits is one of a second (moby: timetypes.ParseTimestamps). Null where nothing is given; a text where it is
 * wrong, in the words of Go's strconv.ParseInt.
 */
export function parseTimestamp(given: string): Timestamp | string | null {
  if (given === '') return null;
  const dot = given.indexOf('.');
  const [whole = '', fraction] = dot < 0 ? [given] : [given.slice(0, dot), given.slice(dot + 1)];
  for (const part of [whole, fraction])
    if (part !== undefined && !/^[+-]?\d+$/.test(part))
      return `strconv.ParseInt: parsing ${goQuote(part)}: invalid syntax`;
  for (const part of [whole, fraction ?? '0'])
    if (BigInt.asIntN(64, BigInt(part)) !== BigInt(part))
      return `strconv.ParseInt: parsing ${goQuote(part)}: value out of range`;
  const nanoseconds =
    fraction === undefined ? 0 : Math.trunc(Number(fraction) * 10 ** (9 - fraction.length));
  return { seconds: Number(whole), nanoseconds };
}

/** Milliseconds since 1970, fractions allowed, as a timestamp. */
export function timestampOf(timeMs: number): Timestamp {
  const seconds = Math.floor(timeMs / 1000);
  return { seconds, nanoseconds: Math.round((timeMs - seconds * 1000) * 1000) * 1000 };
}

/** All nanoseconds in one number, which JSON's own numbers cannot hold. */
export const nanosecondsOf = ({ seconds, nanoseconds }: Timestamp): bigint =>
  BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);

/**
 * Picks a /24 for a lab out of 198.18.0.0/15, the range set aside for benchmarks (RFC 2544): nobody routes it, it is outside
 * Swarm's address pool 10.0.0.0/8, and outside the ranges the node's own dockerd picks from (172.17.0.0/12, 192.168.0.0/16).
 */

const FIRST = ipv4('198.18.0.0');
const COUNT = 512;

/** The three-number prefixes of all subnets that overlap with none of `taken` (CIDRs). */
export function freePrefixes(taken: readonly string[]): readonly string[] {
  const ranges = taken.map(rangeOf).filter((range) => range !== undefined);
  const free: string[] = [];
  for (let index = 0; index < COUNT; index++) {
    const start = FIRST + index * 256;
    if (ranges.every((range) => range.end < start || range.start > start + 255))
      free.push(prefixAt(start));
  }
  return free;
}

function prefixAt(start: number): string {
  return [start / 2 ** 24, start / 2 ** 16, start / 2 ** 8]
    .map((part) => Math.floor(part) % 256)
    .join('.');
}

/** First and last address of an IPv4 CIDR; undefined for anything else (IPv6 cannot overlap). */
export function rangeOf(
  cidr: string,
): { readonly start: number; readonly end: number } | undefined {
  const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(cidr);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const size = 2 ** (32 - Number(match[2]));
  const start = Math.floor(ipv4(match[1]) / size) * size;
  return { start, end: start + size - 1 };
}

function ipv4(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

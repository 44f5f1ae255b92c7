/** IPv4 addresses as numbers, and blocks of them. IPv6 blocks are recognised, and never allocated from: Swarm manages IPv4 only. */

export interface Subnet {
  /** The first address, as a number; null for IPv6. */
  readonly base: number | null;
  readonly bits: number;
}

/** Null for what is no IPv4 address. */
export function parseIpv4(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let value = 0;
  for (const part of parts) {
    // Go refuses leading zeros.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    value = value * 256 + Number(part);
  }
  return value;
}

export const formatIpv4 = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** How many addresses a block of so many bits holds. */
export const sizeOf = (bits: number): number => 2 ** (32 - bits);

/** Null for what is no block. Host bits are cut off, as Go's ParseCIDR does. */
export function parseSubnet(text: string): Subnet | null {
  const match = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/.exec(text);
  if (match === null) return null;
  const [, address = '', prefix = ''] = match;
  const bits = Number(prefix);
  if (address.includes(':')) return bits <= 128 ? { base: null, bits } : null;
  const value = parseIpv4(address);
  if (value === null || bits > 32) return null;
  return { base: value - (value % sizeOf(bits)), bits };
}

/** An address with the length of its block: `10.0.1.5/24`. */
export const formatCidr = (address: number, bits: number): string =>
  `${formatIpv4(address)}/${bits}`;

export const isIpv4In = (value: number, { base, bits }: Subnet): boolean =>
  base !== null && value >= base && value < base + sizeOf(bits);

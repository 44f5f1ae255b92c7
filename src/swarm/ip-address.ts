/** IP addresses as 16 bytes, version 4 in its mapped form, so that both spellings of one address are equal (as Go's net package has it). */
export type IpAddress = readonly number[];

/** `null` when the text is no address. Zones and leading zeros are refused. */
export function parseIp(text: string): IpAddress | null {
  if (text.includes(':')) return parseVersion6(text);
  const bytes = parseVersion4(text);
  return bytes === null ? null : [...V4_PREFIX, ...bytes];
}

/** A network in CIDR form: the address cut to its first `bits` bits. */
export interface IpNetwork {
  readonly address: IpAddress;
  readonly bits: number;
}

/** `null` when the text is not `address/bits`. */
export function parseNetwork(text: string): IpNetwork | null {
  const slash = text.indexOf('/');
  const address = slash < 0 ? null : parseIp(text.slice(0, slash));
  const bitsText = text.slice(slash + 1);
  if (address === null || !/^\d{1,3}$/.test(bitsText)) return null;
  // A version 6 text keeps its own width even where it spells a mapped address.
  const offset = text.includes(':') ? 0 : 96;
  const bits = Number(bitsText) + offset;
  return bits > 128 ? null : { address, bits };
}

export const sameIp = (a: IpAddress, b: IpAddress): boolean =>
  a.every((byte, at) => byte === b[at]);

/** Whether the address lies in the network; one of version 4 never lies in a network of version 6. */
export function networkContains(network: IpNetwork, address: IpAddress): boolean {
  if (isVersion4(network.address) !== isVersion4(address)) return false;
  for (let bit = 0; bit < network.bits; bit += 1) {
    const mask = 0x80 >> (bit % 8);
    const at = Math.floor(bit / 8);
    if (((network.address[at] ?? 0) & mask) !== ((address[at] ?? 0) & mask)) return false;
  }
  return true;
}

const V4_PREFIX: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

const isVersion4 = (address: IpAddress): boolean =>
  V4_PREFIX.every((byte, at) => byte === address[at]);

function parseVersion4(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const bytes = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte < 256) ? bytes : null;
}

function parseVersion6(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : [];
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

// Groups of up to four hex digits; the last one may be a version 4 address.
function parseGroups(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [at, group] of groups.entries()) {
    if (last && at === groups.length - 1 && group.includes('.')) {
      const four = parseVersion4(group);
      if (four === null) return null;
      bytes.push(...four);
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return null;
  }
  return bytes;
}

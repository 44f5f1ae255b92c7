import { parseIp, type IpAddress } from '../swarm/ip-address.ts';

/** An address as Go's net.IP prints it, null when the text is none. */
export function canonicalIp(text: string): string | null {
  const address = parseIp(text);
  return address === null ? null : formatIp(address);
}

/** Whether a canonical address is of version 4. */
export const isVersion4 = (ip: string): boolean => !ip.includes(':');

/** Whether a canonical address stands for every address. */
export const isUnspecified = (ip: string): boolean => ip === '0.0.0.0' || ip === '::';

/** Go's IsGlobalUnicast: not unspecified, loopback, link-local, multicast or the broadcast address. */
export function isGlobalUnicast(ip: string): boolean {
  if (isUnspecified(ip) || ip === '::1' || ip === '255.255.255.255') return false;
  if (isVersion4(ip)) {
    const [first = 0, second = 0] = ip.split('.').map(Number);
    return first !== 127 && (first < 224 || first > 239) && !(first === 169 && second === 254);
  }
  const group = parseInt(ip.split(':')[0] ?? '', 16);
  return !(group >= 0xfe80 && group <= 0xfebf) && !(group >= 0xff00);
}

/** Host and port in one text; version 6 hosts in brackets (Go: net.JoinHostPort). */
export const joinHostPort = (host: string, port: string): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** The inverse, null when the text is no `host:port` (Go: net.SplitHostPort). */
export function splitHostPort(
  text: string,
): { readonly host: string; readonly port: string } | null {
  const bracketed = /^\[([^[\]]*)\]:([^:[\]]*)$/.exec(text);
  const plain = /^([^:[\]]*):([^:[\]]*)$/.exec(text);
  const match = bracketed ?? plain;
  return match === null ? null : { host: match[1] ?? '', port: match[2] ?? '' };
}

function formatIp(address: IpAddress): string {
  const mapped = address.slice(0, 10).every((byte) => byte === 0);
  if (mapped && address[10] === 0xff && address[11] === 0xff) return address.slice(12).join('.');
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2)
    groups.push(((address[at] ?? 0) << 8) | (address[at + 1] ?? 0));
  const gap = longestZeros(groups);
  const hex = (part: readonly number[]): string => part.map((one) => one.toString(16)).join(':');
  if (gap.length < 2) return hex(groups);
  return `${hex(groups.slice(0, gap.start))}::${hex(groups.slice(gap.start + gap.length))}`;
}

/** The first of the longest runs of zero groups. */
function longestZeros(groups: readonly number[]): {
  readonly start: number;
  readonly length: number;
} {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  return best;
}

import { SwarmError } from '../model/errors.ts';
import { goQuote } from './go-quote.ts';
import {
  canonicalIp,
  isGlobalUnicast,
  isUnspecified,
  isVersion4,
  splitHostPort,
} from './ip-text.ts';
import type { SystemInterface } from './node-view.ts';
import { refused } from './posted.ts';

const DEFAULT_HOST = '0.0.0.0';
const DEFAULT_PORT = '2377';
const ADDRESS = 'must be a non-zero IP address or network interface';

/** A host, numeric, and a port, both as text. */
export interface HostPort {
  readonly host: string;
  readonly port: string;
}

/**
 * Fills in host and port of an address (moby: validateAddr): all addresses, port 2377. What cannot be read is left as it is, for the next step
 * to refuse. `name` is the field that an empty address is refused for.
 */
export function completeAddress(given: string, name: string): string {
  if (given === '') throw refused(`invalid ${name} ${goQuote(given)}: invalid empty address`);
  const bare = given.startsWith('tcp://') ? given.slice(6) : given;
  if (/[/?#@\s]/.test(bare)) return given;
  const match = /^(\[[^\]]*\]|.*?)(?::(\d*))?$/.exec(bare);
  if (match === null) return given;
  const [, host = '', port = ''] = match;
  if (/:[^\d]/.test(host) && !host.startsWith('[') && !/^:*$/.test(host)) return given;
  const inner = host.startsWith('[') ? host.slice(1, -1) : host;
  const shown = inner.includes(':') ? `[${inner}]` : inner;
  return `${shown === '' ? DEFAULT_HOST : shown}:${port === '' ? DEFAULT_PORT : port}`;
}

/** Where to listen: an address or an interface's name, with a port (moby: resolveListenAddr). */
export function resolveListen(given: string, interfaces: readonly SystemInterface[]): HostPort {
  const parts = splitHostPort(given);
  if (parts === null) throw refused(`could not parse listen address ${given}`);
  const host = resolveHost(parts.host, interfaces, true);
  if (host === null)
    throw refused(
      'listen address must be an IP address or network interface (with optional port number)',
    );
  return { host, port: parts.port };
}

/** What others are told to call: as given, or the machine's one address; without a port the listening one (moby: resolveAdvertiseAddr). */
export function resolveAdvertise(
  given: string,
  listenPort: string,
  interfaces: readonly SystemInterface[],
  fallback = '',
): HostPort {
  if (given === '' && fallback !== '') {
    const host = resolveHost(fallback, interfaces, false);
    if (host === null)
      throw refused(`default advertise address ${ADDRESS} (without a port number)`);
    return { host, port: listenPort };
  }
  if (given === '') return { host: systemAddress(interfaces), port: listenPort };
  const parts = splitHostPort(given) ?? { host: given, port: listenPort };
  const host = resolveHost(parts.host, interfaces, false);
  if (host === null) throw refused(`advertise address ${ADDRESS} (with optional port number)`);
  return { host, port: parts.port };
}

/** `''` when none is given. */
export function resolveDataPath(given: string, interfaces: readonly SystemInterface[]): string {
  if (given === '') return '';
  const host = resolveHost(given, interfaces, false);
  if (host === null) throw refused(`data path address ${ADDRESS} (without a port number)`);
  return host;
}

/** The node's own address: where it listens, else the advertised one if it is this machine's, else the machine's one address. */
export function resolveLocal(
  listenHost: string,
  advertiseHost: string,
  interfaces: readonly SystemInterface[],
): string {
  if (!isUnspecified(listenHost)) return listenHost;
  const own = interfaces.flatMap((one) => one.addresses.map(canonicalIp));
  if (own.includes(advertiseHost)) return advertiseHost;
  try {
    return systemAddress(interfaces);
  } catch (caught) {
    if (!(caught instanceof SwarmError)) throw caught;
    throw refused(
      "must specify a listening address because the address to advertise is not recognized as a system address, and a system's IP address to use could not be uniquely identified",
    );
  }
}

/** An interface's address, or the address itself; null when it is neither. An interface with several is refused. */
function resolveHost(
  given: string,
  interfaces: readonly SystemInterface[],
  unspecifiedIsFine: boolean,
): string | null {
  const named = interfaces.find((one) => one.name === given);
  if (named !== undefined) return interfaceAddress(named);
  const ip = canonicalIp(given);
  return ip !== null && (unspecifiedIsFine || !isUnspecified(ip)) ? ip : null;
}

function interfaceAddress(given: SystemInterface): string {
  const addresses = given.addresses.map((one) => canonicalIp(one) ?? one);
  const four = addresses.filter(isVersion4);
  const six = addresses.filter((one) => !isVersion4(one));
  for (const [version, [first, second]] of [
    ['IPv4', four],
    ['IPv6', six],
  ] as const) {
    if (first !== undefined && second !== undefined)
      throw refused(
        `interface ${given.name} has more than one ${version} address (${first} and ${second})`,
      );
  }
  const chosen = four[0] ?? six[0];
  if (chosen === undefined)
    throw refused(`interface ${given.name} has no usable IPv4 or IPv6 address`);
  return chosen;
}

/** The machine's only address that others can reach; version 4 before 6 on one interface. Several are refused (moby: resolveSystemAddr). */
export function systemAddress(interfaces: readonly SystemInterface[]): string {
  let found: { readonly name: string; readonly address: string } | null = null;
  for (const one of interfaces) {
    if (!one.up || one.loopback || one.ofEngine) continue;
    const address = onlyAddress(one);
    if (address === null) continue;
    if (found !== null)
      throw refused(
        `could not choose an IP address to advertise since this system has multiple addresses on different interfaces (${found.address} on ${found.name} and ${address} on ${one.name})`,
      );
    found = { name: one.name, address };
  }
  if (found === null) throw refused("could not find the system's IP address");
  return found.address;
}

function onlyAddress(given: SystemInterface): string | null {
  const usable = given.addresses
    .map((one) => canonicalIp(one) ?? one)
    .filter((one) => isGlobalUnicast(one));
  for (const same of [usable.filter(isVersion4), usable.filter((one) => !isVersion4(one))]) {
    const [first, second] = same;
    if (first !== undefined && second !== undefined)
      throw refused(
        `could not choose an IP address to advertise since this system has multiple addresses on interface ${given.name} (${first} and ${second})`,
      );
  }
  return usable.find(isVersion4) ?? usable[0] ?? null;
}

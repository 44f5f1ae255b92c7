import { SwarmError } from '../model/errors.ts';
import { goQuote } from './go-quote.ts';
import { parseNetwork } from '../swarm/ip-address.ts';

const DEFAULT_SUBNET_SIZE = 24;
const LARGEST_SUBNET_SIZE = 29;
const DEFAULT_DATA_PATH_PORT = 4789;

/** The pools that subnets are cut from, trimmed; refusals are status 500 (moby: validateDefaultAddrPool). */
export function checkAddressPool(
  pools: readonly string[] | undefined,
  subnetSize: number,
): readonly string[] {
  if (pools === undefined) return [];
  const size = subnetSize === 0 ? DEFAULT_SUBNET_SIZE : subnetSize;
  if (size > LARGEST_SUBNET_SIZE) throw broken(`subnet size is out of range: ${size}`);
  return pools.map((given) => {
    const pool = given.trim();
    if (parseNetwork(pool) === null)
      throw broken(`invalid base pool ${pool}: invalid CIDR address: ${pool}`);
    if (size < Number(pool.slice(pool.indexOf('/') + 1)))
      throw broken(`invalid CIDR: ${goQuote(pool)}. Subnet size is too small for pool: ${size}`);
    return pool;
  });
}

/** The overlay's UDP port, 4789 unless given (moby: getDataPathPort). */
export function checkDataPathPort(port: number): number {
  if (port === 0) return DEFAULT_DATA_PATH_PORT;
  if (port >= 1024 && port <= 49_151) return port;
  throw broken(`Datapath port number is not in valid range (1024-49151) : ${port}`);
}

const broken = (message: string): SwarmError => new SwarmError('Unknown', message, 'facade');

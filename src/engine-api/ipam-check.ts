/** What is wrong with a network's addresses, in the words of dockerd 26.1 (moby: network.ValidateIPAM). Host bits of IPv6 blocks are not looked at. */
import { formatCidr, parseSubnet } from '../swarm/allocator/subnet.ts';
import { networkContains, parseIp, parseNetwork, type IpNetwork } from '../swarm/ip-address.ts';
import type { PostedIpam } from './convert-network.ts';

type Config = NonNullable<PostedIpam['Config']>[number];

/** The text of the refusal, null where there is nothing to refuse. */
export function ipamProblem(ipam: PostedIpam | undefined, withIpv6: boolean): string | null {
  const problems = (ipam?.Config ?? []).flatMap((config) => problemsOf(config, withIpv6));
  if (problems.length === 0) return null;
  const [only = ''] = problems;
  const list = problems.length === 1 ? only : `* ${problems.join('\n* ')}`;
  return `invalid network config:\n${list}`;
}

/** Of 20.10, which looks at the first bad subnet only and leaves all else to the swarm (moby: getIpamConfig). */
export function subnetProblem20(ipam: PostedIpam | undefined): string | null {
  const bad = ipam?.Config?.find(({ Subnet = '' }) => parseNetwork(Subnet) === null);
  if (bad === undefined) return null;
  return `Invalid subnet ${bad.Subnet ?? ''} : invalid CIDR address: ${bad.Subnet ?? ''}`;
}

function problemsOf(config: Config, withIpv6: boolean): readonly string[] {
  const { Subnet = '', IPRange = '', Gateway = '', AuxiliaryAddresses = {} } = config;
  const subnet = parseNetwork(Subnet);
  if (subnet === null) return [`invalid subnet ${Subnet}: invalid CIDR block notation`];
  if (!withIpv6 && isVersion6(Subnet)) return [];
  const hostBits = maskProblem(Subnet);
  const gateway = addressProblem(Gateway, Subnet, subnet);
  return [
    ...(hostBits === null ? [] : [`invalid subnet ${Subnet}: it should be ${hostBits}`]),
    ...rangeProblems(IPRange, Subnet, subnet),
    ...(gateway === null ? [] : [`invalid gateway ${Gateway}: ${gateway}`]),
    ...Object.entries(AuxiliaryAddresses).flatMap(([name, address]) => {
      const problem = addressProblem(address, Subnet, subnet);
      return problem === null ? [] : [`invalid auxiliary address ${name}: ${problem}`];
    }),
  ];
}

function rangeProblems(text: string, parentText: string, parent: IpNetwork): readonly string[] {
  if (text === '') return [];
  const range = parseNetwork(text);
  if (range === null) return [`invalid ip-range ${text}: invalid CIDR block notation`];
  if (isVersion6(text) !== isVersion6(parentText))
    return [`invalid ip-range ${text}: parent subnet is an ${familyOf(parentText)} block`];
  const hostBits = maskProblem(text);
  const overlap = networkContains(parent, range.address) || networkContains(range, parent.address);
  return [
    ...(range.bits < parent.bits
      ? [`invalid ip-range ${text}: CIDR block is bigger than its parent subnet ${parentText}`]
      : []),
    ...(hostBits === null ? [] : [`invalid ip-range ${text}: it should be ${hostBits}`]),
    ...(overlap
      ? []
      : [`invalid ip-range ${text}: parent subnet ${parentText} doesn't contain ip-range`]),
  ];
}

function addressProblem(text: string, parentText: string, parent: IpNetwork): string | null {
  if (text === '') return null;
  const address = parseIp(text);
  if (address === null) return 'invalid address';
  if (isVersion6(text) !== isVersion6(parentText))
    return `parent subnet is an ${familyOf(parentText)} block`;
  return networkContains(parent, address)
    ? null
    : `parent subnet ${parentText} doesn't contain this address`;
}

/** The block as it should be written, null where it is. */
function maskProblem(text: string): string | null {
  const subnet = parseSubnet(text);
  if (subnet?.base == null) return null;
  const masked = formatCidr(subnet.base, subnet.bits);
  return masked === text ? null : masked;
}

const isVersion6 = (text: string): boolean => text.includes(':');
const familyOf = (text: string): string => (isVersion6(text) ? 'IPv6' : 'IPv4');

/** What networks have been given: blocks, gateways, VXLAN numbers, addresses. In memory, made anew of the store by each leader (moby: cnmallocator). */
import type { Network } from '../../model/objects.ts';
import type { IpamConfig, Labels } from '../../model/specs.ts';
import { AddressPool, SubnetPool } from './address-pool.ts';
import { driverOf, isNodeLocal } from './network-needs.ts';
import { formatCidr, formatIpv4, parseIpv4, parseSubnet, type Subnet } from './subnet.ts';

/** moby: outside the range of VLANs. */
const FIRST_VNI = 4096;
const LAST_VNI = 2 ** 24 - 1;
const VNI_OPTION = 'com.docker.network.driver.overlay.vxlanid_list';
const DEFAULT_POOL = '10.0.0.0/8';
const DEFAULT_BITS = 24;
const DEFAULT_IPAM = 'default';

interface Block {
  readonly subnet: Subnet;
  readonly addresses: AddressPool;
}

interface Known {
  readonly isLocal: boolean;
  readonly blocks: readonly Block[];
  readonly vnis: readonly number[];
}

/** A block with its gateway, as the store will have it. */
interface Settled extends Block {
  readonly config: IpamConfig;
}

export class NetworkSpace {
  readonly #subnets: SubnetPool;
  readonly #networks = new Map<string, Known>();
  readonly #vnis = new Set<number>();
  #lastVni = LAST_VNI;

  /** Pools in address order as the swarm was given them; none and 0 stand for Swarm's own. */
  constructor(pools: readonly string[], subnetBits: number) {
    const given = pools.length === 0 ? [DEFAULT_POOL] : pools;
    this.#subnets = new SubnetPool(
      given.flatMap((text) => parseSubnet(text) ?? []),
      subnetBits === 0 ? DEFAULT_BITS : subnetBits,
    );
  }

  has(networkId: string): boolean {
    return this.#networks.has(networkId);
  }

  /** Each node has it for itself: nothing is given on it. */
  isLocal(networkId: string): boolean {
    return this.#networks.get(networkId)?.isLocal === true;
  }

  /**
   * Gives a network its blocks, gateways and VXLAN numbers, those that it has already where it has some; null where one of them is another's, or
   * none is left.
   */
  allocate(network: Network): Network | null {
    const driver = driverOf(network);
    if (isNodeLocal(network)) {
      this.#networks.set(network.id, { isLocal: true, blocks: [], vnis: [] });
      return { ...network, driverState: { Name: driver }, ipam: { Driver: {}, Configs: [] } };
    }
    const settled = this.#settle(network.ipam?.Configs ?? network.spec.IPAM?.Configs ?? []);
    if (settled === null) return null;
    const options = { ...network.spec.Driver?.Options, ...network.driverState?.Options };
    const vnis = this.#giveVnis(options[VNI_OPTION] ?? '', settled.length);
    if (vnis === null) {
      this.#releaseBlocks(settled);
      return null;
    }
    this.#networks.set(network.id, { isLocal: false, blocks: settled, vnis });
    const { Name = '', Options } = network.spec.IPAM?.Driver ?? {};
    return {
      ...network,
      driverState: { Name: driver, Options: { ...options, [VNI_OPTION]: vnis.join(',') } },
      ipam: {
        Driver: { Name: Name === '' ? DEFAULT_IPAM : Name, ...optionsOf(Options) },
        Configs: settled.map(({ config }) => config),
      },
    };
  }

  free(networkId: string): void {
    const known = this.#networks.get(networkId);
    if (known === undefined) return;
    this.#networks.delete(networkId);
    this.#releaseBlocks(known.blocks);
    for (const vni of known.vnis) this.#vnis.delete(vni);
  }

  /** An address on the network, or that one; null where there is none, or it is another's. Of a network that nodes have for themselves `''`. */
  takeAddress(networkId: string, wanted = ''): string | null {
    const known = this.#networks.get(networkId);
    if (known === undefined) return null;
    if (known.isLocal) return '';
    const address = wanted === '' ? null : parseIpv4(wanted.split('/')[0] ?? '');
    for (const { subnet, addresses } of known.blocks) {
      if (address === null) {
        const any = addresses.any();
        if (any !== null) return formatCidr(any, subnet.bits);
      } else if (addresses.take(address)) return formatCidr(address, subnet.bits);
    }
    return null;
  }

  /** What was never given, or is of a network that is gone, is passed over. */
  freeAddress(networkId: string, text: string): void {
    const address = parseIpv4(text.split('/')[0] ?? '');
    if (address === null) return;
    const blocks = this.#networks.get(networkId)?.blocks ?? [];
    blocks.find(({ addresses }) => addresses.has(address))?.addresses.release(address);
  }

  #settle(configs: readonly IpamConfig[]): readonly Settled[] | null {
    const settled: Settled[] = [];
    for (const config of configs.length === 0 ? [{}] : configs) {
      const block = this.#settleOne(config);
      if (block === null) {
        this.#releaseBlocks(settled);
        return null;
      }
      settled.push(block);
    }
    return settled;
  }

  #settleOne({ Subnet: text = '', Range = '', Gateway = '' }: IpamConfig): Settled | null {
    const subnet = text === '' ? this.#subnets.any() : this.#take(text);
    if (subnet?.base == null) return null;
    const addresses = new AddressPool(
      subnet.base,
      subnet.bits,
      Range === '' ? null : parseSubnet(Range),
    );
    const wanted = Gateway === '' ? addresses.any() : parseIpv4(Gateway);
    if (wanted === null || (Gateway !== '' && !addresses.take(wanted))) {
      this.#subnets.release(subnet);
      return null;
    }
    const config: IpamConfig = {
      Subnet: formatCidr(subnet.base, subnet.bits),
      ...(Range === '' ? {} : { Range }),
      Gateway: formatIpv4(wanted),
    };
    return { subnet, addresses, config };
  }

  #take(text: string): Subnet | null {
    const subnet = parseSubnet(text);
    return subnet !== null && this.#subnets.take(subnet) ? subnet : null;
  }

  #releaseBlocks(blocks: readonly Block[]): void {
    for (const { subnet } of blocks) this.#subnets.release(subnet);
  }

  /** Those that are listed, in order, then the next that are free (moby: ovmanager). */
  #giveVnis(listed: string, count: number): readonly number[] | null {
    const asked = listed === '' ? [] : listed.split(',').map(Number);
    if (asked.some((vni) => !Number.isInteger(vni) || vni < 0 || vni > LAST_VNI)) return null;
    const given: number[] = [];
    for (let at = 0; at < count; at += 1) {
      const vni = asked[at] ?? this.#nextVni();
      if (vni === null || this.#vnis.has(vni)) {
        for (const one of given) this.#vnis.delete(one);
        return null;
      }
      this.#vnis.add(vni);
      given.push(vni);
    }
    return given;
  }

  #nextVni(): number | null {
    const count = LAST_VNI - FIRST_VNI + 1;
    for (let step = 1; step <= count; step += 1) {
      const vni = FIRST_VNI + ((this.#lastVni - FIRST_VNI + step) % count);
      if (this.#vnis.has(vni)) continue;
      this.#lastVni = vni;
      return vni;
    }
    return null;
  }
}

const optionsOf = (options: Labels | undefined): { readonly Options?: Labels } =>
  options === undefined ? {} : { Options: options };

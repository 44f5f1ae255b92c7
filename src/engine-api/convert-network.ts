/** Networks as they are posted, kept and shown (moby: convert.BasicNetworkCreateToGRPC, BasicNetworkFromGRPC, networkFromGRPC). */
import type { Network, NetworkAttachment } from '../model/objects.ts';
import type { Driver, IpamConfig, IpamOptions, Labels, NetworkSpec } from '../model/specs.ts';
import { compact, flag, labels, text } from './posted.ts';
import { renderMeta } from './render-service.ts';

/** What a client may post. */
export interface PostedNetwork {
  readonly Name?: string;
  readonly Driver?: string;
  readonly Scope?: string;
  readonly EnableIPv6?: boolean;
  readonly IPAM?: PostedIpam;
  readonly Internal?: boolean;
  readonly Attachable?: boolean;
  readonly Ingress?: boolean;
  readonly ConfigOnly?: boolean;
  readonly ConfigFrom?: { readonly Network?: string };
  readonly Options?: Labels;
  readonly Labels?: Labels;
}

export interface PostedIpam {
  readonly Driver?: string;
  readonly Options?: Labels;
  readonly Config?: readonly {
    readonly Subnet?: string;
    readonly IPRange?: string;
    readonly Gateway?: string;
    readonly AuxiliaryAddresses?: Labels;
  }[];
}

export const convertNetwork = (posted: PostedNetwork): NetworkSpec =>
  compact<NetworkSpec>({
    Name: posted.Name ?? '',
    Labels: posted.Labels ?? {},
    Driver: compact<Driver>({ Name: text(posted.Driver), Options: labels(posted.Options) }),
    EnableIPv6: flag(posted.EnableIPv6),
    Internal: flag(posted.Internal),
    Attachable: flag(posted.Attachable),
    Ingress: flag(posted.Ingress),
    IPAM: posted.IPAM === undefined ? undefined : convertIpam(posted.IPAM),
    ConfigFrom: text(posted.ConfigFrom?.Network),
  });

const convertIpam = ({ Driver, Options, Config = [] }: PostedIpam): IpamOptions => ({
  Driver: compact<Driver>({ Name: text(Driver) ?? 'default', Options: labels(Options) }),
  Configs: Config.map(({ Subnet, IPRange, Gateway }) =>
    compact<IpamConfig>({ Subnet: text(Subnet), Range: text(IPRange), Gateway: text(Gateway) }),
  ),
});

/** As `GET /networks/{id}` shows it. */
export function renderNetwork({ id, meta, spec, ipam, driverState }: Network): object {
  return {
    Name: spec.Name,
    Id: id,
    Created: meta.createdAt,
    Scope: 'swarm',
    Driver: driverState?.Name ?? '',
    EnableIPv4: true,
    EnableIPv6: spec.EnableIPv6 ?? false,
    IPAM: {
      Driver: ipam?.Driver?.Name ?? '',
      Options: labels(ipam?.Driver?.Options),
      Config: ipam?.Configs.map(({ Subnet, Range, Gateway }) => ({
        Subnet,
        IPRange: Range,
        Gateway,
      })),
    },
    Internal: spec.Internal ?? false,
    Attachable: spec.Attachable ?? false,
    Ingress: spec.Ingress ?? false,
    ConfigFrom: { Network: spec.ConfigFrom ?? '' },
    ConfigOnly: false,
    Options: driverState?.Options,
    Labels: labels(spec.Labels),
  };
}

/** As a task shows it; of a network that is gone the id is left. */
export const renderAttachment = ({ networkId, addresses, network }: NetworkAttachment): object => ({
  Network: network === undefined ? { ID: networkId } : renderWhole(network),
  Addresses: addresses,
});

const renderWhole = ({ id, meta, spec, ipam, driverState }: Network): object => ({
  ID: id,
  ...renderMeta(meta),
  Spec: {
    Name: spec.Name,
    Labels: spec.Labels,
    DriverConfiguration: spec.Driver,
    IPv6Enabled: spec.EnableIPv6,
    Internal: spec.Internal,
    Attachable: spec.Attachable,
    Ingress: spec.Ingress,
    IPAMOptions: spec.IPAM,
    ConfigFrom: spec.ConfigFrom === undefined ? undefined : { Network: spec.ConfigFrom },
    Scope: 'swarm',
  },
  DriverState: driverState ?? {},
  IPAMOptions: ipam,
});

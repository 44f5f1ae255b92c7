/** Networks and places on them between the model and the wire. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { networkId } from '../../model/ids.ts';
import type { Meta, Network, NetworkAttachment } from '../../model/objects.ts';
import type { IpamOptions } from '../../model/specs.ts';
import {
  driverFromWire,
  driverToWire,
  flag,
  labels,
  many,
  prune,
  some,
  text,
  timestampFromWire,
  timestampToWire,
  wide,
} from './convert-basics.ts';
import type { MetaSchema, NetworkAttachmentSchema, NetworkSchema } from './gen/objects_pb.js';
import type * as objects from './gen/objects_pb.js';
import type { IPAMOptionsSchema } from './gen/types_pb.js';
import { IPAMConfig_AddressFamily } from './gen/types_pb.js';
import type * as types from './gen/types_pb.js';

export const metaToWire = (meta: Meta): MessageInitShape<typeof MetaSchema> =>
  prune({
    version: { index: wide(meta.version) },
    createdAt: timestampToWire(meta.createdAt),
    updatedAt: timestampToWire(meta.updatedAt),
  });

export const metaFromWire = (wire: objects.Meta | undefined): Meta => ({
  version: Number(wire?.version?.index ?? 0n),
  createdAt: timestampFromWire(wire?.createdAt),
  updatedAt: timestampFromWire(wire?.updatedAt),
});

/** Agents get the whole of a network with each attachment, and ask nobody else. */
export const attachmentToWire = (
  attachment: NetworkAttachment,
): MessageInitShape<typeof NetworkAttachmentSchema> => ({
  network: networkToWire(attachment.networkId, attachment.network),
  addresses: [...attachment.addresses],
  aliases: [...(attachment.aliases ?? [])],
  driverAttachmentOpts: { ...attachment.driverOpts },
});

export const attachmentFromWire = (wire: objects.NetworkAttachment): NetworkAttachment =>
  prune({
    networkId: networkId(wire.network?.id ?? ''),
    addresses: wire.addresses,
    aliases: many(wire.aliases),
    driverOpts: labels(wire.driverAttachmentOpts),
    // One that the other side did not know either has nothing but its id.
    network: wire.network?.spec === undefined ? undefined : networkFromWire(wire.network),
  });

function networkToWire(
  id: string,
  network: Network | undefined,
): MessageInitShape<typeof NetworkSchema> {
  if (network === undefined) return { id };
  const { spec, driverState, ipam } = network;
  return prune({
    id,
    meta: metaToWire(network.meta),
    spec: prune({
      annotations: { name: spec.Name, labels: { ...spec.Labels } },
      driverConfig: driverToWire(spec.Driver ?? {}),
      ipv6Enabled: spec.EnableIPv6 ?? false,
      internal: spec.Internal ?? false,
      ipam: some(spec.IPAM, ipamToWire),
      attachable: spec.Attachable ?? false,
      ingress: spec.Ingress ?? false,
      configFrom: some(spec.ConfigFrom, (value) => ({ case: 'network' as const, value })),
    }),
    driverState: driverToWire(driverState ?? { Name: spec.Driver?.Name ?? '' }),
    ipam: some(ipam, ipamToWire),
  });
}

function networkFromWire(wire: objects.Network): Network {
  const { spec } = wire;
  return prune({
    id: networkId(wire.id),
    meta: metaFromWire(wire.meta),
    spec: prune({
      Name: spec?.annotations?.name ?? '',
      Labels: { ...spec?.annotations?.labels },
      Driver: some(spec?.driverConfig, driverFromWire),
      EnableIPv6: flag(spec?.ipv6Enabled ?? false),
      Internal: flag(spec?.internal ?? false),
      Attachable: flag(spec?.attachable ?? false),
      Ingress: flag(spec?.ingress ?? false),
      IPAM: some(spec?.ipam, ipamFromWire),
      ConfigFrom: spec?.configFrom.case === 'network' ? spec.configFrom.value : undefined,
    }),
    driverState: some(wire.driverState, driverFromWire),
    ipam: some(wire.ipam, ipamFromWire),
  });
}

const ipamToWire = (ipam: IpamOptions): MessageInitShape<typeof IPAMOptionsSchema> =>
  prune({
    driver: some(ipam.Driver, driverToWire),
    configs: ipam.Configs.map(({ Subnet = '', Range = '', Gateway = '' }) => ({
      family: IPAMConfig_AddressFamily.IPV4,
      subnet: Subnet,
      range: Range,
      gateway: Gateway,
    })),
  });

const ipamFromWire = (wire: types.IPAMOptions): IpamOptions =>
  prune({
    Driver: some(wire.driver, driverFromWire),
    Configs: wire.configs.map(({ subnet, range, gateway }) =>
      prune({ Subnet: text(subnet), Range: text(range), Gateway: text(gateway) }),
    ),
  });

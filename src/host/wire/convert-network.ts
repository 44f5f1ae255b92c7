/** Networks and places on them between the model and the wire. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { networkId } from '../../model/ids.ts';
import type { Meta, Network, NetworkAttachment } from '../../model/objects.ts';
import type { IpamOptions } from '../../model/specs.ts';
import {
  driverToWire,
  labels,
  many,
  prune,
  some,
  timestampToWire,
  wide,
} from './convert-basics.ts';
import type { MetaSchema, NetworkAttachmentSchema, NetworkSchema } from './gen/objects_pb.js';
import type * as objects from './gen/objects_pb.js';
import type { IPAMOptionsSchema } from './gen/types_pb.js';
import { IPAMConfig_AddressFamily } from './gen/types_pb.js';

/** The network behind an id: agents get the whole of it with each attachment, and ask nobody else. */
export type NetworkLookup = (id: string) => Network | undefined;

export const metaToWire = (meta: Meta): MessageInitShape<typeof MetaSchema> =>
  prune({
    version: { index: wide(meta.version) },
    createdAt: timestampToWire(meta.createdAt),
    updatedAt: timestampToWire(meta.updatedAt),
  });

export const attachmentToWire = (
  attachment: NetworkAttachment,
  networkOf: NetworkLookup,
): MessageInitShape<typeof NetworkAttachmentSchema> => ({
  network: networkToWire(attachment.networkId, networkOf(attachment.networkId)),
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

/** moby's networks (api/types/network in later releases, api/types in 26.1), and as tasks show them (api/types/swarm/network.go). */
import { ANNOTATIONS, DRIVER, META } from './common-schema.ts';
import {
  BOOL,
  LABELS,
  STRING,
  STRINGS,
  TIME,
  always,
  embedded,
  field,
  list,
  map,
  pointer,
  struct,
} from './go-type.ts';

const IPAM = struct(
  'network.IPAM',
  always('Driver', STRING),
  always('Options', LABELS),
  always(
    'Config',
    list(
      struct(
        'network.IPAMConfig',
        field('Subnet', STRING),
        field('IPRange', STRING),
        field('Gateway', STRING),
        field('AuxiliaryAddresses', LABELS),
      ),
    ),
  ),
);

const CONFIG_FROM = struct('network.ConfigReference', always('Network', STRING));

export const NETWORK = struct(
  'types.NetworkResource',
  always('Name', STRING),
  always('Id', STRING),
  always('Created', TIME),
  always('Scope', STRING),
  always('Driver', STRING),
  always('EnableIPv4', BOOL, '28.5'),
  always('EnableIPv6', BOOL),
  always('IPAM', IPAM),
  always('Internal', BOOL),
  always('Attachable', BOOL),
  always('Ingress', BOOL),
  always('ConfigFrom', CONFIG_FROM),
  always('ConfigOnly', BOOL),
  always('Containers', map(struct('types.EndpointResource'))),
  always('Options', LABELS),
  always('Labels', LABELS),
);

export const NETWORK_CREATE = struct(
  'types.NetworkCreateRequest',
  embedded(
    'NetworkCreate',
    field('CheckDuplicate', BOOL),
    always('Driver', STRING),
    always('Scope', STRING),
    field('EnableIPv4', pointer(BOOL), '28.5'),
    always('EnableIPv6', BOOL),
    always('IPAM', pointer(IPAM)),
    always('Internal', BOOL),
    always('Attachable', BOOL),
    always('Ingress', BOOL),
    always('ConfigOnly', BOOL),
    always('ConfigFrom', pointer(CONFIG_FROM)),
    always('Options', LABELS),
    always('Labels', LABELS),
  ),
  always('Name', STRING),
);

export const NETWORK_CREATED = struct(
  'types.NetworkCreateResponse',
  always('Id', STRING),
  always('Warning', STRING),
);

const IPAM_OPTIONS = struct(
  'swarm.IPAMOptions',
  field('Driver', DRIVER),
  field(
    'Configs',
    list(
      struct(
        'swarm.IPAMConfig',
        field('Subnet', STRING),
        field('Range', STRING),
        field('Gateway', STRING),
      ),
    ),
  ),
);

const SPEC = struct(
  'swarm.NetworkSpec',
  ANNOTATIONS,
  field('DriverConfiguration', pointer(DRIVER)),
  field('IPv6Enabled', BOOL),
  field('Internal', BOOL),
  field('Attachable', BOOL),
  field('Ingress', BOOL),
  field('IPAMOptions', pointer(IPAM_OPTIONS)),
  field('ConfigFrom', pointer(CONFIG_FROM)),
  field('Scope', STRING),
);

/** A task's place on a network, with the whole of the network. */
export const ATTACHMENTS = list(
  struct(
    'swarm.NetworkAttachment',
    field(
      'Network',
      struct(
        'swarm.Network',
        always('ID', STRING),
        META,
        field('Spec', SPEC),
        field('DriverState', DRIVER),
        field('IPAMOptions', pointer(IPAM_OPTIONS)),
      ),
    ),
    field('Addresses', STRINGS),
  ),
);

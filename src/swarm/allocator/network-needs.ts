/** What a service's spec asks of the swarm's networks. */
import type { Network } from '../../model/objects.ts';
import type { NetworkAttachmentConfig, ServiceSpec } from '../../model/specs.ts';
import { isIngress } from './published-ports.ts';

/** Marks the swarm's twins of the engines' own bridge and host. */
export const PREDEFINED_LABEL = 'com.docker.swarm.predefined';

/** Drivers whose networks each node has for itself: nothing of them is allocated by the swarm (moby: cnmallocator, scope local). */
const NODE_LOCAL = ['bridge', 'host', 'macvlan', 'ipvlan', 'none', 'null'];

export const driverOf = ({ spec }: Pick<Network, 'spec'>): string => {
  const name = spec.Driver?.Name ?? '';
  return name === '' ? 'overlay' : name;
};

export const isNodeLocal = (network: Pick<Network, 'spec'>): boolean =>
  NODE_LOCAL.includes(driverOf(network).toLowerCase());

/** SwarmKit: IsIngressNetworkNeeded: it publishes a port on the routing mesh. */
export const needsIngress = ({ EndpointSpec }: ServiceSpec): boolean =>
  (EndpointSpec?.Ports ?? []).some(isIngress);

/** Those of the task template where it has any, else those of the service, an older field. */
export const networksOf = (spec: ServiceSpec): readonly NetworkAttachmentConfig[] => {
  const ofTask = spec.TaskTemplate.Networks ?? [];
  return ofTask.length > 0 ? ofTask : (spec.Networks ?? []);
};

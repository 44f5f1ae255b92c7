/** What a service needs of the swarm beside itself: networks that it may use, ports that are free, secrets and configs that exist. */
import { SwarmError } from '../../model/errors.ts';
import type { Service } from '../../model/objects.ts';
import type { PortConfig, ServiceSpec } from '../../model/specs.ts';
import { ingressOf } from '../allocator/network-allocation.ts';
import { needsIngress } from '../allocator/network-needs.ts';
import { sameValue } from '../dispatcher/task-equality.ts';
import type { Reader } from '../tables.ts';

/** The network of published ports goes by this name as long as no object of its own stands in the store. */
const INGRESS = 'ingress';

/** Errors: InvalidArgument for the ingress network, which a service is on by publishing a port and not by asking (SwarmKit: validateNetworks). */
export function checkNetworks(read: Reader, spec: ServiceSpec): void {
  for (const { Target = '' } of spec.TaskTemplate.Networks ?? []) {
    const network = read.get('network', Target);
    const isIngress = network === undefined ? Target === INGRESS : network.spec.Ingress === true;
    if (!isIngress) continue;
    const name = JSON.stringify(network?.spec.Name ?? Target);
    const text = `Service cannot be explicitly attached to the ingress network ${name}`;
    throw new SwarmError('InvalidArgument', text);
  }
}

/** Errors: Unimplemented where the networks of the service itself, an old field, change and those of its tasks do not. */
export function checkNetworkUpdate(before: ServiceSpec, after: ServiceSpec): void {
  const old = before.Networks ?? [];
  const now = after.Networks ?? [];
  if (sameValue(old, now)) return;
  if (!sameValue(before.TaskTemplate.Networks ?? [], after.TaskTemplate.Networks ?? [])) return;
  throw new SwarmError(
    'Unimplemented',
    'networks must be migrated to TaskSpec before being changed',
  );
}

const portsOf = (spec: ServiceSpec, mode: 'ingress' | 'host'): readonly PortConfig[] =>
  (spec.EndpointSpec?.Ports ?? []).filter(
    (port) => (port.PublishMode ?? 'ingress') === mode && (port.PublishedPort ?? 0) !== 0,
  );

// Two services may both publish a port in host mode; everything else collides.
export function checkPorts(read: Reader, spec: ServiceSpec, self: string): void {
  const ingress = portsOf(spec, 'ingress');
  const host = portsOf(spec, 'host');
  if (ingress.length + host.length === 0) return;
  const taken = (
    other: Service,
    theirs: readonly PortConfig[],
    ours: readonly PortConfig[],
    as: string,
  ): void => {
    for (const port of ours) {
      const same = (their: PortConfig): boolean =>
        their.PublishedPort === port.PublishedPort &&
        (their.Protocol ?? 'tcp') === (port.Protocol ?? 'tcp');
      if (!theirs.some(same)) continue;
      const text = `port '${port.PublishedPort ?? 0}' is already in use by service '${other.spec.Name}' (${other.id}) as ${as} port`;
      throw new SwarmError('InvalidArgument', text);
    }
  };
  for (const other of read.all('service')) {
    if (other.id === self) continue;
    taken(other, portsOf(other.spec, 'ingress'), [...ingress, ...host], 'an ingress');
    taken(other, portsOf(other.spec, 'host'), ingress, 'a host-published');
  }
}

/** Errors: FailedPrecondition for a port on the mesh where somebody removed the mesh's network. */
export function checkIngress(read: Reader, spec: ServiceSpec): void {
  if (!needsIngress(spec) || ingressOf(read) !== undefined) return;
  const text = 'service needs ingress network, but no ingress network is present';
  throw new SwarmError('FailedPrecondition', text);
}

export function checkReferences(read: Reader, spec: ServiceSpec): void {
  const container = spec.TaskTemplate.ContainerSpec;
  const secrets = (container?.Secrets ?? []).filter(
    (ref) => read.get('secret', ref.SecretID)?.spec.Name !== ref.SecretName,
  );
  missing(
    'secret',
    secrets.map((ref) => ref.SecretName),
  );
  const configs = (container?.Configs ?? []).filter(
    (ref) => read.get('config', ref.ConfigID)?.spec.Name !== ref.ConfigName,
  );
  missing(
    'config',
    configs.map((ref) => ref.ConfigName),
  );
}

function missing(kind: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const plural = names.length === 1 ? kind : `${kind}s`;
  throw new SwarmError('InvalidArgument', `${plural} not found: ${names.join(', ')}`);
}

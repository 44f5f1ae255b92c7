/** A task as the container that Swarm would make of it (behaviour.md 1.5; moby: daemon/cluster/executor/container). */
import type { ContainerCreateOptions, HostConfig, MountSettings } from 'dockerode';
import { SwarmError } from '../../model/errors.ts';
import { taskName, type NodeDescription, type Task } from '../../model/objects.ts';
import type { ContainerSpec, GenericResource, Mount, Resources } from '../../model/specs.ts';
import { PREDEFINED_LABEL } from '../../swarm/allocator/network-needs.ts';
import { expandContainer } from '../../swarm/template/expand-container.ts';
import { templateValues } from '../../swarm/template/values.ts';
import { securityOptions } from './security-options.ts';

const NANOSECONDS_PER_SECOND = 1_000_000_000;

/** Errors: InvalidArgument with Swarm's text for a spec that no container can be made of. */
export function containerConfig(
  task: Task,
  node: NodeDescription | undefined,
): ContainerCreateOptions {
  const declared = task.spec.ContainerSpec;
  if (declared === undefined) throw new SwarmError('InvalidArgument', 'container spec must be set');
  if (declared.Image === '') throw new SwarmError('InvalidArgument', 'dockerexec: image required');
  // As they were declared: a template that leads to a bad mount is the engine's to refuse (moby: setTask).
  for (const mount of declared.Mounts ?? []) checkMount(mount);
  const spec = expandContainer(declared, templateValues(task, node));
  const command = spec.Command ?? [];
  return {
    name: taskName(task),
    Image: spec.Image,
    Labels: { ...spec.Labels, ...systemLabels(task) },
    Env: [...(spec.Env ?? []), ...resourceEnvironment(task.genericResources ?? [])],
    ...(command.length > 0 ? { Entrypoint: [...command] } : {}),
    ...(spec.Args !== undefined && spec.Args.length > 0 ? { Cmd: [...spec.Args] } : {}),
    ...whenSet('Hostname', spec.Hostname),
    ...whenSet('User', spec.User),
    ...whenSet('WorkingDir', spec.Dir),
    ...whenSet('StopSignal', spec.StopSignal),
    Tty: spec.TTY ?? false,
    OpenStdin: spec.OpenStdin ?? false,
    ...(spec.Healthcheck === undefined
      ? {}
      : { Healthcheck: { ...spec.Healthcheck, Test: [...(spec.Healthcheck.Test ?? [])] } }),
    ExposedPorts: Object.fromEntries(hostPorts(task).map((port) => [port.key, {}])),
    HostConfig: hostConfig(task, spec),
  };
}

/** The grace period in whole seconds, as the engine takes it; undefined leaves it to the container. */
export function stopSeconds(task: Task): number | undefined {
  const grace = task.spec.ContainerSpec?.StopGracePeriod;
  return grace === undefined ? undefined : Math.floor(grace / NANOSECONDS_PER_SECOND);
}

export function systemLabels(task: Task): Record<string, string> {
  return {
    'com.docker.swarm.task': '',
    'com.docker.swarm.task.id': task.id,
    'com.docker.swarm.task.name': taskName(task),
    'com.docker.swarm.node.id': task.nodeId,
    'com.docker.swarm.service.id': task.serviceId,
    'com.docker.swarm.service.name': task.serviceName,
  };
}

function hostConfig(task: Task, spec: ContainerSpec): HostConfig {
  const { Limits, SwapBytes, MemorySwappiness } = task.spec.Resources ?? {};
  const memory = Limits?.MemoryBytes ?? 0;
  const network = predefinedNetwork(task);
  return {
    ...limits(Limits),
    ...(SwapBytes === undefined ? {} : { MemorySwap: SwapBytes < 0 ? -1 : memory + SwapBytes }),
    ...(MemorySwappiness === undefined ? {} : { MemorySwappiness }),
    ...(network === null ? {} : { NetworkMode: network }),
    RestartPolicy: { Name: '' },
    PortBindings: Object.fromEntries(
      hostPorts(task).map((port) => [port.key, [{ HostPort: port.published }]]),
    ),
    Mounts: (spec.Mounts ?? []).map(mountSettings),
    ReadonlyRootfs: spec.ReadOnly ?? false,
    ...(spec.Init === undefined ? {} : { Init: spec.Init }),
    ...whenSet('Isolation', spec.Isolation),
    ...(spec.Groups === undefined ? {} : { GroupAdd: [...spec.Groups] }),
    ...(spec.Hosts === undefined ? {} : { ExtraHosts: spec.Hosts.flatMap(extraHost) }),
    ...(spec.Privileges === undefined ? {} : { SecurityOpt: securityOptions(spec.Privileges) }),
    ...(spec.Sysctls === undefined ? {} : { Sysctls: { ...spec.Sysctls } }),
    ...(spec.CapabilityAdd === undefined ? {} : { CapAdd: [...spec.CapabilityAdd] }),
    ...(spec.CapabilityDrop === undefined ? {} : { CapDrop: [...spec.CapabilityDrop] }),
    Ulimits: (spec.Ulimits ?? []).map((limit) => ({ ...limit })),
    ...(spec.OomScoreAdj === undefined ? {} : { OomScoreAdj: spec.OomScoreAdj }),
    ...whenAny('Dns', spec.DNSConfig?.Nameservers),
    ...whenAny('DnsSearch', spec.DNSConfig?.Search),
    ...whenAny('DnsOptions', spec.DNSConfig?.Options),
    ...(task.logDriver === undefined
      ? {}
      : { LogConfig: { Type: task.logDriver.Name ?? '', Config: { ...task.logDriver.Options } } }),
  };
}

/** The engine's own network that the task is on by the swarm's twin of it; the first of its networks decides (moby: containerConfig.hostConfig). */
function predefinedNetwork(task: Task): string | null {
  const spec = task.networks?.[0]?.network?.spec;
  return spec?.Labels[PREDEFINED_LABEL] === 'true' ? spec.Name : null;
}

function limits(declared: Resources | undefined): Partial<HostConfig> {
  return {
    ...whenPositive('Memory', declared?.MemoryBytes),
    ...whenPositive('NanoCpus', declared?.NanoCPUs),
    ...whenPositive('PidsLimit', declared?.Pids),
  };
}

interface HostPort {
  readonly key: string;
  readonly published: string;
}

// Port 0 leaves the choice to the engine, which takes an empty text for that.
function hostPorts(task: Task): readonly HostPort[] {
  const ports = task.endpoint?.ports ?? task.endpoint?.spec?.Ports ?? [];
  return ports
    .filter((port) => port.PublishMode === 'host')
    .map((port) => ({
      key: `${port.TargetPort ?? 0}/${port.Protocol ?? 'tcp'}`,
      published: (port.PublishedPort ?? 0) === 0 ? '' : String(port.PublishedPort),
    }));
}

// `IP host alias…`: only the first name counts, and a line without one is nothing.
function extraHost(line: string): readonly string[] {
  const [ip = '', host] = line.trim().split(/\s+/);
  return host === undefined ? [] : [`${host}:${ip}`];
}

function resourceEnvironment(resources: readonly GenericResource[]): string[] {
  const byKind = new Map<string, string[]>();
  for (const { NamedResourceSpec: named, DiscreteResourceSpec: discrete } of resources) {
    const kind = named?.Kind ?? discrete?.Kind ?? '';
    const value = named?.Value ?? String(discrete?.Value ?? 0);
    byKind.set(kind, [...(byKind.get(kind) ?? []), value]);
  }
  return [...byKind].map(
    ([kind, values]) => `DOCKER_RESOURCE_${kind.toUpperCase()}=${values.join(',')}`,
  );
}

function mountSettings(mount: Mount): MountSettings {
  const { Type, Source, Target, ReadOnly, Consistency, BindOptions, VolumeOptions, TmpfsOptions } =
    mount;
  return {
    Type,
    Source,
    Target,
    ReadOnly,
    Consistency,
    BindOptions,
    VolumeOptions,
    TmpfsOptions,
  } as unknown as MountSettings;
}

/** A file of this node's, seen in the container and not to be written there. */
export const fileMount = (source: string, target: string): MountSettings => ({
  Type: 'bind',
  Source: source,
  Target: target,
  ReadOnly: true,
});

/** Swarm refuses these when the container is to be made, so the task is rejected with the text. */
function checkMount(mount: Mount): void {
  const { Type = 'bind', Source = '', Target = '' } = mount;
  const refuse = (text: string): never => {
    throw new SwarmError('InvalidArgument', text);
  };
  if (!Target.startsWith('/') && Type !== 'npipe')
    refuse(`invalid mount target, must be an absolute path: ${Target}`);
  if (Type === 'bind' && !Source.startsWith('/'))
    refuse(`invalid bind mount source, must be an absolute path: ${Source}`);
  if (Type === 'volume' && Source.startsWith('/'))
    refuse(`invalid volume mount source, must not be an absolute path: ${Source}`);
  if (Type === 'tmpfs' && Source !== '') refuse('invalid tmpfs source, source must be empty');
  if (Type === 'npipe' && Source === '') refuse('invalid npipe source, source must not be empty');
}

const whenAny = (key: string, values: readonly string[] = []): Record<string, string[]> =>
  values.length === 0 ? {} : { [key]: [...values] };

const whenPositive = (key: string, value = 0): Record<string, number> =>
  value > 0 ? { [key]: value } : {};

const whenSet = (key: string, value: string | undefined): Record<string, string> =>
  value === undefined || value === '' ? {} : { [key]: value };

/** ContainerSpec between the API's words and the wire. Empty fields are read as missing ones. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ContainerSpec, FileTarget, HealthConfig } from '../../model/specs.ts';
import {
  count,
  durationFromWire,
  durationToWire,
  flag,
  labels,
  many,
  prune,
  some,
  text,
  wide,
  words,
} from './convert-basics.ts';
import { mountFromWire, mountToWire } from './convert-mount.ts';
import { privilegesFromWire, privilegesToWire } from './convert-privileges.ts';
import type { ContainerSpecSchema } from './gen/specs_pb.js';
import { ContainerSpec_Isolation } from './gen/specs_pb.js';
import type * as specs from './gen/specs_pb.js';
import type {
  ConfigReferenceSchema,
  FileTargetSchema,
  HealthConfigSchema,
  SecretReferenceSchema,
} from './gen/types_pb.js';
import type * as types from './gen/types_pb.js';

const ISOLATIONS = words(
  {
    default: ContainerSpec_Isolation.DEFAULT,
    process: ContainerSpec_Isolation.PROCESS,
    hyperv: ContainerSpec_Isolation.HYPERV,
  },
  'default',
);

/** `pids` comes from the resource limits: on the wire it belongs to the container (moby: convert). */
export function containerToWire(
  spec: ContainerSpec,
  pids: number | undefined,
): MessageInitShape<typeof ContainerSpecSchema> {
  return prune({
    image: spec.Image,
    labels: { ...spec.Labels },
    command: [...(spec.Command ?? [])],
    args: [...(spec.Args ?? [])],
    hostname: spec.Hostname ?? '',
    env: [...(spec.Env ?? [])],
    dir: spec.Dir ?? '',
    user: spec.User ?? '',
    groups: [...(spec.Groups ?? [])],
    privileges: some(spec.Privileges, privilegesToWire),
    init: spec.Init,
    tty: spec.TTY ?? false,
    openStdin: spec.OpenStdin ?? false,
    readOnly: spec.ReadOnly ?? false,
    stopSignal: spec.StopSignal ?? '',
    mounts: (spec.Mounts ?? []).map(mountToWire),
    stopGracePeriod: some(spec.StopGracePeriod, durationToWire),
    secrets: (spec.Secrets ?? []).map(secretReferenceToWire),
    configs: (spec.Configs ?? []).map(configReferenceToWire),
    hosts: [...(spec.Hosts ?? [])],
    dnsConfig: some(spec.DNSConfig, (dns) => ({
      nameservers: [...(dns.Nameservers ?? [])],
      search: [...(dns.Search ?? [])],
      options: [...(dns.Options ?? [])],
    })),
    healthcheck: some(spec.Healthcheck, healthToWire),
    isolation: ISOLATIONS.find(spec.Isolation ?? '') ?? ContainerSpec_Isolation.DEFAULT,
    pidsLimit: wide(pids),
    sysctls: { ...spec.Sysctls },
    capabilityAdd: [...(spec.CapabilityAdd ?? [])],
    capabilityDrop: [...(spec.CapabilityDrop ?? [])],
    ulimits: (spec.Ulimits ?? []).map((limit) => ({
      name: limit.Name,
      soft: wide(limit.Soft),
      hard: wide(limit.Hard),
    })),
    oomScoreAdj: wide(spec.OomScoreAdj),
    pullOptions: some(spec.PullOptions, ({ RegistryAuth }) => ({ registryAuth: RegistryAuth })),
  });
}

export function containerFromWire(wire: specs.ContainerSpec): ContainerSpec {
  return prune({
    Image: wire.image,
    Labels: labels(wire.labels),
    Command: many(wire.command),
    Args: many(wire.args),
    Hostname: text(wire.hostname),
    Env: many(wire.env),
    Dir: text(wire.dir),
    User: text(wire.user),
    Groups: many(wire.groups),
    Privileges: some(wire.privileges, privilegesFromWire),
    Init: wire.init,
    StopSignal: text(wire.stopSignal),
    TTY: flag(wire.tty),
    OpenStdin: flag(wire.openStdin),
    ReadOnly: flag(wire.readOnly),
    Mounts: many(wire.mounts.map(mountFromWire)),
    StopGracePeriod: some(wire.stopGracePeriod, durationFromWire),
    Healthcheck: some(wire.healthcheck, healthFromWire),
    Hosts: many(wire.hosts),
    DNSConfig: some(wire.dnsConfig, (dns) =>
      prune({
        Nameservers: many(dns.nameservers),
        Search: many(dns.search),
        Options: many(dns.options),
      }),
    ),
    Secrets: many(wire.secrets.map(secretReferenceFromWire)),
    Configs: many(wire.configs.map(configReferenceFromWire)),
    Isolation: stated(ISOLATIONS.fromWire(wire.isolation)),
    Sysctls: labels(wire.sysctls),
    CapabilityAdd: many(wire.capabilityAdd),
    CapabilityDrop: many(wire.capabilityDrop),
    Ulimits: many(
      wire.ulimits.map((limit) => ({
        Name: limit.name,
        Soft: Number(limit.soft),
        Hard: Number(limit.hard),
      })),
    ),
    OomScoreAdj: count(wire.oomScoreAdj),
    PullOptions: some(wire.pullOptions, ({ registryAuth }) => ({ RegistryAuth: registryAuth })),
  });
}

// The default is read as none.
const stated = (isolation: string): string | undefined =>
  isolation === 'default' ? undefined : isolation;

const healthToWire = (health: HealthConfig): MessageInitShape<typeof HealthConfigSchema> =>
  prune({
    test: [...(health.Test ?? [])],
    interval: some(health.Interval, durationToWire),
    timeout: some(health.Timeout, durationToWire),
    startPeriod: some(health.StartPeriod, durationToWire),
    startInterval: some(health.StartInterval, durationToWire),
    retries: health.Retries ?? 0,
  });

const healthFromWire = (wire: types.HealthConfig): HealthConfig =>
  prune({
    Test: many(wire.test),
    Interval: some(wire.interval, durationFromWire),
    Timeout: some(wire.timeout, durationFromWire),
    StartPeriod: some(wire.startPeriod, durationFromWire),
    StartInterval: some(wire.startInterval, durationFromWire),
    Retries: count(wire.retries),
  });

type SecretReference = NonNullable<ContainerSpec['Secrets']>[number];
type ConfigReference = NonNullable<ContainerSpec['Configs']>[number];

const secretReferenceToWire = (
  secret: SecretReference,
): MessageInitShape<typeof SecretReferenceSchema> => ({
  secretId: secret.SecretID,
  secretName: secret.SecretName,
  ...(secret.File && { target: { case: 'file', value: fileToWire(secret.File) } }),
});

const secretReferenceFromWire = (wire: types.SecretReference): SecretReference => ({
  SecretID: wire.secretId,
  SecretName: wire.secretName,
  ...(wire.target.case === 'file' && { File: fileFromWire(wire.target.value) }),
});

function configReferenceToWire(
  config: ConfigReference,
): MessageInitShape<typeof ConfigReferenceSchema> {
  const names = { configId: config.ConfigID, configName: config.ConfigName };
  if (config.File !== undefined) {
    return { ...names, target: { case: 'file', value: fileToWire(config.File) } };
  }
  return config.Runtime === undefined
    ? names
    : { ...names, target: { case: 'runtime', value: {} } };
}

const configReferenceFromWire = (wire: types.ConfigReference): ConfigReference => ({
  ConfigID: wire.configId,
  ConfigName: wire.configName,
  ...(wire.target.case === 'file' && { File: fileFromWire(wire.target.value) }),
  ...(wire.target.case === 'runtime' && { Runtime: {} }),
});

const fileToWire = (file: FileTarget): MessageInitShape<typeof FileTargetSchema> => ({
  name: file.Name,
  uid: file.UID,
  gid: file.GID,
  mode: file.Mode,
});

const fileFromWire = (wire: types.FileTarget): FileTarget => ({
  Name: wire.name,
  UID: wire.uid,
  GID: wire.gid,
  Mode: wire.mode,
});

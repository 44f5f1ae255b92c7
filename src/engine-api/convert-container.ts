import type { ConfigReference, ContainerSpec, FileTarget, HealthConfig } from '../model/specs.ts';
import { convertMount } from './convert-mount.ts';
import { convertPrivileges } from './convert-privileges.ts';
import { compact, count, flag, labels, refused, some, text, type Posted } from './posted.ts';

/**
 * A container spec as SwarmKit keeps it and moby gives it back (moby: convert.containerToGRPC and containerSpecFromGRPC).
 * Throws the facade's refusals, in moby's order.
 */
export function convertContainer(posted: Posted<ContainerSpec>): ContainerSpec {
  const privileges =
    posted.Privileges === undefined ? undefined : convertPrivileges(posted.Privileges);
  const configs = posted.Configs?.map(convertConfig);
  return compact<ContainerSpec>({
    Image: posted.Image ?? '',
    Labels: labels(posted.Labels as Record<string, string> | undefined),
    Command: some(posted.Command),
    Args: some(posted.Args),
    Hostname: text(posted.Hostname),
    Env: some(posted.Env),
    Dir: text(posted.Dir),
    User: text(posted.User),
    Groups: some(posted.Groups),
    Privileges: privileges,
    Init: posted.Init,
    StopSignal: text(posted.StopSignal),
    TTY: flag(posted.TTY),
    OpenStdin: flag(posted.OpenStdin),
    ReadOnly: flag(posted.ReadOnly),
    Mounts: some(posted.Mounts?.map(convertMount)),
    StopGracePeriod: posted.StopGracePeriod,
    Healthcheck: posted.Healthcheck === undefined ? undefined : convertHealth(posted.Healthcheck),
    Hosts: some(posted.Hosts),
    DNSConfig: posted.DNSConfig,
    Secrets: some(
      posted.Secrets?.map(({ SecretID = '', SecretName = '', File }) => ({
        SecretID,
        SecretName,
        ...(File === undefined ? {} : { File: convertFile(File) }),
      })),
    ),
    Configs: some(configs),
    Isolation: isolation(posted.Isolation),
    Sysctls: labels(posted.Sysctls as Record<string, string> | undefined),
    CapabilityAdd: some(posted.CapabilityAdd),
    CapabilityDrop: some(posted.CapabilityDrop),
    Ulimits: some(
      posted.Ulimits?.map(({ Name = '', Soft = 0, Hard = 0 }) => ({ Name, Soft, Hard })),
    ),
    OomScoreAdj: count(posted.OomScoreAdj),
    PullOptions: undefined,
  });
}

function convertConfig(posted: Posted<ConfigReference>): ConfigReference {
  const { ConfigID = '', ConfigName = '', File, Runtime } = posted;
  if (File !== undefined && Runtime !== undefined)
    throw refused('invalid Config: cannot specify both File and Runtime');
  if (Runtime !== undefined) return { ConfigID, ConfigName, Runtime: {} };
  if (File === undefined) throw refused('invalid Config: either File or Runtime should be set');
  return { ConfigID, ConfigName, File: convertFile(File) };
}

const convertFile = ({
  Name = '',
  UID = '',
  GID = '',
  Mode = 0,
}: Posted<FileTarget>): FileTarget => ({
  Name,
  UID,
  GID,
  Mode,
});

const convertHealth = (posted: Posted<HealthConfig>): HealthConfig =>
  compact<HealthConfig>({
    Test: some(posted.Test),
    Interval: count(posted.Interval),
    Timeout: count(posted.Timeout),
    StartPeriod: count(posted.StartPeriod),
    StartInterval: count(posted.StartInterval),
    // Go's conversion to 32 bits keeps the lowest (moby: healthConfigToGRPC).
    Retries: count((posted.Retries ?? 0) | 0),
  });

/** Unknown words become `default`. */
function isolation(posted: string | undefined): string {
  const lower = (posted ?? '').toLowerCase();
  return lower === 'hyperv' || lower === 'process' ? lower : 'default';
}

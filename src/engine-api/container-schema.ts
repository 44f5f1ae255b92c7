/** moby's ContainerSpec (api/types/swarm/container.go, api/types/mount, api/types/container). */
import {
  BOOL,
  BYTES,
  DURATION,
  FILE_MODE,
  INT,
  INT64,
  LABELS,
  STRING,
  STRINGS,
  always,
  field,
  list,
  named,
  pointer,
  struct,
} from './go-type.ts';

const BIND_OPTIONS = struct(
  'mount.BindOptions',
  field('Propagation', named('mount.Propagation')),
  field('NonRecursive', BOOL),
  field('CreateMountpoint', BOOL, '26.1'),
  field('ReadOnlyNonRecursive', BOOL, '26.1'),
  field('ReadOnlyForceRecursive', BOOL, '26.1'),
);

const VOLUME_OPTIONS = struct(
  'mount.VolumeOptions',
  field('NoCopy', BOOL),
  field('Labels', LABELS),
  field('Subpath', STRING, '26.1'),
  field(
    'DriverConfig',
    pointer(struct('mount.Driver', field('Name', STRING), field('Options', LABELS))),
  ),
);

const TMPFS_OPTIONS = struct(
  'mount.TmpfsOptions',
  field('SizeBytes', INT64),
  field('Mode', FILE_MODE),
  field('Options', list(STRINGS), '28.5'),
);

const MOUNT = struct(
  'mount.Mount',
  field('Type', named('mount.Type')),
  field('Source', STRING),
  field('Target', STRING),
  field('ReadOnly', BOOL),
  field('Consistency', named('mount.Consistency')),
  field('BindOptions', pointer(BIND_OPTIONS)),
  field('VolumeOptions', pointer(VOLUME_OPTIONS)),
  field('TmpfsOptions', pointer(TMPFS_OPTIONS)),
  field('ClusterOptions', pointer(struct('mount.ClusterOptions')), '26.1'),
);

const PRIVILEGES = struct(
  'swarm.Privileges',
  always(
    'CredentialSpec',
    pointer(
      struct(
        'swarm.CredentialSpec',
        always('Config', STRING),
        always('File', STRING),
        always('Registry', STRING),
      ),
    ),
  ),
  always(
    'SELinuxContext',
    pointer(
      struct(
        'swarm.SELinuxContext',
        always('Disable', BOOL),
        always('User', STRING),
        always('Role', STRING),
        always('Type', STRING),
        always('Level', STRING),
      ),
    ),
  ),
  field(
    'Seccomp',
    pointer(
      struct(
        'swarm.SeccompOpts',
        field('Mode', named('swarm.SeccompMode')),
        field('Profile', BYTES),
      ),
    ),
    '26.1',
  ),
  field(
    'AppArmor',
    pointer(struct('swarm.AppArmorOpts', field('Mode', named('swarm.AppArmorMode')))),
    '26.1',
  ),
  always('NoNewPrivileges', BOOL, '26.1'),
);

const HEALTHCHECK = struct(
  'container.HealthcheckConfig',
  field('Test', STRINGS),
  field('Interval', DURATION),
  field('Timeout', DURATION),
  field('StartPeriod', DURATION),
  field('StartInterval', DURATION, '26.1'),
  field('Retries', INT),
);

const DNS_CONFIG = struct(
  'swarm.DNSConfig',
  field('Nameservers', STRINGS),
  field('Search', STRINGS),
  field('Options', STRINGS),
);

const fileTarget = (go: string): ReturnType<typeof struct> =>
  struct(
    go,
    always('Name', STRING),
    always('UID', STRING),
    always('GID', STRING),
    always('Mode', FILE_MODE),
  );

const SECRET = struct(
  'swarm.SecretReference',
  always('File', pointer(fileTarget('swarm.SecretReferenceFileTarget'))),
  always('SecretID', STRING),
  always('SecretName', STRING),
);

const CONFIG = struct(
  'swarm.ConfigReference',
  field('File', pointer(fileTarget('swarm.ConfigReferenceFileTarget'))),
  field('Runtime', pointer(struct('swarm.ConfigReferenceRuntimeTarget'))),
  always('ConfigID', STRING),
  always('ConfigName', STRING),
);

const ULIMIT = struct(
  'units.Ulimit',
  always('Name', STRING),
  always('Hard', INT64),
  always('Soft', INT64),
);

export const CONTAINER_SPEC = struct(
  'swarm.ContainerSpec',
  field('Image', STRING),
  field('Labels', LABELS),
  field('Command', STRINGS),
  field('Args', STRINGS),
  field('Hostname', STRING),
  field('Env', STRINGS),
  field('Dir', STRING),
  field('User', STRING),
  field('Groups', STRINGS),
  field('Privileges', pointer(PRIVILEGES)),
  field('Init', pointer(BOOL)),
  field('StopSignal', STRING),
  field('TTY', BOOL),
  field('OpenStdin', BOOL),
  field('ReadOnly', BOOL),
  field('Mounts', list(MOUNT)),
  field('StopGracePeriod', pointer(DURATION)),
  field('Healthcheck', pointer(HEALTHCHECK)),
  field('Hosts', STRINGS),
  field('DNSConfig', pointer(DNS_CONFIG)),
  field('Secrets', list(pointer(SECRET))),
  field('Configs', list(pointer(CONFIG))),
  field('Isolation', named('container.Isolation')),
  field('Sysctls', LABELS),
  field('CapabilityAdd', STRINGS),
  field('CapabilityDrop', STRINGS),
  field('Ulimits', list(pointer(ULIMIT))),
  field('OomScoreAdj', INT64, '28.5'),
);

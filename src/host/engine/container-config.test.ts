import { describe, expect, test } from '@jest/globals';
import type { ContainerCreateOptions } from 'dockerode';
import type { Task } from '../../model/objects.ts';
import type { ContainerSpec, Mount, TaskSpec } from '../../model/specs.ts';
import { makeTask } from '../../swarm/dispatcher/virtual-swarm.ts';
import { containerConfig, stopSeconds } from './container-config.ts';

const task = (
  container: Partial<ContainerSpec>,
  spec: Partial<TaskSpec> = {},
  patch: Partial<Task> = {},
): Task => ({
  ...makeTask('t', { node: 'n1' }),
  ...patch,
  spec: { ForceUpdate: 0, ...spec, ContainerSpec: { Image: 'img:1', ...container } },
});

const made = (...given: Parameters<typeof task>): ContainerCreateOptions =>
  containerConfig(task(...given), undefined);
const host = (...given: Parameters<typeof task>): unknown => made(...given).HostConfig;

test('a spec that says nothing of them gives the engine what Swarm gives it: limits without an entry, and no name servers', () => {
  expect(host({ DNSConfig: {} })).toMatchObject({ Ulimits: [] });
  expect(
    Object.keys(host({ DNSConfig: {} }) as object).filter((key) => key.startsWith('Dns')),
  ).toEqual([]);
});

describe('every field of a container spec reaches the engine', () => {
  test.each<[string, Partial<ContainerSpec>, object]>([
    ['Image', {}, { Image: 'img:1' }],
    [
      'Command and Args',
      { Command: ['a', 'b'], Args: ['c'] },
      { Entrypoint: ['a', 'b'], Cmd: ['c'] },
    ],
    ['Args alone', { Args: ['c'] }, { Cmd: ['c'] }],
    ['Hostname', { Hostname: 'h-{{.Task.Slot}}' }, { Hostname: 'h-1' }],
    ['Env', { Env: ['A=1', 'B={{.Service.Name}}'] }, { Env: ['A=1', 'B=web'] }],
    ['Dir', { Dir: '/srv' }, { WorkingDir: '/srv' }],
    ['User', { User: '1:2' }, { User: '1:2' }],
    ['TTY', { TTY: true }, { Tty: true }],
    ['OpenStdin', { OpenStdin: true }, { OpenStdin: true }],
    ['StopSignal', { StopSignal: 'SIGUSR1' }, { StopSignal: 'SIGUSR1' }],
    [
      'Healthcheck',
      {
        Healthcheck: {
          Test: ['CMD', 'x'],
          Interval: 1e9,
          Timeout: 2e9,
          Retries: 3,
          StartPeriod: 4e9,
          StartInterval: 5e9,
        },
      },
      {
        Healthcheck: {
          Test: ['CMD', 'x'],
          Interval: 1e9,
          Timeout: 2e9,
          Retries: 3,
          StartPeriod: 4e9,
          StartInterval: 5e9,
        },
      },
    ],
  ])('%s', (_field, spec, expected) => {
    expect(made(spec)).toMatchObject(expected);
  });

  test.each<[string, Partial<ContainerSpec>, object]>([
    ['Groups', { Groups: ['g'] }, { GroupAdd: ['g'] }],
    ['Init', { Init: true }, { Init: true }],
    ['Init off', { Init: false }, { Init: false }],
    ['ReadOnly', { ReadOnly: true }, { ReadonlyRootfs: true }],
    ['Hosts', { Hosts: ['1.2.3.4 a b', 'alone'] }, { ExtraHosts: ['a:1.2.3.4'] }],
    [
      'DNSConfig',
      { DNSConfig: { Nameservers: ['9.9.9.9'], Search: ['x.y'], Options: ['ndots:1'] } },
      { Dns: ['9.9.9.9'], DnsSearch: ['x.y'], DnsOptions: ['ndots:1'] },
    ],
    ['Isolation', { Isolation: 'default' }, { Isolation: 'default' }],
    ['Sysctls', { Sysctls: { 'net.x': '1' } }, { Sysctls: { 'net.x': '1' } }],
    ['CapabilityAdd', { CapabilityAdd: ['NET_ADMIN'] }, { CapAdd: ['NET_ADMIN'] }],
    ['CapabilityDrop', { CapabilityDrop: ['ALL'] }, { CapDrop: ['ALL'] }],
    [
      'Ulimits',
      { Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }] },
      { Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }] },
    ],
    ['OomScoreAdj', { OomScoreAdj: -5 }, { OomScoreAdj: -5 }],
    [
      'Privileges',
      {
        Privileges: {
          CredentialSpec: { File: 'spec.json' },
          SELinuxContext: { Disable: true, User: 'u', Role: 'r', Type: 't', Level: 'l' },
          Seccomp: { Mode: 'custom', Profile: Buffer.from('{}').toString('base64') },
          AppArmor: { Mode: 'disabled' },
          NoNewPrivileges: true,
        },
      },
      {
        SecurityOpt: [
          'credentialspec=file://spec.json',
          'label=disable',
          'label=user:u',
          'label=role:r',
          'label=level:l',
          'label=type:t',
          'seccomp={}',
          'apparmor=unconfined',
          'no-new-privileges=true',
        ],
      },
    ],
    [
      'Privileges by default',
      { Privileges: { Seccomp: { Mode: 'default' }, AppArmor: { Mode: 'default' } } },
      { SecurityOpt: [] },
    ],
    [
      'Seccomp off',
      { Privileges: { Seccomp: { Mode: 'unconfined' } } },
      { SecurityOpt: ['seccomp=unconfined'] },
    ],
  ])('%s', (_field, spec, expected) => {
    expect(host(spec)).toMatchObject(expected);
  });

  test.each<[string, Mount]>([
    [
      'bind',
      {
        Type: 'bind',
        Source: '/a',
        Target: '/b',
        ReadOnly: true,
        BindOptions: { Propagation: 'rshared', NonRecursive: true },
      },
    ],
    [
      'volume',
      {
        Type: 'volume',
        Source: 'v',
        Target: '/b',
        VolumeOptions: {
          NoCopy: true,
          Labels: { a: 'b' },
          Subpath: 's',
          DriverConfig: { Name: 'local', Options: { o: 'x' } },
        },
      },
    ],
    ['tmpfs', { Type: 'tmpfs', Target: '/b', TmpfsOptions: { SizeBytes: 1000, Mode: 448 } }],
  ])('a %s mount', (_type, mount) => {
    expect(host({ Mounts: [mount] })).toMatchObject({ Mounts: [mount] });
  });

  test('labels: those of the system have the last word', () => {
    const { Labels } = made({ Labels: { a: 'b', 'com.docker.swarm.task.id': 'forged' } });
    expect(Labels).toMatchObject({
      a: 'b',
      'com.docker.swarm.task.id': 't',
      'com.docker.swarm.task': '',
    });
  });

  test("the grace period in whole seconds, or the container's own", () => {
    expect(stopSeconds(task({ StopGracePeriod: 1_900_000_000 }))).toBe(1);
    expect(stopSeconds(task({}))).toBeUndefined();
  });

  test('credentials are for the pull, not for the container', () => {
    expect(JSON.stringify(made({ PullOptions: { RegistryAuth: 'secret' } }))).not.toContain(
      'secret',
    );
  });
});

describe('what belongs to the task', () => {
  test('limits; a reservation binds nothing, and 0 is no limit', () => {
    const Resources = {
      Limits: { MemoryBytes: 5e6, NanoCPUs: 2e9, Pids: 7 },
      Reservations: { MemoryBytes: 9e9, NanoCPUs: 9e9 },
      SwapBytes: 1e6,
      MemorySwappiness: 10,
    };
    expect(host({}, { Resources })).toMatchObject({
      Memory: 5e6,
      NanoCpus: 2e9,
      PidsLimit: 7,
      MemorySwap: 6e6,
      MemorySwappiness: 10,
    });
    expect(host({}, { Resources: { Limits: { MemoryBytes: 0 } } })).not.toHaveProperty('Memory');
  });

  test('the log driver with its options', () => {
    const logDriver = { Name: 'json-file', Options: { 'max-size': '1m' } };
    expect(host({}, {}, { logDriver })).toMatchObject({
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
    });
  });

  test('generic resources become variables', () => {
    const genericResources = [
      { NamedResourceSpec: { Kind: 'gpu', Value: 'a' } },
      { NamedResourceSpec: { Kind: 'gpu', Value: 'b' } },
      { DiscreteResourceSpec: { Kind: 'ssd', Value: 3 } },
    ];
    expect(made({}, {}, { genericResources }).Env).toEqual([
      'DOCKER_RESOURCE_GPU=a,b',
      'DOCKER_RESOURCE_SSD=3',
    ]);
  });

  test("ports of the host; those of the mesh are none of the container's", () => {
    const endpoint = {
      virtualIps: [],
      ports: [
        { TargetPort: 80, PublishedPort: 8080, PublishMode: 'host' as const },
        { TargetPort: 53, Protocol: 'udp' as const, PublishMode: 'host' as const },
        { TargetPort: 81, PublishedPort: 8081, PublishMode: 'ingress' as const },
      ],
    };
    const config = made({}, {}, { endpoint });
    expect(config.ExposedPorts).toEqual({ '80/tcp': {}, '53/udp': {} });
    expect(config.HostConfig?.PortBindings).toEqual({
      '80/tcp': [{ HostPort: '8080' }],
      '53/udp': [{ HostPort: '' }],
    });
  });
});

describe('a spec that no container can be made of is refused in the words of moby', () => {
  test.each<[Mount, string]>([
    [
      { Type: 'bind', Source: '/a', Target: 'b' },
      'invalid mount target, must be an absolute path: b',
    ],
    [
      { Type: 'bind', Source: 'a', Target: '/b' },
      'invalid bind mount source, must be an absolute path: a',
    ],
    [
      { Type: 'volume', Source: '/a', Target: '/b' },
      'invalid volume mount source, must not be an absolute path: /a',
    ],
    [{ Type: 'tmpfs', Source: 'a', Target: '/b' }, 'invalid tmpfs source, source must be empty'],
    [{ Type: 'npipe', Target: 'b' }, 'invalid npipe source, source must not be empty'],
  ])('%j', (mount, text) => {
    expect(() => made({ Mounts: [mount] })).toThrow(text);
  });
});

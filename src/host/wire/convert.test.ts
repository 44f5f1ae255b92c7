import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nodeId, serviceId, taskId } from '../../model/ids.ts';
import type { Node, Task } from '../../model/objects.ts';
import type { ContainerSpec, TaskSpec } from '../../model/specs.ts';
import { TASK_STATE_VALUES, TASK_STATES } from '../../model/task-state.ts';
import type { AssignmentsMessage, SessionMessage } from '../../swarm/session.ts';
import { timestampFromWire, timestampToWire } from './convert-basics.ts';
import {
  certificateFromWire,
  certificateToWire,
  descriptionFromWire,
  descriptionToWire,
  nodeFromWire,
  nodeToWire,
} from './convert-node.ts';
import * as session from './convert-session.ts';
import { taskSpecFromWire, taskSpecToWire } from './convert-task-spec.ts';
import { statusFromWire, taskFromWire, taskToWire } from './convert-task.ts';
import {
  AssignmentsMessageSchema,
  HeartbeatResponseSchema,
  SessionMessageSchema,
  UpdateTaskStatusRequestSchema,
} from './gen/dispatcher_pb.js';
import { NodeSchema, TaskSchema } from './gen/objects_pb.js';
import { TaskSpecSchema } from './gen/specs_pb.js';
import { CertificateSchema, NodeDescriptionSchema, TaskStatusSchema } from './gen/types_pb.js';

/** There and back over real bytes. */
const wired = <D extends DescMessage>(schema: D, init: MessageInitShape<D>): MessageShape<D> =>
  fromBinary(schema, toBinary(schema, create(schema, init)));

const LABELS = { a: '1', 'com.docker.stack.namespace': 'shop' };
const PORT = {
  Name: 'web',
  Protocol: 'udp',
  TargetPort: 80,
  PublishedPort: 8080,
  PublishMode: 'host',
} as const;

const CONTAINER: ContainerSpec = {
  Image: 'busybox:latest@sha256:00',
  Labels: LABELS,
  Command: ['sh', '-c'],
  Args: ['sleep 1', ''],
  Hostname: '{{.Node.Hostname}}',
  Env: ['A=B'],
  Dir: '/srv',
  User: '1000:1000',
  Groups: ['audio'],
  Privileges: {
    CredentialSpec: { Config: 'abc' },
    SELinuxContext: { Disable: true, User: 'u', Role: 'r', Type: 't', Level: 'l' },
    Seccomp: { Mode: 'custom', Profile: Buffer.from('{}').toString('base64') },
    AppArmor: { Mode: 'disabled' },
    NoNewPrivileges: true,
  },
  Init: false,
  StopSignal: 'SIGINT',
  TTY: true,
  OpenStdin: true,
  ReadOnly: true,
  Mounts: [
    { Type: 'bind', Source: '/a', Target: '/b', ReadOnly: true, Consistency: 'cached' },
    { Type: 'bind', Target: '/p', BindOptions: { Propagation: 'rshared', NonRecursive: true } },
    {
      Type: 'volume',
      Source: 'v',
      Target: '/c',
      VolumeOptions: {
        NoCopy: true,
        Labels: LABELS,
        DriverConfig: { Name: 'local', Options: { o: 'x' } },
        Subpath: 'd',
      },
    },
    { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1 << 20, Mode: 0o1777 } },
  ],
  StopGracePeriod: 10_500_000_000,
  Healthcheck: {
    Test: ['CMD', 'true'],
    Interval: 1_000_000_001,
    Timeout: 2,
    StartPeriod: 3,
    StartInterval: 4,
    Retries: 5,
  },
  Hosts: ['10.0.0.1 a'],
  DNSConfig: { Nameservers: ['1.1.1.1'], Search: ['x'], Options: ['ndots:1'] },
  Secrets: [
    { SecretID: 's', SecretName: 'n', File: { Name: 'f', UID: '0', GID: '0', Mode: 0o444 } },
  ],
  Configs: [
    { ConfigID: 'c', ConfigName: 'n', File: { Name: 'f', UID: '0', GID: '0', Mode: 0o400 } },
    { ConfigID: 'd', ConfigName: 'm', Runtime: {} },
  ],
  Isolation: 'hyperv',
  Sysctls: { 'net.core.somaxconn': '1' },
  CapabilityAdd: ['CAP_NET_ADMIN'],
  CapabilityDrop: ['ALL'],
  Ulimits: [{ Name: 'nofile', Soft: 1, Hard: -1 }],
  OomScoreAdj: -500,
};

const SPEC: TaskSpec = {
  ContainerSpec: CONTAINER,
  Resources: {
    Limits: { NanoCPUs: 500_000_000, MemoryBytes: 64 * 2 ** 30, Pids: 9 },
    Reservations: {
      NanoCPUs: 1,
      GenericResources: [
        { NamedResourceSpec: { Kind: 'gpu', Value: 'u1' } },
        { DiscreteResourceSpec: { Kind: 'ssd', Value: 3 } },
      ],
    },
    SwapBytes: -1,
    MemorySwappiness: 0,
  },
  RestartPolicy: { Condition: 'on-failure', Delay: 5e9, MaxAttempts: 3, Window: 1e9 },
  Placement: {
    Constraints: ['node.role==manager'],
    Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.rack' } }],
    MaxReplicas: 2,
    Platforms: [{ Architecture: 'amd64', OS: 'linux' }],
  },
  Networks: [{ Target: 'net1', Aliases: ['web'], DriverOpts: { x: 'y' } }],
  LogDriver: { Name: 'json-file', Options: { 'max-size': '1m' } },
  ForceUpdate: 7,
  Runtime: 'container',
};

const META = { version: 12, createdAt: 1_795_000_000_123, updatedAt: 1_795_000_000_456.5 };

const TASK: Task = {
  id: taskId('t1'),
  meta: META,
  serviceId: serviceId('s1'),
  slot: 3,
  nodeId: nodeId('n1'),
  serviceName: 'web',
  serviceLabels: LABELS,
  spec: SPEC,
  specVersion: 11,
  desiredState: 'running',
  status: {
    state: 'failed',
    timestamp: 1_795_000_001_000.25,
    message: 'started',
    err: 'task: non-zero exit (1)',
    container: { containerId: 'abc', pid: 4711, exitCode: 137 },
    ports: [PORT],
    appliedAt: 1_795_000_001_001,
    appliedBy: nodeId('m1'),
  },
  endpoint: {
    spec: { Mode: 'dnsrr', Ports: [PORT] },
    ports: [PORT],
    virtualIps: [{ networkId: 'net1' as never, addr: '10.0.0.2/24' }],
  },
  networks: [{ networkId: 'net1' as never, addresses: ['10.0.0.3/24'] }],
  logDriver: { Name: 'json-file' },
  genericResources: [{ DiscreteResourceSpec: { Kind: 'ssd', Value: 1 } }],
  jobIteration: 2,
};

const NODE: Node = {
  id: nodeId('n1'),
  meta: META,
  spec: { Name: 'first', Labels: LABELS, Role: 'manager', Availability: 'drain' },
  role: 'manager',
  description: {
    hostname: 'n1',
    platform: { Architecture: 'x86_64', OS: 'linux' },
    resources: {
      nanoCpus: 2e9,
      memoryBytes: 24 * 2 ** 30,
      generic: [{ NamedResourceSpec: { Kind: 'gpu', Value: 'u' } }],
    },
    engine: { version: '26.1.5', labels: LABELS, plugins: [{ Type: 'Volume', Name: 'local' }] },
    tls: {
      trustRoot: 'pem',
      issuerSubject: btoa('subject'),
      issuerPublicKey: btoa('\u00ff'),
    },
  },
  status: { state: 'down', message: 'heartbeat failure', addr: '10.0.0.1' },
  certificate: {
    role: 'manager',
    state: 'issued',
    csr: 'the very request',
    certificate: 'pem\n',
    cn: 'n1',
  },
};

describe('round trips', () => {
  test('a task with everything in it', () => {
    expect(taskFromWire(wired(TaskSchema, taskToWire(TASK)))).toEqual(TASK);
  });

  test('a task with next to nothing in it', () => {
    const bare: Task = {
      id: taskId('t'),
      meta: { version: 1, createdAt: 0, updatedAt: 0 },
      serviceId: serviceId('s'),
      slot: 0,
      nodeId: nodeId(''),
      serviceName: '',
      serviceLabels: {},
      spec: { ForceUpdate: 0 },
      specVersion: 0,
      desiredState: 'ready',
      status: { state: 'new', timestamp: 0, message: '', err: '' },
    };
    expect(taskFromWire(wired(TaskSchema, taskToWire(bare)))).toEqual(bare);
  });

  test('every state of a task and of a certificate', () => {
    for (const state of TASK_STATES) {
      const wire = wired(TaskSchema, taskToWire({ ...TASK, desiredState: state }));
      expect(wire.desiredState).toBe(TASK_STATE_VALUES[state]);
      expect(taskFromWire(wire).desiredState).toBe(state);
    }
    for (const state of ['pending', 'renew', 'rotate', 'issued', 'failed'] as const) {
      const certificate = { ...NODE.certificate, state, err: 'because' };
      const wire = wired(CertificateSchema, certificateToWire(certificate));
      expect(certificateFromWire(wire)).toEqual(certificate);
    }
    expect(certificateToWire({ ...NODE.certificate, state: 'pending' }).status?.state).toBe(2);
  });

  test('a state of a later Swarm reads as the last one we know before it', () => {
    expect(statusFromWire(wired(TaskStatusSchema, { state: 600 as never })).state).toBe('complete');
  });

  test('a node, and what its leader knows of its manager', () => {
    const raftId = '18446744073709551615';
    const wire = wired(
      NodeSchema,
      nodeToWire(NODE, { raftId, addr: '10.0.0.1:2377', leader: true, reachability: 'reachable' }),
    );
    expect(nodeFromWire(wire)).toEqual(NODE);
    expect(wire.managerStatus).toMatchObject({
      raftId: BigInt(raftId),
      leader: true,
      reachability: 2,
    });
  });

  test('a session’s first message, heartbeats and status updates', () => {
    const message: SessionMessage = {
      sessionId: 'x',
      node: NODE,
      managers: [{ nodeId: nodeId('n1'), addr: '10.0.0.1:2377', weight: 10 }],
      rootCa: 'pem',
    };
    const wire = wired(SessionMessageSchema, session.sessionMessageToWire(message));
    expect(session.sessionMessageFromWire(wire)).toEqual(message);
    const beat = wired(HeartbeatResponseSchema, session.heartbeatToWire(4567));
    expect(session.heartbeatFromWire(beat)).toEqual({ periodMs: 4567 });
    const updates = [{ taskId: TASK.id, status: TASK.status }];
    const report = wired(UpdateTaskStatusRequestSchema, session.statusUpdatesToWire('x', updates));
    expect(session.statusUpdatesFromWire(report)).toEqual(updates);
  });

  test('assignments of tasks, secrets and configs, and their removal', () => {
    const data = { Name: 'n', Labels: LABELS, Data: btoa('\u0000\u00ffbytes') };
    const message: AssignmentsMessage = {
      type: 'incremental',
      appliesTo: '1',
      resultsIn: '2',
      changes: [
        { kind: 'task', action: 'update', task: TASK },
        { kind: 'secret', action: 'update', secret: { id: 's' as never, meta: META, spec: data } },
        { kind: 'config', action: 'update', config: { id: 'c' as never, meta: META, spec: data } },
        { kind: 'task', action: 'remove', id: 't9' },
        { kind: 'secret', action: 'remove', id: 's9' },
        { kind: 'config', action: 'remove', id: 'c9' },
      ],
    };
    const wire = wired(AssignmentsMessageSchema, session.assignmentsToWire(message));
    expect(session.assignmentsFromWire(wire)).toEqual(message);
  });

  test('times to the microsecond, and "never"', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4e15 }), (micros) => {
        const time = timestampToWire(micros / 1000);
        const read = timestampFromWire({ $typeName: 'google.protobuf.Timestamp', ...time! });
        expect(Math.abs(read - micros / 1000)).toBeLessThanOrEqual(0.001);
        expect(time!.nanos).toBeLessThan(1_000_000_000);
      }),
    );
    expect(timestampToWire(0)).toBeUndefined();
    expect(timestampFromWire(undefined)).toBe(0);
  });
});

describe('a node’s description', () => {
  const wire = descriptionToWire(NODE.description!);

  test('of dockerd says nothing of our raft log, and so it is read', () => {
    const real = wired(NodeDescriptionSchema, { hostname: 'n1' });
    expect(descriptionFromWire(real).isForeign).toBe(true);
    expect(descriptionFromWire(wired(NodeDescriptionSchema, wire))).toEqual(NODE.description);
  });

  test('of dockerd stays dockerd’s when a manager hands it on', () => {
    const handedOn = descriptionToWire({ ...NODE.description!, isForeign: true });
    expect(descriptionFromWire(wired(NodeDescriptionSchema, handedOn)).isForeign).toBe(true);
  });
});

describe('what the wire cannot say', () => {
  test('a spec once read is read the same ever after, whatever was left out of it', () => {
    const keys = Object.keys(CONTAINER) as (keyof ContainerSpec)[];
    fc.assert(
      fc.property(fc.subarray(keys), fc.subarray(Object.keys(SPEC)), (inner, outer) => {
        const container = { Image: 'i', ...pick(CONTAINER, inner) };
        const spec = { ForceUpdate: 0, ...pick(SPEC, outer as (keyof TaskSpec)[]) };
        const whole: TaskSpec = { ...spec, ContainerSpec: container, Runtime: 'container' };
        const once = taskSpecFromWire(wired(TaskSpecSchema, taskSpecToWire(whole)));
        expect(once).toEqual(whole);
        expect(taskSpecFromWire(wired(TaskSpecSchema, taskSpecToWire(once)))).toEqual(once);
      }),
    );
  });

  test('empty lists and texts are read as none, and a restart policy without a condition as any', () => {
    const spec: TaskSpec = {
      ContainerSpec: { Image: 'i', Args: [], Env: [], Hostname: '', TTY: false, Labels: {} },
      RestartPolicy: {},
      ForceUpdate: 0,
    };
    expect(taskSpecFromWire(wired(TaskSpecSchema, taskSpecToWire(spec)))).toEqual({
      ContainerSpec: { Image: 'i' },
      RestartPolicy: { Condition: 'any' },
      ForceUpdate: 0,
      Runtime: 'container',
    });
  });

  test('a mount of a type that Swarm does not know is refused in its words', () => {
    const spec = { ContainerSpec: { Image: 'i', Mounts: [{ Type: 'usb' }] }, ForceUpdate: 0 };
    expect(() => taskSpecToWire(spec)).toThrow('invalid MountType: "usb"');
  });

  test('an attachment carries its whole network when it is known, and brings it back', () => {
    const config = { Subnet: '10.0.1.0/24', Gateway: '10.0.1.1' };
    const network = {
      id: 'net1' as never,
      meta: META,
      spec: {
        Name: 'shop',
        Labels: { a: 'b' },
        Driver: { Name: 'overlay', Options: { encrypted: 'true' } },
        Internal: true,
        Attachable: true,
        IPAM: { Driver: { Name: 'default' }, Configs: [config] },
      },
      driverState: { Name: 'overlay', Options: { list: '4097' } },
      ipam: { Driver: { Name: 'default' }, Configs: [config] },
    };
    const networks = [
      { networkId: network.id, addresses: ['10.0.1.3/24'], aliases: ['db'], network },
    ];
    const wire = wired(TaskSchema, taskToWire({ ...TASK, networks }));
    expect(wire.networks[0]?.network).toMatchObject({
      id: 'net1',
      spec: { annotations: { name: 'shop' }, driverConfig: { name: 'overlay' }, attachable: true },
    });
    expect(taskFromWire(wire).networks).toEqual(networks);
  });
});

const pick = <T extends object>(from: T, keys: readonly (keyof T)[]): Partial<T> =>
  Object.fromEntries(keys.map((key) => [key, from[key]])) as Partial<T>;

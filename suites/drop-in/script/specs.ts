/** The fields of a service spec: kept, shown, and what becomes of them in a container; and the reasons of tasks that cannot be. */
import { api, cli } from '../call.ts';
import type { Call } from '../call.ts';

const CREATE = 'docker service create --detach --no-resolve-image';
const HERE = '--constraint node.hostname==n1';
const ONCE = '--restart-condition none';
const V1 = 'swarmtwin/workload:v1';

const runs = (service: string): Call =>
  cli(
    `${service} runs`,
    `docker service ps ${service} --filter desired-state=running --format '{{.CurrentState}}'`,
    { until: /^Running/ },
  );

/** All that the engine was told of the container of a service's task. The order of generic resources is that of a map in Go. */
const containerOf = (service: string): Call =>
  cli(
    `the whole container of ${service}`,
    `docker inspect $(docker ps -q --filter label=com.docker.swarm.service.name=${service}) --format '{{json .Name}} {{json .Path}} {{json .Args}} {{json .Config}}
{{json .HostConfig}}
{{range .Mounts}}{{json .}}{{println}}{{end}}
{{range $name, $network := .NetworkSettings.Networks}}{{$name}} {{json $network.Aliases}}{{end}} {{json .NetworkSettings.Ports}} {{.RestartCount}} {{.AppArmorProfile}}' | sed -E 's#/var/lib/docker/volumes/[0-9a-f]*#volume#g; s#("DOCKER_RESOURCE_GPU=1"),("DOCKER_RESOURCE_DISK=red")#\\2,\\1#' | sort`,
  );

/** How the newest task of a service ended, or why it does not begin. */
const reason = (service: string, until: RegExp): Call =>
  cli(
    `what is said of ${service}`,
    `docker service ps ${service} --no-trunc --format '{{.DesiredState}} {{.CurrentState}} {{.Error}}' | head -1`,
    { until },
  );

/** Ended, and known to be by who might have replaced it. */
const ENDED = /Shutdown (Rejected|Failed|Complete)/;

/** A service that comes to nothing, and why. */
const lost = (service: string, flags: string, image = V1): readonly Call[] => [
  cli(`create ${service}`, `${CREATE} --name ${service} ${HERE} ${ONCE} ${flags} ${image}`),
  reason(service, ENDED),
];

const WHOLE: readonly Call[] = [
  api('create with every field', 'POST', '/services/create', {
    Name: 'every',
    Labels: { tier: 'back' },
    TaskTemplate: {
      ContainerSpec: {
        Image: V1,
        Labels: { kind: 'whole', 'of.{{.Task.Slot}}': '{{.Service.Name}}' },
        Command: ['/bin/busybox'],
        Args: ['sleep', '100000'],
        Hostname: '{{.Service.Name}}-{{.Task.Slot}}',
        Env: [
          'NODE={{.Node.Hostname}}',
          'SERVICE={{.Service.Name}} {{index .Service.Labels "tier"}}',
          'TASK={{.Task.Slot}}',
        ],
        Dir: '/tmp',
        User: '1000',
        Groups: ['1001', '1002'],
        Privileges: { SELinuxContext: { Disable: true } },
        TTY: true,
        OpenStdin: true,
        ReadOnly: true,
        Mounts: [
          { Type: 'volume', Source: 'of-{{.Service.Name}}', Target: '/named' },
          {
            Type: 'volume',
            Target: '/nameless',
            VolumeOptions: { NoCopy: true, Labels: { a: 'b' } },
          },
          {
            Type: 'bind',
            Source: '/etc/hostname',
            Target: '/bound',
            ReadOnly: true,
            BindOptions: { Propagation: 'rprivate' },
          },
          { Type: 'tmpfs', Target: '/memory', TmpfsOptions: { SizeBytes: 1_048_576, Mode: 448 } },
        ],
        StopSignal: 'SIGINT',
        StopGracePeriod: 2_000_000_000,
        Healthcheck: {
          Test: ['CMD', '/bin/busybox', 'true'],
          Interval: 1_000_000_000,
          Timeout: 1_000_000_000,
          Retries: 2,
          StartPeriod: 1_000_000,
        },
        Hosts: ['10.9.8.7 db database', '10.9.8.6 cache'],
        DNSConfig: { Nameservers: ['9.9.9.9'], Search: ['example.test'], Options: ['timeout:3'] },
        Isolation: 'default',
        Init: true,
        Sysctls: { 'net.core.somaxconn': '256' },
        CapabilityAdd: ['CAP_NET_ADMIN'],
        CapabilityDrop: ['CAP_NET_RAW'],
        Ulimits: [{ Name: 'nofile', Soft: 512, Hard: 1024 }],
      },
      Resources: {
        Limits: { NanoCPUs: 500_000_000, MemoryBytes: 67_108_864, Pids: 50 },
        Reservations: {
          NanoCPUs: 100_000_000,
          MemoryBytes: 16_777_216,
          GenericResources: [
            { DiscreteResourceSpec: { Kind: 'gpu', Value: 1 } },
            { DiscreteResourceSpec: { Kind: 'disk', Value: 1 } },
          ],
        },
      },
      RestartPolicy: {
        Condition: 'any',
        Delay: 1_000_000_000,
        MaxAttempts: 4,
        Window: 5_000_000_000,
      },
      Placement: {
        Constraints: ['node.hostname==n1', 'node.platform.os==linux'],
        Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.zone' } }],
        MaxReplicas: 2,
        Platforms: [{ Architecture: 'x86_64', OS: 'linux' }],
      },
      ForceUpdate: 3,
      Runtime: 'container',
      LogDriver: { Name: 'json-file', Options: { 'max-size': '1m' } },
    },
    Mode: { Replicated: { Replicas: 1 } },
    UpdateConfig: {
      Parallelism: 2,
      Delay: 1,
      FailureAction: 'continue',
      Monitor: 9,
      MaxFailureRatio: 0.25,
      Order: 'start-first',
    },
    RollbackConfig: { Parallelism: 0, FailureAction: 'pause', Order: 'stop-first' },
    EndpointSpec: {
      Mode: 'dnsrr',
      Ports: [{ Protocol: 'udp', TargetPort: 53, PublishedPort: 5353, PublishMode: 'host' }],
    },
  }),
  runs('every'),
  api('GET of every field', 'GET', '/services/every'),
  cli(
    'the task of every field',
    `docker inspect $(docker service ps -q every) --format '{{json .Spec}}
{{json .Labels}} {{.Slot}} {{.DesiredState}} {{json .NetworksAttachments}} {{json .GenericResources}} {{json .Status.PortStatus}} {{.Status.ContainerStatus.ExitCode}}'`,
  ),
  cli('pretty inspect of every field', 'docker service inspect --pretty every'),
  containerOf('every'),
  cli(
    'docker ps of every field',
    "docker ps --filter label=com.docker.swarm.service.name=every --format '{{.Image}} {{.Command}} {{.Ports}} {{.Networks}} {{.Status}}' | sed 's/Up .*(/Up (/'",
  ),
  cli('create with the least', `${CREATE} --name least ${HERE} ${V1}`),
  runs('least'),
  containerOf('least'),
  cli(
    'create with templates of all kinds',
    `${CREATE} --name shaped ${HERE} --network host --env 'A={{.Node.ID}}' --env 'B={{.Task.Name}}' --env 'C={{.Service.ID}}' --env 'D={{.Node.Platform.OS}} {{.Node.Platform.Architecture}}' --mount 'type=volume,source={{.Task.Slot}}-{{.Service.Name}},target=/x' ${V1}`,
  ),
  runs('shaped'),
  containerOf('shaped'),
  cli('remove the whole ones', 'docker service rm every least shaped'),
];

const PORTS: readonly Call[] = [
  cli(
    'create with a port of its node',
    `${CREATE} --name door ${HERE} --publish mode=host,published=8099,target=8080 swarmtwin/workload:http`,
  ),
  runs('door'),
  cli('service ps with a port', "docker service ps door --format '{{.Name}} {{.Ports}}'"),
  cli(
    'service ls with a port',
    "docker service ls --filter name=door --format '{{.Name}} {{.Ports}}'",
  ),
  cli(
    'the port of the container',
    "docker ps --filter label=com.docker.swarm.service.name=door --format '{{.Ports}}'",
  ),
  cli('a second one on that port waits', 'docker service scale --detach door=2'),
  reason('door', /no suitable node/),
  cli(
    'create with a port that its node chooses',
    `${CREATE} --name anydoor ${HERE} --publish mode=host,target=8080 swarmtwin/workload:http`,
  ),
  runs('anydoor'),
  cli(
    'the port that it chose',
    "docker service ps anydoor --format '{{.Ports}}' | sed 's/[0-9][0-9]*->/N->/'",
  ),
  cli('remove the doors', 'docker service rm door anydoor'),
];

const ENDS: readonly Call[] = [
  ...lost('without-a-command', '--entrypoint /no/such/program'),
  ...lost('with-no-such-user', '--user nobodyatall'),
  ...lost('with-a-bad-sysctl', '--sysctl no.such.sysctl=1'),
  ...lost(
    'with-a-bad-driver',
    '--mount type=volume,source=odd,target=/x,volume-driver=nosuchdriver',
  ),
  ...lost('with-a-bad-log-driver', '--log-driver nosuchdriver'),
  ...lost('with-a-bad-log-option', '--log-driver json-file --log-opt nosuch=1'),
  ...lost('with-a-bad-isolation', '--isolation hyperv'),
  ...lost('with-a-bad-signal', '--stop-signal SIGNOSUCH'),
  ...lost(
    'with-a-bad-propagation',
    '--mount type=bind,source=/etc,target=/x,bind-propagation=rshared',
  ),
  ...lost('never-healthy', '--health-cmd /bin/false --health-interval 500ms --health-retries 2'),
  ...lost('exits-well', '', 'swarmtwin/workload:exit0-later'),
  ...lost('out-of-bounds', "--workdir '{{.Nothing}}'"),
  cli('create with a bad capability', `${CREATE} --name bad --cap-add NOPE ${V1}`),
  cli('create with a bad limit of an open file', `${CREATE} --name bad --ulimit nofile=2:1 ${V1}`),
  cli('create with a bad name server', `${CREATE} --name bad --dns nonsense ${V1}`),
  cli('create with a bad host', `${CREATE} --name bad --host nonsense ${V1}`),
  cli(
    'create with a bad platform',
    `${CREATE} --name elsewhere --constraint node.platform.os==windows ${V1}`,
  ),
  reason('elsewhere', /no suitable node/),
  cli('create with more than there is', `${CREATE} --name greedy --reserve-memory 900g ${V1}`),
  reason('greedy', /no suitable node/),
  cli(
    'create with more of a kind than there is',
    `${CREATE} --name hungry --generic-resource gpu=9 ${V1}`,
  ),
  reason('hungry', /no suitable node/),
  cli('create with a resource of no kind', `${CREATE} --name bad --generic-resource gpu ${V1}`),
  cli(
    'create more than fit on a node',
    `${CREATE} --name crowded ${HERE} --replicas 3 --replicas-max-per-node 1 ${V1}`,
  ),
  cli(
    'what of the crowd waits',
    "docker service ps crowded --no-trunc --format '{{.CurrentState}} {{.Error}}' | grep -c 'Pending.*no suitable node (max replicas per node limit exceed)'",
    { until: /^2/ },
  ),
  cli(
    'remove what came to nothing',
    "docker service rm $(docker service ls --format '{{.Name}}' | grep -E '^(with|never|exits|out-of|elsewhere|greedy|hungry|crowded)' | sort)",
  ),
];

const STOPS: readonly Call[] = [
  cli(
    'create what does not listen',
    `${CREATE} --name deaf ${HERE} --stop-grace-period 1s swarmtwin/workload:ignore-term`,
  ),
  runs('deaf'),
  cli('it is replaced', 'docker service update --detach --no-resolve-image --force deaf'),
  cli(
    'what does not listen is killed',
    "docker ps -a --filter label=com.docker.swarm.service.name=deaf --filter status=exited --format '{{.Names}}' | xargs docker inspect --format '{{.State.ExitCode}} {{.State.OOMKilled}}'",
    { until: /^137/ },
  ),
  cli(
    'how its tasks read',
    "docker service ps deaf --no-trunc --format '{{.DesiredState}} {{.CurrentState}} {{.Error}}'",
    { until: /^Running Running[^]*Shutdown Shutdown/ },
  ),
  cli('remove what does not listen', 'docker service rm deaf'),
];

const RESOURCES: readonly Call[] = [
  cli('one swarm more', 'docker swarm init --advertise-addr $N1', { prepares: true }),

  cli(
    'the resources of a node',
    // Swarm reads them into a map: their order is chance.
    "docker node inspect n1 --format '{{with .Description.Resources}}{{.NanoCPUs}} {{.MemoryBytes}}{{range .GenericResources}}{{println}}{{json .}}{{end}}{{end}}' | sort",
  ),
  cli(
    'the resources of a node, pretty',
    "docker node inspect n1 --pretty | sed -n '/Resources/,/Plugins/p'",
  ),
];

const LEAVE: readonly Call[] = [
  cli('that swarm ends', 'docker swarm leave --force', { prepares: true }),
];

export const SPECS: readonly Call[] = [
  ...RESOURCES,
  ...WHOLE,
  ...PORTS,
  ...ENDS,
  ...STOPS,
  ...LEAVE,
];

/** Services: creation with most flags, views, scale, lists and filters, removal. */
import { api, cli } from '../call.ts';
import type { Call } from '../call.ts';

const CREATE = 'docker service create --detach --no-resolve-image';
const V1 = 'swarmtwin/workload:v1';

/** Waits until N tasks of a service run. */
export const running = (service: string, count: number, when = ''): Call =>
  cli(
    `${service} runs ${count} times${when}`,
    `docker service ps ${service} --filter desired-state=running --format '{{.Name}} {{.CurrentState}}' | grep -c ' Running' | tee /dev/stderr`,
    { until: new RegExp(`^${count}\\n`) },
  );

export const SERVICES: readonly Call[] = [
  cli('create', `${CREATE} --name web --replicas 2 --constraint node.hostname==n1 ${V1}`),
  running('web', 2),
  cli('service ls', 'docker service ls'),
  cli('service ls -q', 'docker service ls -q'),
  cli('service ps', 'docker service ps web'),
  cli('service ps --no-trunc', 'docker service ps --no-trunc web'),
  cli('service ps of an unknown one', 'docker service ps nobody'),
  cli('service inspect', 'docker service inspect web'),
  cli('service inspect --pretty', 'docker service inspect --pretty web'),
  cli('service inspect of an unknown one', 'docker service inspect nobody'),
  cli('create with a taken name', `${CREATE} --name web ${V1}`),
  cli('create with a bad name', `${CREATE} --name 'not a name' ${V1}`),
  cli('create with a bad image', `${CREATE} --name bad 'UPPER/Case:v 1'`),
  cli('create with a bad constraint', `${CREATE} --name bad --constraint 'node.colour==red' ${V1}`),
  cli(
    'create with a malformed constraint',
    `${CREATE} --name bad --constraint 'node.hostname' ${V1}`,
  ),
  cli('create with an unknown mode', `${CREATE} --name bad --mode sometimes ${V1}`),
  cli(
    'create with replicas of a global one',
    `${CREATE} --name bad --mode global --replicas 2 ${V1}`,
  ),
  cli('create with a missing secret', `${CREATE} --name bad --secret nothing ${V1}`),
  cli('create with a missing config', `${CREATE} --name bad --config nothing ${V1}`),
  cli('create with a missing network', `${CREATE} --name bad --network nothing ${V1}`),
  cli('create without an image', 'docker service create --name bad'),
  cli(
    'create with a limit below the reservation',
    `${CREATE} --name bad --limit-memory 8mb --reserve-memory 16mb ${V1}`,
  ),
  cli('create with too little memory', `${CREATE} --name bad --limit-memory 1mb ${V1}`),
  cli('create a global one', `${CREATE} --name everywhere --mode global ${V1}`),
  running('everywhere', 3),
  cli(
    'service ps of a global one',
    "docker service ps everywhere --format '{{.Image}} {{.Node}} {{.DesiredState}}' | sort",
  ),
  cli('node ps', "docker node ps n3 --format '{{.Image}} {{.Node}} {{.DesiredState}}'"),
  cli(
    'create with most flags',
    `${CREATE} --name full --replicas 1 --constraint node.labels.disk==ssd --label tier=back --container-label kind=job --env COLOUR=red --env SIZE=2 --hostname '{{.Node.Hostname}}-{{.Task.Slot}}' --user 1000:1000 --workdir /tmp --stop-grace-period 3s --stop-signal SIGINT --limit-cpu 0.5 --limit-memory 64mb --reserve-cpu 0.1 --reserve-memory 16mb --restart-condition on-failure --restart-delay 2s --restart-max-attempts 3 --restart-window 60s --update-parallelism 2 --update-delay 1s --update-failure-action rollback --update-order start-first --rollback-parallelism 1 --read-only --init --tty --dns 9.9.9.9 --dns-search example.test --dns-option timeout:3 --host db:10.9.8.7 --mount type=tmpfs,destination=/scratch,tmpfs-size=1m --mount type=volume,source=kept,destination=/data --ulimit nofile=512:1024 --cap-drop NET_RAW --sysctl net.core.somaxconn=256 --replicas-max-per-node 1 --log-driver json-file --log-opt max-size=1m ${V1}`,
  ),
  running('full', 1),
  cli('inspect of most flags', 'docker service inspect full'),
  cli('pretty inspect of most flags', 'docker service inspect --pretty full'),
  cli(
    'the container has what was asked for',
    `docker inspect $(docker ps -q --filter label=com.docker.swarm.service.name=full) --format '{{json .HostConfig.Memory}} {{json .HostConfig.NanoCpus}} {{json .HostConfig.CapDrop}} {{json .HostConfig.Sysctls}} {{json .HostConfig.Ulimits}} {{json .HostConfig.Dns}} {{json .HostConfig.ExtraHosts}} {{json .HostConfig.ReadonlyRootfs}} {{json .HostConfig.Init}} {{json .HostConfig.LogConfig}} {{json .HostConfig.RestartPolicy}} {{json .Config.User}} {{json .Config.Hostname}} {{json .Config.Tty}} {{json .Config.StopSignal}} {{json .Config.WorkingDir}} {{json .Config.Env}}'`,
    { on: 'n3' },
  ),
  cli(
    'the labels of a container',
    `docker inspect $(docker ps -q --filter label=com.docker.swarm.service.name=full) --format '{{range $k, $v := .Config.Labels}}{{$k}}={{$v}} {{end}}'`,
    { on: 'n3' },
  ),
  cli(
    'the mounts of a container',
    `docker inspect $(docker ps -q --filter label=com.docker.swarm.service.name=full) --format '{{range .Mounts}}{{.Type}} {{.Name}} {{.Destination}} {{.RW}}{{println}}{{end}}{{json .HostConfig.Tmpfs}}' | sort`,
    { on: 'n3' },
  ),
  cli(
    'the name of a container',
    "docker ps --filter label=com.docker.swarm.service.name=full --format '{{.Names}} {{.Image}}'",
    { on: 'n3' },
  ),
  cli('docker ps --filter is-task', "docker ps --filter is-task=true --format '{{.Image}}' | sort"),
  cli(
    'remove a container of a task by hand',
    "docker rm $(docker ps --filter label=com.docker.swarm.service.name=web --format '{{.Names}}' | sort | head -1)",
  ),
  cli(
    'create with a bind that is not there',
    `${CREATE} --name bound --restart-condition none --constraint node.hostname==n1 --mount type=bind,source=/no/such/folder,destination=/x ${V1}`,
  ),
  cli(
    'the bind that is not there is the reason',
    "docker service ps bound --no-trunc --format '{{.CurrentState}} {{.Error}}'",
    { until: /Rejected/ },
  ),
  cli(
    'create what fails at once',
    `${CREATE} --name failing --restart-condition none --constraint node.hostname==n1 swarmtwin/workload:exit1`,
  ),
  cli(
    'what fails reads failed',
    "docker service ps failing --no-trunc --format '{{.Name}} {{.CurrentState}} {{.Error}}'",
    { until: /Failed/ },
  ),
  cli(
    'create with an image that is nowhere',
    `${CREATE} --name nowhere --restart-condition none --constraint node.hostname==n1 swarmtwin/no-such-image:v9`,
  ),
  cli(
    'the image that is nowhere is the reason',
    "docker service ps nowhere --no-trunc --format '{{.CurrentState}} {{.Error}}'",
    { until: /Rejected/ },
  ),
  cli(
    'create what fits no node',
    `${CREATE} --name homeless --constraint node.labels.disk==tape ${V1}`,
  ),
  cli(
    'what fits no node waits',
    "docker service ps homeless --no-trunc --format '{{.DesiredState}} {{.CurrentState}} {{.Error}}'",
    { until: /no suitable node/ },
  ),
  cli('service ls by name', 'docker service ls --filter name=w'),
  cli('service ls by mode', 'docker service ls --filter mode=global'),
  cli('service ls by label', 'docker service ls --filter label=tier=back'),
  cli('service ls by an unknown filter', 'docker service ls --filter colour=red'),
  cli('service ps by node', "docker service ps web --filter node=n1 --format '{{.Name}}'"),
  cli('service ps by an unknown filter', 'docker service ps web --filter colour=red'),
  api(
    'GET /services with status',
    'GET',
    '/services?status=true&filters=%7B%22name%22%3A%5B%22web%22%5D%7D',
  ),
  api('GET /services with bad filters', 'GET', '/services?filters=%7B'),
  api('GET /nodes with bad filters', 'GET', '/nodes?filters=%7B'),
  api('GET /tasks with filters of a wrong type', 'GET', '/tasks?filters=%7B%22id%22%3A7%7D'),
  api('GET /services/ID', 'GET', '/services/web?insertDefaults=true'),
  api(
    'GET /tasks of a service',
    'GET',
    '/tasks?filters=%7B%22service%22%3A%5B%22homeless%22%5D%7D',
  ),
  api('GET /tasks/ID of none', 'GET', '/tasks/nobody'),
  cli('scale', 'docker service scale --detach web=3'),
  running('web', 3),
  cli('scale two at once', 'docker service scale --detach web=1 homeless=2'),
  running('web', 1, ' after the scale'),
  cli('scale a global one', 'docker service scale --detach everywhere=2'),
  cli('scale an unknown one', 'docker service scale --detach nobody=2'),
  cli('scale to a negative number', 'docker service scale --detach web=-1'),
  cli('scale to no number', 'docker service scale --detach web=many'),
  cli('scale to zero', 'docker service scale --detach homeless=0'),
  api('create without a body', 'POST', '/services/create'),
  api('create with a body that is no JSON', 'POST', '/services/create', '{"Name":'),
  api('create with wrong types', 'POST', '/services/create', { Name: 7 }),
  api('create without a container', 'POST', '/services/create', { Name: 'bare', TaskTemplate: {} }),
  api('create with a name that is too long', 'POST', '/services/create', {
    Name: 'x'.repeat(64),
    TaskTemplate: { ContainerSpec: { Image: V1 } },
  }),
  api('create with two modes', 'POST', '/services/create', {
    Name: 'both',
    TaskTemplate: { ContainerSpec: { Image: V1 } },
    Mode: { Replicated: { Replicas: 1 }, Global: {} },
  }),
  api('create with a bad mount', 'POST', '/services/create', {
    Name: 'bad',
    TaskTemplate: {
      ContainerSpec: { Image: V1, Mounts: [{ Type: 'bind', Source: 'relative', Target: '/x' }] },
    },
  }),
  api('create with a duplicate mount', 'POST', '/services/create', {
    Name: 'bad',
    TaskTemplate: {
      ContainerSpec: {
        Image: V1,
        Mounts: [
          { Type: 'volume', Source: 'a', Target: '/x' },
          { Type: 'volume', Source: 'b', Target: '/x' },
        ],
      },
    },
  }),
  api('create with a negative delay', 'POST', '/services/create', {
    Name: 'bad',
    TaskTemplate: { ContainerSpec: { Image: V1 }, RestartPolicy: { Delay: -1 } },
  }),
  api('create with a bad failure ratio', 'POST', '/services/create', {
    Name: 'bad',
    TaskTemplate: { ContainerSpec: { Image: V1 } },
    UpdateConfig: { MaxFailureRatio: 2 },
  }),
  api('create with a bad update order', 'POST', '/services/create', {
    Name: 'bad',
    TaskTemplate: { ContainerSpec: { Image: V1 } },
    UpdateConfig: { Order: 'random' },
  }),
  api('create with a bad failure action', 'POST', '/services/create', {
    Name: 'bad',
    TaskTemplate: { ContainerSpec: { Image: V1 } },
    UpdateConfig: { FailureAction: 'shrug' },
  }),
  api('create with ports published twice', 'POST', '/services/create', {
    Name: 'bad',
    TaskTemplate: { ContainerSpec: { Image: V1 } },
    EndpointSpec: {
      Ports: [
        { TargetPort: 80, PublishedPort: 8080 },
        { TargetPort: 81, PublishedPort: 8080 },
      ],
    },
  }),
  api('create with dnsrr and an ingress port', 'POST', '/services/create', {
    Name: 'bad',
    TaskTemplate: { ContainerSpec: { Image: V1 } },
    EndpointSpec: { Mode: 'dnsrr', Ports: [{ TargetPort: 80, PublishedPort: 8080 }] },
  }),
  api('create with a bad template', 'POST', '/services/create', {
    Name: 'bad',
    TaskTemplate: { ContainerSpec: { Image: V1, Env: ['A={{.Nothing}}'] } },
  }),
  cli('remove several', 'docker service rm bound failing nowhere homeless'),
  cli('remove an unknown one', 'docker service rm nobody'),
  cli(
    'its containers are gone',
    "docker ps -a --filter label=com.docker.swarm.service.name=failing --format '{{.Names}}' | wc -l",
    { until: /^0\n/ },
  ),
];

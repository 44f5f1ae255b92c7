/** Every flag of init and join, swarms that begin anew by force, and authorities elsewhere. Two engines that are in no swarm. */
import { api, cli } from '../call.ts';
import type { Call } from '../call.ts';

const INIT = 'docker swarm init --advertise-addr $N1';

const REFUSED: readonly Call[] = [
  cli('init with a port for data that is too small', `${INIT} --data-path-port 80`),
  cli('init with a port for data that is too large', `${INIT} --data-path-port 50000`),
  cli('init with data on an interface that is not there', `${INIT} --data-path-addr nosuch0`),
  cli(
    'init with subnets that are too small',
    `${INIT} --default-addr-pool 10.60.0.0/16 --default-addr-pool-mask-length 31`,
  ),
  cli(
    'init with subnets that are larger than their pool',
    `${INIT} --default-addr-pool 10.60.0.0/16 --default-addr-pool-mask-length 8`,
  ),
  cli(
    'init with pools that overlap',
    `${INIT} --default-addr-pool 10.60.0.0/16 --default-addr-pool 10.60.1.0/24`,
  ),
  cli('init with a pool of version 6', `${INIT} --default-addr-pool fd00::/64`),
  cli(
    'init with an authority of an unknown kind',
    `${INIT} --external-ca protocol=acme,url=https://127.0.0.1:1`,
  ),
  cli('init with an authority without an address', `${INIT} --external-ca protocol=cfssl`),
  cli('init with a negative history', `${INIT} --task-history-limit -7`),
  cli('init with an expiry that is no time', `${INIT} --cert-expiry soon`),
  cli('init with a heartbeat that is too fast', `${INIT} --dispatcher-heartbeat 1ns`),
  cli(
    'init on an address of somebody else',
    'docker swarm init --advertise-addr $N1 --listen-addr 192.0.2.7:2377',
  ),
  cli('no swarm came of it', "docker info --format '{{.Swarm.LocalNodeState}}'"),
  cli('leave what there is not', 'docker swarm leave --force'),
];

const TAKEN: readonly Call[] = [
  cli(
    'init with every flag',
    'docker swarm init --advertise-addr $N1:3377 --listen-addr $N1:3377 --data-path-addr $N1 --data-path-port 7777 --availability drain --default-addr-pool 10.60.0.0/16 --default-addr-pool-mask-length 26 --cert-expiry 48h --dispatcher-heartbeat 7s --max-snapshots 2 --snapshot-interval 500 --task-history-limit 2 --autolock',
  ),
  cli('the cluster of every flag', "docker info --format '{{json .Swarm.Cluster}}'"),
  // Up to the runtimes, which an engine lists in an order that it draws.
  cli(
    'the swarm block of info',
    "docker info 2>/dev/null | sed -n '/^ Swarm:/,/^ Runtimes/p' | grep -v '^ Runtimes'",
  ),
  cli(
    'node ls of a drained founder',
    "docker node ls --format '{{.Hostname}} {{.Availability}} {{.ManagerStatus}}'",
  ),
  cli(
    'the address of a founder',
    "docker node inspect self --format '{{.ManagerStatus.Addr}} {{.Status.Addr}}'",
  ),
  // An engine may still have the ingress network of the swarm that it left.
  cli('ingress from a pool', "docker network inspect ingress --format '{{json .IPAM.Config}}'", {
    until: /Subnet/,
  }),
  cli(
    'an overlay from a pool',
    "docker network create --driver overlay pooled >/dev/null; docker network inspect pooled --format '{{json .IPAM.Config}}'",
    {
      until: /10\.60/,
    },
  ),
  cli('a manager token', 'docker swarm join-token -q manager', {
    keep: { as: 'MANAGER', match: /SWMTKN\S+/ },
    prepares: true,
  }),
  cli(
    'join with every flag',
    'docker swarm join --token $MANAGER --advertise-addr $N2:4477 --listen-addr $N2:4477 --data-path-addr $N2 --availability pause $N1:3377',
    { on: 'n2' },
  ),
  cli(
    'the address of a joiner',
    "docker node inspect n2 --format '{{.ManagerStatus.Addr}} {{.Status.Addr}} {{.Spec.Availability}} {{.Spec.Role}}'",
  ),
  cli(
    'managers as a node knows them',
    "docker info --format '{{.Swarm.NodeAddr}} {{range .Swarm.RemoteManagers}}{{.Addr}} {{end}}' | tr ' ' '\\n' | sort",
    { on: 'n2', until: /3377[^]*4477/ },
  ),
  cli(
    'an authority elsewhere that nobody answers for',
    'docker swarm update --external-ca protocol=cfssl,url=https://127.0.0.1:1/sign',
  ),
  cli('authorities of the swarm', "docker info --format '{{json .Swarm.Cluster.Spec.CAConfig}}'"),
  cli(
    'a rotation to an authority of an unknown kind',
    'docker swarm ca --rotate --external-ca protocol=acme,url=https://127.0.0.1:1',
  ),
  cli('a rotation with a key alone', 'echo x > key.pem; docker swarm ca --rotate --ca-key key.pem'),
  cli(
    'a rotation to what is no certificate',
    'echo x > cert.pem; docker swarm ca --rotate --ca-cert cert.pem --ca-key key.pem',
  ),
  cli(
    'no authorities any more',
    "docker swarm update --external-ca '' ; docker info --format '{{json .Swarm.Cluster.Spec.CAConfig}}'",
  ),
];

const MOVED: readonly Call[] = [
  cli('demote who will move', 'docker node demote n2'),
  cli('who will move is a worker', "docker info --format '{{.Swarm.ControlAvailable}}'", {
    on: 'n2',
    until: /false/,
  }),
  cli('who will move leaves', 'docker swarm leave', { on: 'n2' }),
  cli('it has left', "docker node ls --format '{{.Hostname}} {{.Status}}' | sort", {
    until: /n2 Down/,
  }),
];

const ANEW: readonly Call[] = [
  cli('no key for what follows', 'docker swarm update --autolock=false'),
  cli(
    'a service of before',
    'docker service create --detach --no-resolve-image --name before --replicas 0 --label a=b swarmtwin/workload:v1 >/dev/null; docker service ls --format "{{.Name}} {{.Replicas}}"',
  ),
  cli(
    'begin anew by force',
    'docker swarm init --force-new-cluster --advertise-addr $N1:3377 --listen-addr $N1:3377 2>&1 | head -3',
  ),
  cli(
    'the other is no manager any more',
    "docker node ls --format '{{.Hostname}} {{.ManagerStatus}}' | sort",
    { until: /n1 Leader\nn2/ },
  ),
  cli(
    'what was there is there',
    'docker service ls --format "{{.Name}} {{.Replicas}}"; docker network ls --filter name=pooled --format "{{.Name}} {{.Scope}}"',
  ),
  cli(
    'the settings were kept',
    "docker info --format '{{json .Swarm.Cluster.Spec.Dispatcher}} {{json .Swarm.Cluster.DefaultAddrPool}} {{.Swarm.Cluster.DataPathPort}}'",
  ),
  cli(
    'remove by force who is no manager',
    'docker node rm --force $(docker node ls -q --filter name=n2)',
  ),
  cli(
    'begin anew where it is a worker',
    'docker swarm leave --force >/dev/null 2>&1; docker swarm init --force-new-cluster --advertise-addr $N2',
    { on: 'n2' },
  ),
  api('init with an empty body', 'POST', '/swarm/init', {}),
  cli(
    'the last leaves',
    'docker swarm leave --force; docker info --format "{{.Swarm.LocalNodeState}}"',
  ),
  cli('a swarm under lock', 'docker swarm init --advertise-addr $N1 --autolock', {
    prepares: true,
  }),
  cli(
    'begin anew by force under lock',
    'docker swarm init --force-new-cluster --advertise-addr $N1 2>&1 | head -1',
    {
      differs:
        'Swarm refuses, and knows nothing more of its swarm until dockerd is started again; the twin, which has the key, goes on',
    },
  ),
];

export const FLAGS: readonly Call[] = [...REFUSED, ...TAKEN, ...MOVED, ...ANEW];

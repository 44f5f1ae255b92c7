/** Three engines that are in no swarm: what they refuse, and how they become one. */
import { api, cli } from '../call.ts';
import type { Call } from '../call.ts';

export const BEFORE_A_SWARM: readonly Call[] = [
  cli(
    'info before a swarm',
    "docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}'",
  ),
  cli('node ls before a swarm', 'docker node ls'),
  cli('service ls before a swarm', 'docker service ls'),
  cli(
    'service create before a swarm',
    'docker service create --no-resolve-image --name web swarmtwin/workload:v1',
  ),
  cli('join-token before a swarm', 'docker swarm join-token worker'),
  cli('leave before a swarm', 'docker swarm leave'),
  cli('leave by force before a swarm', 'docker swarm leave --force'),
  cli('unlock before a swarm', 'echo SWMKEY-1-x | docker swarm unlock'),
  cli('secret ls before a swarm', 'docker secret ls'),
  cli('config ls before a swarm', 'docker config ls'),
  cli('stack ls before a swarm', 'docker stack ls'),
  cli('swarm update before a swarm', 'docker swarm update --task-history-limit 3'),
  api('GET /swarm before a swarm', 'GET', '/swarm'),
  api('GET /tasks before a swarm', 'GET', '/tasks'),
  api('GET /swarm/unlockkey before a swarm', 'GET', '/swarm/unlockkey'),
  cli('init with a malformed address', 'docker swarm init --advertise-addr nonsense:::'),
  cli('init with an interface that is not there', 'docker swarm init --advertise-addr nosuch0'),
  cli('init with a bad availability', 'docker swarm init --availability asleep'),
  cli(
    'init with a bad pool',
    'docker swarm init --advertise-addr $N1 --default-addr-pool 10.0.0.0',
  ),
  cli(
    'init with a certificate expiry that is too short',
    'docker swarm init --advertise-addr $N1 --cert-expiry 1m',
  ),
  cli('join with a malformed token', 'docker swarm join --token nonsense $N1:2377', { on: 'n2' }),
  api('init with a body that is no JSON', 'POST', '/swarm/init', '{"ListenAddr":'),
  api('init with an unknown listen address', 'POST', '/swarm/init', { ListenAddr: 'nonsense:::' }),
  cli('init', 'docker swarm init --advertise-addr $N1'),
  cli('init again', 'docker swarm init --advertise-addr $N1'),
  cli('join a swarm while in one', 'docker swarm join --token SWMTKN-1-x $N2:2377'),
  cli('the worker token', 'docker swarm join-token -q worker', {
    keep: { as: 'WORKER', match: /SWMTKN\S+/ },
  }),
  cli('the manager token', 'docker swarm join-token -q manager', {
    keep: { as: 'MANAGER', match: /SWMTKN\S+/ },
  }),
  cli('how to join as a worker', 'docker swarm join-token worker'),
  cli('a token for a role that there is not', 'docker swarm join-token boss'),
  cli(
    'join with a token of another swarm',
    'docker swarm join --token SWMTKN-1-3pu6hszjas19xyp7ghgosyx9k8atbfcr8p2is99znpy26u2lkl-7p73s1dx5in4tatdymyhg9hu2 $N1:2377',
    { on: 'n2' },
  ),
  cli('join as a manager', 'docker swarm join --token $MANAGER --advertise-addr $N2 $N1:2377', {
    on: 'n2',
  }),
  cli('join as a worker', 'docker swarm join --token $WORKER --advertise-addr $N3 $N1:2377', {
    on: 'n3',
  }),
];

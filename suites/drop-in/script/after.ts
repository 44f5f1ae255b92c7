/** The cluster's own settings, tokens and keys, and how nodes leave. */
import { api, cli } from '../call.ts';
import type { Call } from '../call.ts';

export const AFTER: readonly Call[] = [
  cli(
    'swarm update',
    'docker swarm update --task-history-limit 3 --cert-expiry 720h --dispatcher-heartbeat 6s --snapshot-interval 5000 --max-snapshots 1',
  ),
  cli('the settings of the swarm', "docker info --format '{{json .Swarm.Cluster.Spec}}'"),
  cli('swarm update without a change', 'docker swarm update'),
  cli('swarm update with a bad expiry', 'docker swarm update --cert-expiry 1m'),
  cli('swarm update with a bad heartbeat', 'docker swarm update --dispatcher-heartbeat -5s'),
  cli(
    'the settings go back',
    'docker swarm update --task-history-limit 5 --cert-expiry 2160h --dispatcher-heartbeat 5s --snapshot-interval 10000 --max-snapshots 0',
  ),
  api('update of the swarm without a version', 'POST', '/swarm/update', {}),
  api('update of the swarm with an old version', 'POST', '/swarm/update?version=1', {
    Name: 'default',
    Orchestration: {},
    Raft: {},
    Dispatcher: {},
    CAConfig: {},
    TaskDefaults: {},
    EncryptionConfig: {},
  }),
  api('update of the swarm on a worker', 'POST', '/swarm/update?version=1', {}, { on: 'n3' }),
  cli('rotate the worker token', 'docker swarm join-token --rotate -q worker', {
    keep: { as: 'NEWWORKER', match: /SWMTKN\S+/ },
  }),
  cli('the token is another', '[ "$WORKER" != "$NEWWORKER" ] && echo another'),
  cli('the unlock key without autolock', 'docker swarm unlock-key'),
  cli('unlock what is not locked', 'echo SWMKEY-1-x | docker swarm unlock'),
  cli('autolock on', 'docker swarm update --autolock'),
  cli('the unlock key', 'docker swarm unlock-key -q'),
  cli('rotate the unlock key', 'docker swarm unlock-key --rotate -q'),
  cli('autolock off', 'docker swarm update --autolock=false'),
  cli('the root certificate', 'docker swarm ca'),
  cli('rotate the root certificate', 'docker swarm ca --rotate --detach'),
  cli('the rotation ends', "docker node ls --format '{{.Hostname}} {{.TLSStatus}}' | sort", {
    until: /n1 Ready\nn2 Ready\nn3 Ready/,
  }),
  cli('leave as a manager', 'docker swarm leave', { on: 'n2' }),
  cli('leave as the leader', 'docker swarm leave'),
  cli('a worker leaves', 'docker swarm leave', { on: 'n3' }),
  cli('it is down', "docker node ls --format '{{.Hostname}} {{.Status}}' | sort", {
    until: /n3 Down/,
  }),
  cli('its info', "docker info --format '{{.Swarm.LocalNodeState}}'", { on: 'n3' }),
  cli('remove it', 'docker node rm n3'),
  cli(
    'join with the old token',
    'docker swarm join --token $WORKER --advertise-addr $N3 $N1:2377',
    { on: 'n3' },
  ),
  cli(
    'join with the new token',
    'docker swarm join --token $(docker -H tcp://$N1:2375 swarm join-token -q worker) --advertise-addr $N3 $N1:2377',
    { on: 'n3' },
  ),
  cli('it is ready', "docker node ls --format '{{.Hostname}} {{.Status}}' | sort", {
    until: /n3 Ready/,
  }),
  cli('it leaves again', 'docker swarm leave', { on: 'n3' }),
  cli('demote the other manager', 'docker node demote n2'),
  cli(
    'only one manager is left',
    'docker node ls --format "{{.Hostname}} {{.ManagerStatus}}-" | sort',
    { until: /n1 Leader-\nn2 -/ },
  ),
  cli('it knows', "docker info --format '{{.Swarm.ControlAvailable}}'", {
    on: 'n2',
    until: /false/,
  }),
  cli('demote the last manager', 'docker node demote n1', { until: /last manager/ }),
  cli('remove by force what is up', 'docker node rm --force n2'),
  cli('leave as the last manager', 'docker swarm leave'),
  cli('leave by force', 'docker swarm leave --force'),
  cli('no swarm is left', "docker info --format '{{.Swarm.LocalNodeState}}'"),
  cli('node ls after the end', 'docker node ls'),
];

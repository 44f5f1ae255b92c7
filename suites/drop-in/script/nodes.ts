/** Nodes: lists, filters, availability, labels, roles. */
import { api, cli } from '../call.ts';
import type { Call } from '../call.ts';

export const NODES: readonly Call[] = [
  cli(
    'all nodes are ready',
    'docker node ls --format "{{.Hostname}} {{.Status}} {{.ManagerStatus}}" | sort',
    { until: /n1 Ready Leader\nn2 Ready Reachable\nn3 Ready/ },
  ),
  cli('node ls', 'docker node ls'),
  cli('node ls -q', 'docker node ls -q'),
  cli('node ls by role', 'docker node ls --filter role=manager'),
  cli('node ls by name', 'docker node ls --filter name=n3'),
  cli('node ls by membership', 'docker node ls --filter membership=accepted'),
  cli('node ls by an unknown filter', 'docker node ls --filter colour=red'),
  cli('node ls on a worker', 'docker node ls', { on: 'n3' }),
  cli('service ls on a worker', 'docker service ls', { on: 'n3' }),
  cli('node inspect', 'docker node inspect n1'),
  cli('node inspect --pretty', 'docker node inspect --pretty n3'),
  cli(
    'node inspect self',
    "docker node inspect self --format '{{.Spec.Role}} {{.ManagerStatus.Reachability}}'",
  ),
  cli('node inspect of an unknown one', 'docker node inspect nobody'),
  cli('the id of n3', "docker node inspect n3 --format '{{.ID}}'", {
    keep: { as: 'NODE3', match: /\w+/ },
  }),
  api('GET /nodes', 'GET', '/nodes'),
  api('GET /nodes/ID', 'GET', '/nodes/${NODE3}'),
  api('GET /nodes/ID of none', 'GET', '/nodes/nobody'),
  api('update of a node without a version', 'POST', '/nodes/${NODE3}/update', {
    Role: 'worker',
    Availability: 'active',
  }),
  api('update of a node with an old version', 'POST', '/nodes/${NODE3}/update?version=1', {
    Role: 'worker',
    Availability: 'active',
  }),
  cli('label a node', 'docker node update --label-add disk=ssd --label-add zone=a n3'),
  cli('the labels of a node', "docker node inspect n3 --format '{{json .Spec}}'"),
  cli('take a label away', 'docker node update --label-rm zone n3'),
  cli('take away a label that is not there', 'docker node update --label-rm zone n3'),
  cli('an availability that there is not', 'docker node update --availability asleep n3'),
  cli('a role that there is not', 'docker node update --role boss n3'),
  cli('pause a node', 'docker node update --availability pause n3'),
  cli('node ls with a paused node', 'docker node ls'),
  cli('activate it again', 'docker node update --availability active n3'),
  cli('promote a worker', 'docker node promote n3'),
  cli(
    'the promoted one is reachable',
    'docker node ls --format "{{.Hostname}} {{.ManagerStatus}}" | sort',
    { until: /n3 Reachable/ },
  ),
  cli('promote a manager', 'docker node promote n3'),
  cli('demote it', 'docker node demote n3'),
  cli(
    'the demoted one is a worker',
    'docker node ls --format "{{.Hostname}} {{.ManagerStatus}}-" | sort',
    { until: /n3 -/ },
  ),
  cli('demote a worker', 'docker node demote n3'),
  cli('promote an unknown node', 'docker node promote nobody'),
  cli('remove a node that is up', 'docker node rm n3'),
  cli('remove an unknown node', 'docker node rm nobody'),
  cli('remove the leader', 'docker node rm n1'),
  cli('node ps of an empty node', 'docker node ps n3'),
  cli(
    'info of the swarm',
    "docker info --format '{{json .Swarm.Cluster.Spec}} {{.Swarm.Managers}} {{.Swarm.Nodes}} {{.Swarm.ControlAvailable}}'",
  ),
  cli(
    'info of the swarm on a worker',
    "docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}} {{len .Swarm.RemoteManagers}}'",
    { on: 'n3', until: /active false/ },
  ),
  api('GET /swarm', 'GET', '/swarm'),
  api('GET /swarm on a worker', 'GET', '/swarm', undefined, { on: 'n3', until: /Worker nodes/ }),
];

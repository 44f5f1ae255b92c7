/** Networks: what the swarm has, makes, shows and refuses. The data plane is not played. */
import { api, cli } from '../call.ts';
import type { Call } from '../call.ts';

/** Why lists of a node's own networks differ. */
const NO_DATA_PLANE =
  'the twin has no data plane yet: no node gets a docker_gwbridge, and a worker no ingress network';

export const NETWORKS: readonly Call[] = [
  cli('network ls', "docker network ls --format '{{.Name}} {{.Driver}} {{.Scope}}' | sort", {
    differs: NO_DATA_PLANE,
  }),
  cli(
    'network ls on a worker',
    "docker network ls --format '{{.Name}} {{.Driver}} {{.Scope}}' | sort",
    { on: 'n3', differs: NO_DATA_PLANE },
  ),
  cli(
    'inspect ingress',
    "docker network inspect ingress --format '{{.Name}} {{.Scope}} {{.Driver}} {{.Ingress}} {{.Attachable}} {{json .IPAM}} {{json .Options}}'",
  ),
  cli('create an overlay', 'docker network create --driver overlay --label tier=back front'),
  cli('create an overlay with a taken name', 'docker network create --driver overlay front'),
  cli(
    'create an overlay with all that can be said',
    'docker network create --driver overlay --attachable --internal --subnet 10.77.0.0/24 --gateway 10.77.0.1 --opt encrypted told',
  ),
  cli(
    'create an overlay with a subnet in use',
    'docker network create --driver overlay --subnet 10.77.0.0/24 again',
  ),
  cli(
    'create an overlay with a bad subnet',
    'docker network create --driver overlay --subnet nonsense bad',
  ),
  cli('create an overlay with a bad name', "docker network create --driver overlay 'not a name'"),
  cli('create with an unknown driver', 'docker network create --scope swarm --driver nosuch bad'),
  cli('create a second ingress', 'docker network create --driver overlay --ingress second'),
  cli(
    'network ls with overlays',
    "docker network ls --filter driver=overlay --format '{{.Name}} {{.Driver}} {{.Scope}}' | sort",
  ),
  cli('network ls by scope', "docker network ls --filter scope=swarm --format '{{.Name}}' | sort"),
  cli('network ls by label', "docker network ls --filter label=tier=back --format '{{.Name}}'"),
  cli(
    'inspect an overlay',
    "docker network inspect front --format '{{.Name}} {{.Scope}} {{.Driver}} {{.Internal}} {{.Attachable}} {{json .Labels}} {{json .IPAM}} {{json .Options}}'",
  ),
  cli(
    'inspect the one with all that can be said',
    "docker network inspect told --format '{{.Internal}} {{.Attachable}} {{json .IPAM}}'",
  ),
  cli('inspect of an unknown one', 'docker network inspect nobody'),
  api(
    'create an overlay on a worker',
    'POST',
    '/networks/create',
    { Name: 'fromworker', Driver: 'overlay' },
    { on: 'n3' },
  ),
  cli(
    'create a service on a network',
    'docker service create --detach --no-resolve-image --name netted --replicas 0 --network front --publish published=8088,target=80 swarmtwin/workload:v1',
  ),
  cli(
    'its networks and its endpoint',
    "docker service inspect netted --format '{{json .Endpoint.Ports}} {{len .Endpoint.VirtualIPs}} {{json .Endpoint.Spec}}'",
    { until: / 2 / },
  ),
  cli(
    'a port that is taken',
    'docker service create --detach --no-resolve-image --name second --replicas 0 --publish published=8088,target=80 swarmtwin/workload:v1',
  ),
  cli('rm of a network in use', 'docker network rm front'),
  cli('remove what is on the network', 'docker service rm netted'),
  cli('rm of networks', 'docker network rm front told', { until: /told/ }),
  cli('rm of ingress', 'printf n | docker network rm ingress'),
  cli('rm of an unknown one', 'docker network rm nobody'),
  cli(
    'a local network is as ever',
    'docker network create local1 >/dev/null && docker network inspect local1 --format "{{.Scope}} {{.Driver}}" && docker network rm local1',
  ),
];

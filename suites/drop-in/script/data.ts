/** Secrets and configs. */
import { api, cli } from '../call.ts';
import type { Call } from '../call.ts';
import { running } from './services.ts';

const both = (kind: 'secret' | 'config'): readonly Call[] => [
  cli(
    `create a ${kind} from a stream`,
    `printf hidden | docker ${kind} create --label tier=back first -`,
    { keep: { as: kind.toUpperCase(), match: /\w+/ } },
  ),
  cli(`create a ${kind} with a taken name`, `printf other | docker ${kind} create first -`),
  cli(`create a ${kind} with a bad name`, `printf other | docker ${kind} create 'not a name' -`),
  cli(`create an empty ${kind}`, `printf '' | docker ${kind} create empty -`),
  cli(
    `create a ${kind} that is too large`,
    `head -c 1100000 /dev/zero | docker ${kind} create large -`,
  ),
  cli(
    `create a templated ${kind}`,
    `printf '{{.Service.Name}} on {{.Node.Hostname}}' | docker ${kind} create --template-driver golang templated -`,
  ),
  cli(
    `create a ${kind} with an unknown template driver`,
    `printf x | docker ${kind} create --template-driver mustache odd -`,
  ),
  cli(`${kind} ls`, `docker ${kind} ls`),
  cli(`${kind} ls by name`, `docker ${kind} ls --filter name=fir --format '{{.Name}}'`),
  cli(`${kind} ls by label`, `docker ${kind} ls --filter label=tier=back --format '{{.Name}}'`),
  cli(`${kind} ls by an unknown filter`, `docker ${kind} ls --filter colour=red`),
  cli(`${kind} ls on the other manager`, `docker ${kind} ls --format '{{.Name}}'`, { on: 'n2' }),
  cli(`${kind} ls on a worker`, `docker ${kind} ls`, { on: 'n3' }),
  cli(`${kind} inspect`, `docker ${kind} inspect first`),
  cli(`${kind} inspect --pretty`, `docker ${kind} inspect --pretty first`),
  cli(`${kind} inspect of an unknown one`, `docker ${kind} inspect nobody`),
  api(`GET /${kind}s`, 'GET', `/${kind}s?filters=%7B%22name%22%3A%5B%22first%22%5D%7D`),
  api(`create a ${kind} without a name`, 'POST', `/${kind}s/create`, { Data: 'aGk=' }),
  api(`create a ${kind} without data`, 'POST', `/${kind}s/create`, { Name: 'nodata' }),
  api(`create a ${kind} with data that is no base64`, 'POST', `/${kind}s/create`, {
    Name: 'baddata',
    Data: '***',
  }),
  api(`update a ${kind} without a version`, 'POST', `/${kind}s/\${${kind.toUpperCase()}}/update`, {
    Name: 'first',
    Labels: { tier: 'front' },
  }),
  api(
    `update the data of a ${kind}`,
    'POST',
    `/${kind}s/\${${kind.toUpperCase()}}/update?version=1`,
    { Name: 'first', Data: 'aGk=' },
  ),
  cli(`rm of an unknown ${kind}`, `docker ${kind} rm nobody`),
];

export const DATA: readonly Call[] = [
  ...both('secret'),
  ...both('config'),
  cli(
    'create with secrets and configs',
    'docker service create --detach --no-resolve-image --name keeper --constraint node.hostname==n1 --secret first --secret source=templated,target=told,mode=0400 --config source=first,target=/etc/first.conf,mode=0440 --config source=templated,target=/etc/told.conf swarmtwin/workload:v1',
  ),
  running('keeper', 1),
  cli(
    'what the container sees',
    'c=$(docker ps -q --filter label=com.docker.swarm.service.name=keeper); for f in /run/secrets/first /run/secrets/told /etc/first.conf /etc/told.conf; do docker exec $c /bin/busybox cat $f; echo " $(docker exec $c /bin/busybox stat -c "%a %u:%g %n" $f)"; done',
  ),
  cli(
    'a secret lies in memory',
    'c=$(docker ps -q --filter label=com.docker.swarm.service.name=keeper); docker exec $c /bin/busybox grep /run/secrets /proc/mounts | cut -d" " -f1-3 | sort',
  ),
  cli(
    'a secret cannot be written to',
    'c=$(docker ps -q --filter label=com.docker.swarm.service.name=keeper); docker exec $c /bin/busybox sh -c "echo x > /run/secrets/first"',
  ),
  cli(
    'service inspect with secrets and configs',
    // The CLI sends them in an order that it draws.
    "docker service inspect keeper --format '{{with .Spec.TaskTemplate.ContainerSpec}}{{range .Secrets}}{{json .}}{{println}}{{end}}{{range .Configs}}{{json .}}{{println}}{{end}}{{end}}' | sort",
  ),
  cli('rm of a secret in use', 'docker secret rm first'),
  cli('rm of a config in use', 'docker config rm first'),
  cli(
    'take a secret away',
    'docker service update --detach --no-resolve-image --secret-rm first keeper',
  ),
  cli(
    'two secrets under one name',
    'docker service create --detach --no-resolve-image --name bad --secret source=first,target=x --secret source=templated,target=x swarmtwin/workload:v1',
  ),
  cli('remove the keeper', 'docker service rm keeper'),
  cli('rm of secrets', 'docker secret rm first templated'),
  cli('rm of configs', 'docker config rm first templated'),
];

/** Jobs, logs, events, stacks, and calls that have nothing to do with a swarm. */
import { api, cli } from '../call.ts';
import type { Call } from '../call.ts';

const JOB = 'docker service create --detach --no-resolve-image --restart-condition none';

const JOBS: readonly Call[] = [
  cli(
    'create a replicated job',
    `${JOB} --name job --mode replicated-job --replicas 2 --max-concurrent 1 --constraint node.hostname==n1 swarmtwin/workload:exit0-later`,
  ),
  cli(
    'the job completes',
    "docker service ls --filter name=job --format '{{.Mode}} {{.Replicas}}'",
    { until: /2\/2 completed/ },
  ),
  cli(
    'service inspect of a job',
    "docker service inspect job --format '{{json .Spec.Mode}} {{.JobStatus.JobIteration.Index}}'",
  ),
  cli('service ps of a job', "docker service ps job --format '{{.DesiredState}} {{.Image}}'"),
  cli('pretty inspect of a job', 'docker service inspect --pretty job'),
  cli(
    'create a global job',
    `${JOB} --name globaljob --mode global-job swarmtwin/workload:exit0-later`,
  ),
  cli(
    'the global job completes',
    "docker service ls --filter name=globaljob --format '{{.Mode}} {{.Replicas}}'",
    { until: /3\/3 completed/ },
  ),
  cli(
    'a job with an update config',
    `${JOB} --name bad --mode replicated-job --update-parallelism 1 swarmtwin/workload:v1`,
  ),
  cli(
    'a job that always restarts',
    'docker service create --detach --no-resolve-image --name bad --mode replicated-job --restart-condition any swarmtwin/workload:v1',
  ),
  cli('scale a job', 'docker service scale --detach job=3'),
  cli('roll back a job', 'docker service rollback --detach job'),
  cli('remove jobs', 'docker service rm job globaljob'),
];

const LOGS: readonly Call[] = [
  cli(
    'create what talks',
    "docker service create --detach --no-resolve-image --name talker --constraint node.hostname==n3 --entrypoint /bin/busybox swarmtwin/workload:v1 sh -c 'echo one; sleep 0.3; echo two >&2; sleep 0.3; echo three; exec sleep 1000'",
  ),
  cli('the talker runs', "docker service ps talker --format '{{.CurrentState}}'", {
    until: /Running/,
  }),
  cli('service logs', 'docker service logs talker', { until: /three/ }),
  cli('service logs --raw --tail', 'docker service logs --raw --tail 1 talker'),
  cli('service logs --timestamps', 'docker service logs --timestamps --tail 1 talker'),
  cli('service logs --details', 'docker service logs --details --tail 1 talker'),
  cli('service logs --no-task-ids', 'docker service logs --no-task-ids --tail 1 talker'),
  cli('service logs of an unknown one', 'docker service logs nobody'),
  cli('service logs on a worker', 'docker service logs talker', { on: 'n3' }),
  cli('task logs', 'docker service logs --raw $(docker service ps -q talker)'),
  api('logs of neither stream', 'GET', '/services/talker/logs'),
  cli('service logs on the other manager', 'docker service logs --raw talker', {
    on: 'n2',
    until: /three/,
  }),
  cli('service logs --since a day ago', 'docker service logs --raw --since 24h talker'),
  cli(
    'service logs --since what is to come',
    'docker service logs --raw --since $(date -u -d "+1 hour" +%Y-%m-%dT%H:%M:%SZ) talker',
  ),
  cli('service logs --tail 0', 'docker service logs --raw --tail 0 talker'),
  cli('service logs --tail of no number', 'docker service logs --raw --tail some talker'),
  cli(
    'service logs --follow',
    'timeout 3 docker service logs --raw --follow --tail 1 talker; echo "ended with $?"',
  ),
  cli(
    'create what keeps no logs',
    'docker service create --detach --no-resolve-image --name mute --log-driver none --constraint node.hostname==n1 swarmtwin/workload:v1',
  ),
  cli('the mute one runs', "docker service ps mute --format '{{.CurrentState}}'", {
    until: /Running/,
  }),
  cli('service logs of what keeps none', 'timeout 10 docker service logs --raw mute'),
  cli('remove the mute one', 'docker service rm mute'),
  cli('remove the talker', 'docker service rm talker'),
];

const STACK = `cat > stack.yml <<'END'
version: '3.8'
services:
  web:
    image: swarmtwin/workload:v1
    environment: [COLOUR=red]
    secrets: [word]
    configs: [{source: page, target: /page}]
    deploy:
      replicas: 2
      labels: {tier: front}
      placement: {constraints: [node.hostname == n1], max_replicas_per_node: 2}
      update_config: {parallelism: 2, delay: 1s, order: start-first, failure_action: rollback}
      rollback_config: {parallelism: 1}
      restart_policy: {condition: on-failure, delay: 1s, max_attempts: 2, window: 10s}
      resources: {limits: {cpus: '0.5', memory: 64M}, reservations: {memory: 8M}}
    networks: {hostnet: {}}
networks:
  hostnet: {external: true, name: host}
secrets:
  word: {file: ./word.txt}
configs:
  page: {file: ./page.txt}
END
printf secret > word.txt; printf page > page.txt`;

const STACKS: readonly Call[] = [
  cli('write a stack file', STACK, { prepares: true }),
  cli('stack deploy', 'docker stack deploy --resolve-image never -c stack.yml shop 2>&1 | sort'),
  cli('the stack runs', "docker stack services shop --format '{{.Name}} {{.Replicas}}'", {
    until: /shop_web 2\/2/,
  }),
  cli('stack ls', 'docker stack ls'),
  cli('stack services', 'docker stack services shop'),
  cli('stack ps', 'docker stack ps shop'),
  cli('the spec of a stack service', "docker service inspect shop_web --format '{{json .Spec}}'"),
  cli(
    'stack deploy again',
    'docker stack deploy --resolve-image never -c stack.yml shop 2>&1 | sort',
  ),
  cli('stack ps of an unknown one', 'docker stack ps nobody'),
  cli('stack services of an unknown one', 'docker stack services nobody'),
  cli('stack rm', 'docker stack rm shop'),
  cli('stack rm of an unknown one', 'docker stack rm nobody'),
  cli('nothing of it is left', 'docker stack ls; docker secret ls -q; docker config ls -q'),
];

/** Three services on networks of their own. What flows through these is not played, so how many run is not compared. */
const THREE = `cat > three.yml <<'END'
version: '3.8'
services:
  web:
    image: swarmtwin/workload:http
    ports: ['8090:8080']
    networks: [front]
    deploy: {replicas: 2, update_config: {parallelism: 1, delay: 2s}}
  api:
    image: swarmtwin/workload:v1
    networks: {front: {aliases: [backend]}, back: {}}
    environment: {DATABASE: db}
    depends_on: [db]
    deploy: {replicas: 2, placement: {preferences: [{spread: node.labels.zone}]}}
  db:
    image: swarmtwin/workload:v2
    networks: [back]
    volumes: ['data:/data']
    stop_grace_period: 1s
    deploy: {placement: {constraints: [node.role == worker]}}
networks:
  front: {}
  back: {driver: overlay, attachable: true, ipam: {config: [{subnet: 10.88.0.0/24}]}}
volumes:
  data: {}
END`;

const THREE_SERVICES: readonly Call[] = [
  cli('write a file of three services', THREE, { prepares: true }),
  cli('stack config', 'docker stack config -c three.yml'),
  cli(
    'deploy three services',
    'docker stack deploy --resolve-image never -c three.yml three 2>&1 | sort',
  ),
  cli('stack ls of three services', 'docker stack ls'),
  cli(
    'stack services of three',
    "docker stack services three --format '{{.Name}} {{.Mode}} {{.Image}} {{.Ports}}' | sort",
  ),
  cli(
    'stack services by name',
    "docker stack services --filter name=three_web --format '{{.Name}}' three",
  ),
  cli(
    'stack ps of three services',
    "docker stack ps three --filter desired-state=running --format '{{.Name}} {{.Image}} {{.DesiredState}}' | sort",
  ),
  cli(
    'the networks of three services',
    "docker network ls --filter label=com.docker.stack.namespace=three --format '{{.Name}} {{.Driver}} {{.Scope}}' | sort; docker network inspect three_back --format '{{json .IPAM.Config}} {{.Attachable}} {{json .Labels}}'",
  ),
  cli(
    'the networks of one of them',
    "docker service inspect three_api --format '{{range .Spec.TaskTemplate.Networks}}{{json .Aliases}}{{println}}{{end}}{{len .Endpoint.VirtualIPs}}' | sort",
    { until: /^2/ },
  ),
  cli(
    'the mounts of one of them',
    "docker service inspect three_db --format '{{json .Spec.TaskTemplate.ContainerSpec.Mounts}}'",
  ),
  cli('stack rm of three services', 'docker stack rm three 2>&1 | sort'),
  cli(
    'their networks are gone',
    'docker network ls -q --filter label=com.docker.stack.namespace=three | wc -l',
    { until: /^0/ },
  ),
];

const PLAIN: readonly Call[] = [
  cli(
    'docker run',
    'docker run --rm --network none --entrypoint /bin/busybox swarmtwin/workload:v1 echo hello',
  ),
  cli(
    'docker run fails',
    'docker run --rm --network none --entrypoint /bin/busybox swarmtwin/workload:v1 false',
  ),
  cli(
    'docker exec and a stream',
    'c=$(docker run -d --network none swarmtwin/workload:v1); echo through | docker exec -i $c /bin/busybox cat; docker rm -f $c >/dev/null',
  ),
  cli(
    'docker volume',
    'docker volume create v9 && docker volume inspect v9 --format "{{.Driver}} {{.Scope}}" && docker volume rm v9',
  ),
  cli('docker images', "docker images --format '{{.Repository}}:{{.Tag}}' | sort"),
  cli('docker inspect of none', 'docker inspect nobody'),
  cli(
    'docker cp',
    'c=$(docker create --network none swarmtwin/workload:v1); printf file > f.txt; docker cp f.txt $c:/f.txt; docker cp $c:/f.txt - | tar xO; docker rm $c >/dev/null',
  ),
  cli('docker system df', "docker system df --format '{{.Type}}'"),
  cli(
    'docker version',
    "docker version --format '{{.Server.Version}} {{.Server.APIVersion}} {{.Server.Os}}'",
  ),
  api('GET /_ping', 'GET', '/_ping'),
  api('a path that there is not', 'GET', '/nothing/here'),
  api('a version that is too old', 'GET', '/v1.2/services'),
  api('a version that is too new', 'GET', '/v9.9/services'),
  api('a method that there is not', 'PUT', '/services'),
  cli(
    'events of a service',
    'docker service create --detach --no-resolve-image --name evented --replicas 0 swarmtwin/workload:v1 >/dev/null; docker service update --detach --no-resolve-image --label-add a=b evented >/dev/null; docker service rm evented >/dev/null; sleep 1; docker events --since 24h --until 0s --filter scope=swarm --filter service=evented --format \'{{.Type}} {{.Action}} {{index .Actor.Attributes "name"}}\'',
  ),
  cli(
    'events of a node, a secret and a network',
    'docker node update --label-add seen=yes n1 >/dev/null; printf x | docker secret create evented - >/dev/null; docker secret rm evented >/dev/null; docker network create --driver overlay evented >/dev/null; docker network rm evented >/dev/null; sleep 1; docker events --since 24h --until 0s --filter scope=swarm --filter type=node --filter type=secret --filter type=network --format \'{{.Type}} {{.Action}} {{index .Actor.Attributes "name"}}\' | tail -5 | sort',
  ),
];

export const WORK: readonly Call[] = [...JOBS, ...LOGS, ...STACKS, ...THREE_SERVICES, ...PLAIN];

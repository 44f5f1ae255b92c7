/** Images that come from a registry: pinned by digest, pulled by nodes, with and without a password. Two registries run on n1, the second one closed. */
import { api, cli } from '../call.ts';
import type { Call } from '../call.ts';
import { running } from './services.ts';

const OPEN = '$N1:5000';
const CLOSED = '$N1:5001';
const CREATE = 'docker service create --detach --constraint node.hostname==n2';

/** Which image a service's spec names, and which one its newest task does. */
const imageOf = (service: string, when: string): Call =>
  cli(
    `the image of ${service} ${when}`,
    `docker service inspect ${service} --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}'; docker service ps ${service} --no-trunc --format '{{.Image}}' | head -1`,
  );

/** The reason in the newest task. */
const rejected = (service: string): Call =>
  cli(
    `why ${service} is rejected`,
    `docker service ps ${service} --no-trunc --format '{{.CurrentState}} {{.Error}}' | head -1`,
    { until: /Rejected/ },
  );

const runs = (service: string, when: string): Call =>
  cli(
    `${service} runs ${when}`,
    `docker service ps ${service} --filter desired-state=running --format '{{.CurrentState}}'`,
    { until: /^Running/ },
  );

const registry = (name: string, port: number, more: string): string =>
  `docker run --detach --name ${name} --network host --env REGISTRY_HTTP_ADDR=:${port} ${more} $REGISTRY`;

const READY: readonly Call[] = [
  cli('a swarm', 'docker swarm init --advertise-addr $N1', { prepares: true }),
  cli('its token', 'docker swarm join-token -q worker', {
    keep: { as: 'WORKER', match: /SWMTKN\S+/ },
    prepares: true,
  }),
  cli('a worker', 'docker swarm join --token $WORKER --advertise-addr $N2 $N1:2377', {
    on: 'n2',
    prepares: true,
  }),
  cli('a registry', registry('open', 5000, ''), { prepares: true }),
  cli(
    'a registry with a password',
    registry(
      'closed',
      5001,
      '--env REGISTRY_AUTH=htpasswd --env REGISTRY_AUTH_HTPASSWD_REALM=lab --env REGISTRY_AUTH_HTPASSWD_PATH=/etc/htpasswd',
    ),
    { prepares: true },
  ),
  cli(
    'an image is pushed',
    `docker tag swarmtwin/workload:v1 ${OPEN}/shop:1 && docker push -q ${OPEN}/shop:1`,
    { until: /shop:1/, prepares: true },
  ),
  cli(
    'login with a wrong password',
    `echo wrong | docker login -u swarm --password-stdin ${CLOSED}`,
  ),
  cli('login', `echo word | docker login -u swarm --password-stdin ${CLOSED} 2>/dev/null`, {
    until: /Succeeded/,
    prepares: true,
  }),
  cli(
    'an image is pushed with a password',
    `docker tag swarmtwin/workload:v1 ${CLOSED}/safe:1 && docker push -q ${CLOSED}/safe:1`,
    { until: /safe:1/, prepares: true },
  ),
  cli('the worker is ready', "docker node ls --format '{{.Hostname}} {{.Status}}' | sort", {
    until: /n1 Ready\nn2 Ready/,
    prepares: true,
  }),
];

const PINNED: readonly Call[] = [
  cli('create from a registry', `${CREATE} --name shop ${OPEN}/shop:1`),
  runs('shop', 'an image that its node had to pull'),
  imageOf('shop', 'after its creation'),
  cli('service ls of a pinned image', "docker service ls --format '{{.Name}} {{.Image}}'"),
  cli('service ps of a pinned image', "docker service ps shop --format '{{.Name}} {{.Image}}'"),
  cli('pretty inspect of a pinned image', 'docker service inspect --pretty shop'),
  cli('the container of a pinned image', "docker ps --format '{{.Image}}'", { on: 'n2' }),
  cli(
    'the images of the node',
    `docker images --digests --format '{{.Repository}} {{.Tag}} {{.Digest}}' | grep shop`,
    { on: 'n2' },
  ),
  cli(
    'the digest of the first',
    `docker service inspect shop --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}' | cut -d@ -f2`,
    {
      keep: { as: 'DIGEST', match: /sha256:\w+/ },
    },
  ),
  cli(
    'another image under the same tag',
    `docker tag swarmtwin/workload:v2 ${OPEN}/shop:1 && docker push -q ${OPEN}/shop:1`,
    { prepares: true },
  ),
  cli('an update without an image', 'docker service update --detach --env-add A=1 shop'),
  imageOf('shop', 'after an update without an image'),
  cli('an update to the same tag', `docker service update --detach --image ${OPEN}/shop:1 shop`),
  cli(
    'it is another digest',
    `docker service inspect shop --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}' | grep -q $DIGEST || echo another`,
  ),
  cli(
    'the update to the same tag completes',
    "docker service inspect shop --format '{{.UpdateStatus.State}}'",
    { until: /^completed/ },
  ),
  cli('an update to a digest', `docker service update --detach --image ${OPEN}/shop@$DIGEST shop`),
  imageOf('shop', 'after an update to a digest'),
  cli(
    'an update to a tag that there is not',
    `docker service update --detach --update-failure-action rollback --image ${OPEN}/shop:99 shop`,
  ),
  cli(
    'it goes back to the digest',
    "docker service inspect shop --format '{{.UpdateStatus.State}} {{.Spec.TaskTemplate.ContainerSpec.Image}}'",
    { until: /^rollback_completed/ },
  ),
  cli(
    'create without asking the registry',
    `${CREATE} --name unasked --no-resolve-image ${OPEN}/shop:1`,
  ),
  runs('unasked', 'what its tag stands for'),
  imageOf('unasked', 'after its creation'),
  cli('create with a digest and a tag', `${CREATE} --name both ${OPEN}/shop:1@$DIGEST`),
  runs('both', 'what its digest stands for'),
  api('GET /distribution', 'GET', '/distribution/${N1}:5000/shop:1/json'),
  cli('remove what was pinned', 'docker service rm shop unasked both'),
];

const NOWHERE: readonly Call[] = [
  cli(
    'create from a tag that there is not',
    `${CREATE} --name untagged --restart-condition none ${OPEN}/shop:99`,
  ),
  rejected('untagged'),
  cli(
    'create from a digest that there is not',
    `${CREATE} --name undigested --restart-condition none ${OPEN}/shop@sha256:0123456789012345678901234567890123456789012345678901234567890123`,
  ),
  rejected('undigested'),
  cli(
    'create from a registry that there is not',
    `${CREATE} --name unserved --restart-condition none $N1:5999/shop:1`,
  ),
  rejected('unserved'),
  cli(
    'create with an id that there is not',
    `${CREATE} --name unknown --no-resolve-image --restart-condition none sha256:0123456789012345678901234567890123456789012345678901234567890123`,
  ),
  rejected('unknown'),
  cli(
    'remove what is nowhere',
    'docker service rm untagged undigested unserved unknown; docker service ls -q',
  ),
];

const WITH_A_PASSWORD: readonly Call[] = [
  cli('create with the password', `${CREATE} --name safe --with-registry-auth ${CLOSED}/safe:1`),
  runs('safe', 'an image that its node pulled with the password'),
  imageOf('safe', 'after its creation'),
  cli('nobody is shown the password', "docker service inspect safe --format '{{json .Spec}}'"),
  cli(
    'the node forgets the image',
    `docker service scale --detach safe=0 && sleep 1; docker images -q ${CLOSED}/safe`,
  ),
  cli('it has gone', `docker ps -aq --filter label=com.docker.swarm.service.name=safe | wc -l`, {
    on: 'n2',
    until: /^0/,
  }),
  cli(
    'its image is removed',
    `docker rmi -f $(docker images -q ${CLOSED}/safe) >/dev/null; docker images -q ${CLOSED}/safe`,
    { on: 'n2' },
  ),
  cli('it comes back without a word of the password', 'docker service scale --detach safe=1'),
  running('safe', 1, ' again'),
  cli(
    'an update without the password keeps it',
    `docker service update --detach --no-resolve-image --env-add A=1 --force safe`,
  ),
  cli('that update completes', "docker service inspect safe --format '{{.UpdateStatus.State}}'", {
    until: /^completed/,
  }),
  cli(
    'create without the password',
    `docker logout ${CLOSED} >/dev/null; ${CREATE} --name shut --restart-condition none ${CLOSED}/safe:1 2>&1 | head -1; docker service ls --filter name=shut --format '{{.Image}}'`,
  ),
  cli('remove what had a password', 'docker service rm safe shut'),
  cli(
    'a tag that nodes do not have',
    `docker tag swarmtwin/workload:v2 ${CLOSED}/other:1; echo word | docker login -u swarm --password-stdin ${CLOSED} >/dev/null 2>&1; docker push -q ${CLOSED}/other:1 && docker logout ${CLOSED}`,
    { prepares: true },
  ),
  cli(
    'create without the password what its node has not',
    `${CREATE} --name locked --restart-condition none ${CLOSED}/other:1`,
  ),
  rejected('locked'),
  cli('remove what is locked', 'docker service rm locked'),
];

const STACKS: readonly Call[] = [
  cli(
    'login again',
    `echo word | docker login -u swarm --password-stdin ${CLOSED} >/dev/null 2>&1`,
    { prepares: true },
  ),
  cli(
    'write a stack file with images',
    `printf "version: '3.8'\\nservices:\\n  one:\\n    image: ${OPEN}/shop:1\\n    networks: {hostnet: {}}\\n  two:\\n    image: ${CLOSED}/safe:1\\n    networks: {hostnet: {}}\\n    deploy: {placement: {constraints: [node.hostname == n2]}}\\nnetworks:\\n  hostnet: {external: true, name: host}\\n" > pulled.yml`,
    { prepares: true },
  ),
  cli(
    'stack deploy with the password',
    'docker stack deploy --with-registry-auth -c pulled.yml pulled 2>&1 | sort',
  ),
  cli(
    'the stack of pulled images runs',
    "docker stack services pulled --format '{{.Name}} {{.Replicas}} {{.Image}}' | sort",
    {
      until: /one 1\/1[^]*two 1\/1/,
    },
  ),
  imageOf('pulled_one', 'of a stack'),
  cli(
    'stack deploy with images that changed',
    'docker stack deploy --resolve-image changed --with-registry-auth -c pulled.yml pulled 2>&1 | sort',
  ),
  imageOf('pulled_two', 'of a stack that was deployed again'),
  cli('stack rm of pulled images', 'docker stack rm pulled'),
];

/** Clients of before 2017 leave it to the daemon to ask the registry. */
const OLD_CLIENTS: readonly Call[] = [
  api('an old client creates', 'POST', '/v1.29/services/create', {
    Name: 'old',
    TaskTemplate: { ContainerSpec: { Image: '${N1}:5000/shop:1' } },
  }),
  imageOf('old', 'for an old client'),
  api('an old client creates from nowhere', 'POST', '/v1.29/services/create', {
    Name: 'oldnowhere',
    TaskTemplate: { ContainerSpec: { Image: '${N1}:5000/shop:99' } },
  }),
  imageOf('oldnowhere', 'for an old client'),
  cli('remove what is old', 'docker service rm old oldnowhere'),
];

export const IMAGES: readonly Call[] = [
  ...READY,
  ...PINNED,
  ...NOWHERE,
  ...WITH_A_PASSWORD,
  ...STACKS,
  ...OLD_CLIENTS,
];

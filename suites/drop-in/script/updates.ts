/** Updates and rollbacks of a running service. */
import { api, cli } from '../call.ts';
import type { Call } from '../call.ts';
import { running } from './services.ts';

const UPDATE = 'docker service update --detach --no-resolve-image';
const state = (title: string, wanted: RegExp, service = 'rolling'): Call =>
  cli(
    title,
    `docker service inspect ${service} --format '{{.UpdateStatus.State}}: {{.UpdateStatus.Message}}'`,
    { until: wanted },
  );

export const UPDATES: readonly Call[] = [
  cli(
    'create what is updated',
    'docker service create --detach --no-resolve-image --name rolling --replicas 2 --constraint node.hostname==n1 --update-monitor 1s --rollback-monitor 1s swarmtwin/workload:v1',
  ),
  running('rolling', 2),
  cli('rollback without a previous spec', 'docker service rollback --detach rolling'),
  cli('update the image', `${UPDATE} --image swarmtwin/workload:v2 rolling`),
  state('the update completes', /completed/),
  cli(
    'what it was before',
    "docker service inspect rolling --format '{{.PreviousSpec.TaskTemplate.ContainerSpec.Image}} {{.Spec.TaskTemplate.ContainerSpec.Image}}'",
  ),
  cli(
    'its tasks, old and new',
    "docker service ps rolling --format '{{.Name}} {{.Image}} {{.DesiredState}}' | sort",
  ),
  cli('its service inspect --pretty', 'docker service inspect --pretty rolling'),
  cli('rollback', 'docker service rollback --detach rolling'),
  state('the rollback completes', /rollback_completed/),
  cli(
    'what it is after',
    "docker service inspect rolling --format '{{json .PreviousSpec}} {{.Spec.TaskTemplate.ContainerSpec.Image}}'",
  ),
  cli('update by force', `${UPDATE} --force rolling`),
  state('the forced update completes', /^completed/),
  cli(
    'how often it was forced',
    "docker service inspect rolling --format '{{.Spec.TaskTemplate.ForceUpdate}}'",
  ),
  cli('update a label only', `${UPDATE} --label-add colour=red rolling`),
  cli(
    'its tasks stay with a new label',
    "docker service ps rolling --filter desired-state=running --format '{{.Name}} {{.DesiredState}}' | sort",
  ),
  cli(
    'update the environment',
    `${UPDATE} --env-add A=1 --env-add B=2 --update-parallelism 0 rolling`,
  ),
  state('the update of all at once completes', /^completed/),
  cli('take the environment away', `${UPDATE} --env-rm A rolling`),
  state('the update without it completes', /^completed/),
  cli(
    'its environment',
    "docker service inspect rolling --format '{{json .Spec.TaskTemplate.ContainerSpec.Env}}'",
  ),
  cli(
    'an update that fails',
    `${UPDATE} --image swarmtwin/workload:exit1 --update-failure-action pause rolling`,
  ),
  state('the failing update pauses', /^paused/),
  cli('an update of what is paused', `${UPDATE} --image swarmtwin/workload:v2 rolling`),
  state('the next update completes', /^completed/),
  cli(
    'an update that fails and goes back',
    `${UPDATE} --image swarmtwin/workload:exit1 --update-failure-action rollback rolling`,
  ),
  state('it went back by itself', /rollback_completed/),
  cli('update an unknown one', `${UPDATE} --force nobody`),
  cli('update with a bad constraint', `${UPDATE} --constraint-add 'node.colour==red' rolling`),
  cli('update with a bad image', `${UPDATE} --image 'UPPER:x y' rolling`),
  cli('update to another mode', `${UPDATE} --replicas 4 everywhere`),
  cli('the id of rolling', "docker service inspect rolling --format '{{.ID}}'", {
    keep: { as: 'ROLLING', match: /\w+/ },
  }),
  cli('the version of rolling', "docker service inspect rolling --format '{{.Version.Index}}'", {
    keep: { as: 'AT', match: /\d+/ },
    prepares: true,
  }),
  api('update without a version', 'POST', '/services/${ROLLING}/update', { Name: 'rolling' }),
  api('update with an old version', 'POST', '/services/${ROLLING}/update?version=1', {
    Name: 'rolling',
    TaskTemplate: { ContainerSpec: { Image: 'swarmtwin/workload:v1' } },
  }),
  api('update to another name', 'POST', '/services/${ROLLING}/update?version=${AT}', {
    Name: 'renamed',
    TaskTemplate: { ContainerSpec: { Image: 'swarmtwin/workload:v1' } },
    Mode: { Replicated: { Replicas: 2 } },
  }),
  api('update from replicated to global', 'POST', '/services/${ROLLING}/update?version=${AT}', {
    Name: 'rolling',
    TaskTemplate: { ContainerSpec: { Image: 'swarmtwin/workload:v1' } },
    Mode: { Global: {} },
  }),
  api(
    'update with an unknown rollback',
    'POST',
    '/services/${ROLLING}/update?version=${AT}&rollback=sometimes',
    { Name: 'rolling' },
  ),
  cli(
    'update the restart policy',
    `${UPDATE} --restart-condition none --restart-delay 1s --restart-max-attempts 2 rolling`,
  ),
  state('that is an update too', /^completed/),
  cli(
    'its restart policy',
    "docker service inspect rolling --format '{{json .Spec.TaskTemplate.RestartPolicy}}'",
  ),
  cli('remove what was updated', 'docker service rm rolling'),
];

import type { Scenario } from '../../src/model/scenario.ts';
import { START_S } from '../bounds.ts';

const SHOP = `
services:
  web:
    image: swarmtwin/workload:v1
    deploy:
      replicas: 2
      placement: { constraints: [node.role == worker] }
      restart_policy: { condition: on-failure, delay: 2s, max_attempts: 3 }
  agent:
    image: swarmtwin/workload:v2
    deploy: { mode: global }
  # Has the network made, and no task that needs it to carry anything.
  idle:
    image: swarmtwin/workload:v1
    networks: [back]
    deploy: { replicas: 0 }
networks:
  back:
`;

export const loggedMountedStacked: Scenario = {
  name: 'logged-mounted-stacked',
  suite: 'services',
  title:
    'The logs of tasks on three nodes are read, volumes and directories are mounted, and a stack is deployed, listed and removed as one',
  shape: { managers: 1, workers: 2 },
  seed: 'services/2',
  expectedS: 25,
  claims: ['S8', 'S10', 'S11'],
  steps: [
    {
      do: 'create',
      service: 'web',
      image: 'v1',
      replicas: 3,
      env: { TASK_NAME: '{{.Task.Name}}' },
    },
    {
      do: 'create',
      service: 'kept',
      image: 'v1',
      replicas: 1,
      mounts: [
        { type: 'volume', source: 'data', target: '/data' },
        { type: 'bind', source: '/etc', target: '/host', readOnly: true },
      ],
    },
    {
      do: 'create',
      service: 'astray',
      image: 'v1',
      replicas: 1,
      mounts: [{ type: 'bind', source: '/nowhere/to/be/found', target: '/host' }],
      restart: { condition: 'none' },
    },
    { do: 'deploy-stack', stack: 'shop', file: SHOP },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
    { do: 'wait', until: 'running', service: 'kept', withinS: START_S },
    { do: 'wait', until: 'ended', service: 'astray', count: 1, withinS: START_S },
    { do: 'hold', seconds: 1, why: 'what was written has reached the logs' },
    { do: 'read-logs', service: 'web' },
    { do: 'inspect-container', service: 'kept' },
    { do: 'wait', until: 'running', service: 'shop_web', withinS: START_S },
    { do: 'wait', until: 'running', service: 'shop_agent', withinS: START_S },
    { do: 'list', kind: 'services', stack: 'shop' },
    { do: 'list', kind: 'tasks', stack: 'shop' },
    { do: 'list', kind: 'networks', stack: 'shop' },
    { do: 'remove-stack', stack: 'shop' },
    { do: 'wait', until: 'removed', service: 'shop_web', withinS: START_S },
    { do: 'wait', until: 'removed', service: 'shop_agent', withinS: START_S },
    { do: 'wait', until: 'removed', service: 'shop_idle', withinS: START_S },
    { do: 'list', kind: 'services', stack: 'shop', label: 'list services of what was shop' },
    { do: 'list', kind: 'tasks', stack: 'shop', label: 'list tasks of what was shop' },
    { do: 'list', kind: 'networks', stack: 'shop', label: 'list networks of what was shop' },
  ],
};

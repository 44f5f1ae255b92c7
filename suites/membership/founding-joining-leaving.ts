import type { Scenario } from '../../src/model/scenario.ts';
import { DOWN_S, ROLE_S, START_S } from '../bounds.ts';

export const foundingJoiningLeaving: Scenario = {
  name: 'founding-joining-leaving',
  suite: 'membership',
  title:
    'A node founds a swarm, leaves it, joins another by token, leaves, is removed and joins again',
  shape: { managers: 1, workers: 1, spares: 1 },
  seed: 'membership/1',
  expectedS: 60,
  claims: ['M1', 'M2', 'M5', 'M6', 'M7', 'M9'],
  steps: [
    { do: 'swarm-info', node: 'n1', label: 'info of a manager' },
    { do: 'swarm-info', node: 'n2', label: 'info of a worker' },
    { do: 'list', kind: 'nodes', through: 'n2', label: 'list nodes on a worker' },
    { do: 'list', kind: 'services', through: 'n2', label: 'list services on a worker' },
    { do: 'inspect-swarm', through: 'n2', label: 'inspect the swarm on a worker' },
    { do: 'create', service: 'refused', image: 'v1', through: 'n2', label: 'create on a worker' },
    {
      ...{ do: 'create', service: 'east', image: 'v1', replicas: 2 },
      constraints: ['node.labels.zone==east'],
    },
    { do: 'wait', until: 'pending', service: 'east', count: 2, withinS: START_S },
    { do: 'label-node', node: 'n2', labels: { zone: 'east' } },
    { do: 'wait', until: 'running', service: 'east', withinS: START_S },
    {
      ...{ do: 'create', service: 'elsewhere', image: 'v1', replicas: 2 },
      constraints: ['node.labels.zone!=east'],
    },
    { do: 'wait', until: 'running', service: 'elsewhere', withinS: START_S },

    { do: 'init', node: 'n3' },
    { do: 'swarm-info', node: 'n3', label: 'info of a founder' },
    { do: 'inspect-node', node: 'n3', label: 'a founder inspects itself' },
    { do: 'inspect-swarm', through: 'n3', label: 'inspect a new swarm' },
    { do: 'leave', node: 'n3', label: 'the last manager leaves' },
    { do: 'leave', node: 'n3', force: true, label: 'the last manager leaves by force' },

    { do: 'inspect-swarm', as: 'first' },
    { do: 'rotate-token', role: 'worker' },
    { do: 'inspect-swarm', as: 'second', label: 'inspect the swarm again' },
    {
      ...{ do: 'join-with', node: 'n3', tokens: 'first', role: 'worker', through: 'n1' },
      label: 'join by the token from before',
    },
    {
      ...{ do: 'join-with', node: 'n3', tokens: 'second', role: 'worker', through: 'n1' },
      label: "join by the worker's token",
    },
    { do: 'wait', until: 'node-state', node: 'n3', state: 'ready', withinS: START_S },
    { do: 'remove-node', node: 'n3', label: 'remove a node that is up' },
    { do: 'leave', node: 'n3', label: 'a worker leaves' },
    { do: 'wait', until: 'node-state', node: 'n3', state: 'down', withinS: DOWN_S },
    { do: 'hold', seconds: 2, why: 'a node that left stays listed' },
    { do: 'remove-node', node: 'n3', label: 'remove a node that is down' },
    { do: 'wait', until: 'unlisted', node: 'n3', withinS: START_S },
    {
      ...{ do: 'join-with', node: 'n3', tokens: 'second', role: 'manager', through: 'n1' },
      label: "join by the manager's token",
    },
    { do: 'wait', until: 'role', node: 'n3', role: 'manager', withinS: ROLE_S },
    { do: 'leave', node: 'n3', label: 'one of two managers leaves' },
    { do: 'set-role', node: 'n3', role: 'worker' },
    { do: 'wait', until: 'role', node: 'n3', role: 'worker', withinS: ROLE_S },
    { do: 'wait', until: 'healthy', withinS: START_S },
  ],
};

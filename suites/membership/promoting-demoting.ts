import type { Scenario } from '../../src/model/scenario.ts';
import { ROLE_S, START_S } from '../bounds.ts';

export const promotingDemoting: Scenario = {
  name: 'promoting-demoting',
  suite: 'membership',
  title: 'The leader is demoted, the last manager is not, a worker is promoted',
  shape: { managers: 2, workers: 1 },
  seed: 'membership/2',
  expectedS: 45,
  claims: ['M3', 'M4'],
  steps: [
    { do: 'name', as: 'chief', node: 'leader' },
    { do: 'name', as: 'second', node: 'follower' },
    { do: 'create', service: 'web', image: 'v1', global: true },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
    { do: 'set-role', node: '@chief', role: 'worker', label: 'demote the leader' },
    { do: 'wait', until: 'role', node: '@chief', role: 'worker', withinS: ROLE_S },
    { do: 'wait', until: 'healthy', withinS: START_S },
    {
      ...{ do: 'set-role', node: '@second', role: 'worker', through: '@second' },
      label: 'demote the last manager',
    },
    { do: 'set-role', node: 'n3', role: 'manager', through: '@second', label: 'promote a worker' },
    { do: 'wait', until: 'role', node: 'n3', role: 'manager', withinS: ROLE_S },
    { do: 'hold', seconds: 3, why: 'the tasks of all three nodes run on' },
    { do: 'wait', until: 'healthy', withinS: START_S },
  ],
};

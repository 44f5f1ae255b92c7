import type { Scenario } from '../../src/model/scenario.ts';
import { NO_LEADER_S, REELECT_S, START_S } from '../bounds.ts';

export const twoManagersFollowerStops: Scenario = {
  name: 'two-managers-follower-stops',
  suite: 'quorum-loss',
  title:
    'Two managers, the follower stops: the leader steps down and answers as if it were the one that lost',
  shape: { managers: 2, workers: 0 },
  seed: 'quorum-loss/2',
  expectedS: 70,
  claims: ['Q2', 'Q5'],
  steps: [
    { do: 'create', service: 'web', image: 'v1', replicas: 2 },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
    { do: 'name', as: 'survivor', node: 'leader' },
    { do: 'inject', as: 'lost', fault: { kind: 'stop', node: 'follower' } },
    { do: 'wait', until: 'no-leader', node: '@survivor', withinS: NO_LEADER_S },
    { do: 'list', kind: 'nodes', through: '@survivor', label: 'list nodes without a leader' },
    { do: 'list', kind: 'services', through: '@survivor', label: 'list services without a leader' },
    {
      do: 'create',
      service: 'extra',
      image: 'v1',
      replicas: 1,
      through: '@survivor',
      label: 'create a service without a leader',
    },
    {
      do: 'update',
      service: 'web',
      replicas: 4,
      through: '@survivor',
      label: 'scale without a leader',
    },
    { do: 'heal', fault: 'lost' },
    { do: 'wait', until: 'leader', withinS: REELECT_S },
    { do: 'wait', until: 'healthy', withinS: REELECT_S },
    { do: 'wait', until: 'settled', service: 'web', withinS: START_S },
    { do: 'update', service: 'web', replicas: 3, label: 'scale after' },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
  ],
};

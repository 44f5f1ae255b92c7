import type { Scenario } from '../../src/model/scenario.ts';
import { ELECTION_S, LEADER_REFILL_S, RETURN_S, START_S } from '../bounds.ts';

export const threeManagersLeaderStops: Scenario = {
  name: 'three-managers-leader-stops',
  suite: 'quorum-loss',
  title:
    'Three managers, the leader is stopped gracefully: another leads, and every manager answers for the swarm',
  shape: { managers: 3, workers: 0 },
  seed: 'quorum-loss/3',
  expectedS: 80,
  claims: ['Q7', 'Q11', 'R1', 'R3'],
  steps: [
    { do: 'create', service: 'web', image: 'v1', replicas: 3 },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
    { do: 'name', as: 'survivor', node: 'follower' },
    { do: 'name', as: 'other', node: 'follower-2' },
    { do: 'inject', as: 'lost', fault: { kind: 'stop', node: 'leader' } },
    {
      do: 'list',
      kind: 'nodes',
      through: '@lost',
      label: 'list nodes on the stopped node',
      deadlineS: 5,
    },
    { do: 'wait', until: 'leader', withinS: ELECTION_S },
    { do: 'list', kind: 'nodes', through: '@survivor', label: 'list nodes on another manager' },
    { do: 'list', kind: 'nodes', through: '@other', label: 'list nodes on the third manager' },
    {
      do: 'create',
      service: 'during',
      image: 'v1',
      replicas: 1,
      through: '@survivor',
      label: 'create a service on another manager',
    },
    { do: 'wait', until: 'node-state', node: '@lost', state: 'down', withinS: LEADER_REFILL_S },
    { do: 'wait', until: 'running', service: 'web', withinS: LEADER_REFILL_S },
    { do: 'wait', until: 'running', service: 'during', withinS: START_S },
    { do: 'heal', fault: 'lost' },
    { do: 'wait', until: 'healthy', withinS: RETURN_S },
    { do: 'wait', until: 'settled', service: 'web', withinS: RETURN_S },
  ],
};

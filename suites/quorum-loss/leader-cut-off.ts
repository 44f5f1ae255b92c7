import type { Scenario } from '../../src/model/scenario.ts';
import { ELECTION_S, LEADER_REFILL_S, NO_LEADER_S, REELECT_S, START_S } from '../bounds.ts';

export const leaderCutOff: Scenario = {
  name: 'leader-cut-off',
  suite: 'quorum-loss',
  title:
    'Three managers, the leader is cut off but alive: the majority goes on, the cut-off one falls silent and comes back as a follower',
  shape: { managers: 3, workers: 0 },
  seed: 'quorum-loss/4',
  expectedS: 105,
  claims: ['Q8', 'R5'],
  steps: [
    { do: 'create', service: 'web', image: 'v1', replicas: 3 },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
    { do: 'name', as: 'majority', node: 'follower' },
    {
      do: 'inject',
      as: 'cut',
      fault: { kind: 'partition', groups: [['rest'], ['leader']], plane: 'control' },
    },
    { do: 'wait', until: 'leader', withinS: ELECTION_S },
    {
      do: 'create',
      service: 'during',
      image: 'v1',
      replicas: 1,
      through: '@majority',
      label: 'create a service in the majority',
    },
    { do: 'wait', until: 'no-leader', node: '@cut', withinS: NO_LEADER_S },
    { do: 'list', kind: 'nodes', through: '@cut', label: 'list nodes on the cut-off leader' },
    {
      do: 'create',
      service: 'lonely',
      image: 'v1',
      replicas: 1,
      through: '@cut',
      label: 'create a service on the cut-off leader',
    },
    { do: 'list', kind: 'services', through: '@majority', label: 'list services in the majority' },
    { do: 'wait', until: 'running', service: 'web', withinS: LEADER_REFILL_S },
    { do: 'containers', node: '@cut', label: 'list containers on the cut-off node' },
    { do: 'hold', seconds: 2, why: 'both run' },
    { do: 'heal', fault: 'cut' },
    { do: 'wait', until: 'node-state', node: '@cut', state: 'ready', withinS: REELECT_S },
    { do: 'wait', until: 'healthy', withinS: REELECT_S },
    { do: 'wait', until: 'settled', service: 'web', withinS: START_S },
    { do: 'wait', until: 'settled', service: 'during', withinS: START_S },
    {
      do: 'list',
      kind: 'services',
      through: '@cut',
      label: 'list services on the returned leader',
    },
  ],
};

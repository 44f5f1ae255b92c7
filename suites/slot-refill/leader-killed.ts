import type { Scenario } from '../../src/model/scenario.ts';
import { ELECTION_S, LEADER_REFILL_S, RETURN_S, START_S } from '../bounds.ts';

export const leaderKilled: Scenario = {
  name: 'leader-killed',
  suite: 'slot-refill',
  title:
    'Three managers, the leader is killed: its slots are filled on live nodes, and its stale tasks are put right when it returns',
  shape: { managers: 3, workers: 0 },
  seed: 'slot-refill/1',
  expectedS: 80,
  claims: ['R1', 'R2', 'R3', 'R7', 'Q7', 'N1'],
  steps: [
    { do: 'create', service: 'web', image: 'v1', replicas: 6 },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
    { do: 'inject', as: 'lost', fault: { kind: 'kill', node: 'leader' } },
    { do: 'wait', until: 'leader', withinS: ELECTION_S },
    { do: 'list', kind: 'nodes', label: 'list nodes after the election' },
    { do: 'wait', until: 'running', service: 'web', withinS: LEADER_REFILL_S },
    { do: 'hold', seconds: 2, why: 'the stale tasks must keep reading Running' },
    { do: 'heal', fault: 'lost' },
    { do: 'wait', until: 'healthy', withinS: RETURN_S },
    { do: 'wait', until: 'settled', service: 'web', withinS: RETURN_S },
    { do: 'hold', seconds: 10, why: 'nothing may move back' },
  ],
};

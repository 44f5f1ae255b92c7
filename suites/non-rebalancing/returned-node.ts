import type { Scenario } from '../../src/model/scenario.ts';
import { REFILL_S, RETURN_S, START_S } from '../bounds.ts';

const UPDATE_S = 60;

export const returnedNode: Scenario = {
  name: 'returned-node',
  suite: 'non-rebalancing',
  title: 'A worker that comes back gets nothing by itself, but its share of everything new',
  shape: { managers: 1, workers: 2 },
  seed: 'non-rebalancing/1',
  expectedS: 80,
  claims: ['N1', 'N3', 'N4', 'N5'],
  steps: [
    { do: 'create', service: 'web', image: 'v1', replicas: 3 },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
    { do: 'create', service: 'scaled', image: 'v1', replicas: 3 },
    { do: 'wait', until: 'running', service: 'scaled', withinS: START_S },
    { do: 'create', service: 'forced', image: 'v1', replicas: 3 },
    { do: 'wait', until: 'running', service: 'forced', withinS: START_S },
    { do: 'inject', as: 'lost', fault: { kind: 'stop', node: 'worker' } },
    { do: 'wait', until: 'node-state', node: '@lost', state: 'down', withinS: REFILL_S },
    { do: 'wait', until: 'running', service: 'web', withinS: REFILL_S },
    { do: 'wait', until: 'running', service: 'scaled', withinS: REFILL_S },
    { do: 'wait', until: 'running', service: 'forced', withinS: REFILL_S },
    { do: 'heal', fault: 'lost' },
    { do: 'wait', until: 'healthy', withinS: RETURN_S },
    { do: 'wait', until: 'settled', service: 'web', withinS: RETURN_S },
    { do: 'hold', seconds: 15, why: 'nothing may move to the returned node' },
    { do: 'update', service: 'web', replicas: 4, label: 'scale web from 3 to 4' },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
    { do: 'create', service: 'fresh', image: 'v1', replicas: 3 },
    { do: 'wait', until: 'running', service: 'fresh', withinS: START_S },
    { do: 'update', service: 'scaled', replicas: 1, label: 'scale scaled from 3 to 1' },
    { do: 'wait', until: 'running', service: 'scaled', withinS: START_S },
    { do: 'update', service: 'scaled', replicas: 3, label: 'scale scaled from 1 to 3' },
    { do: 'wait', until: 'running', service: 'scaled', withinS: START_S },
    { do: 'update', service: 'forced', force: true, label: 'force forced' },
    { do: 'wait', until: 'update-state', service: 'forced', state: 'completed', withinS: UPDATE_S },
    { do: 'wait', until: 'settled', service: 'forced', withinS: START_S },
  ],
};

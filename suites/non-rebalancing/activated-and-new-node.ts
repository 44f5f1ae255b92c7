import type { Scenario } from '../../src/model/scenario.ts';
import { RETURN_S, START_S } from '../bounds.ts';

export const activatedAndNewNode: Scenario = {
  name: 'activated-and-new-node',
  suite: 'non-rebalancing',
  title:
    'A drained node made active again and a node that joins get nothing but the tasks of global services',
  shape: { managers: 1, workers: 1, spares: 1 },
  seed: 'non-rebalancing/2',
  expectedS: 45,
  claims: ['N2', 'N6'],
  steps: [
    { do: 'create', service: 'web', image: 'v1', replicas: 4 },
    { do: 'create', service: 'agent', image: 'v1', global: true },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
    { do: 'wait', until: 'running', service: 'agent', withinS: START_S },
    { do: 'set-node', node: 'worker', availability: 'drain', label: 'drain the worker' },
    { do: 'wait', until: 'settled', service: 'web', withinS: START_S },
    { do: 'set-node', node: 'worker', availability: 'active', label: 'activate the worker' },
    { do: 'wait', until: 'running', service: 'agent', withinS: START_S },
    { do: 'hold', seconds: 12, why: 'nothing may move to the activated node' },
    { do: 'mark', name: 'a node joins' },
    { do: 'join', node: 'n3', role: 'worker' },
    { do: 'wait', until: 'node-state', node: 'n3', state: 'ready', withinS: RETURN_S },
    { do: 'wait', until: 'running', service: 'agent', withinS: START_S },
    { do: 'hold', seconds: 10, why: 'nothing replicated may move to the new node' },
  ],
};

import type { Scenario } from '../../src/model/scenario.ts';
import { START_S } from '../bounds.ts';

export const portsOfNodes: Scenario = {
  name: 'ports-of-nodes',
  suite: 'membership',
  title: 'Where managers and workers listen, by the tables of their own kernel',
  shape: { managers: 2, workers: 1 },
  seed: 'membership/3',
  expectedS: 20,
  claims: ['M8'],
  steps: [
    { do: 'create', service: 'web', image: 'v1', replicas: 3 },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
    { do: 'look-at-ports', node: 'n1' },
    { do: 'look-at-ports', node: 'n2' },
    { do: 'look-at-ports', node: 'n3' },
  ],
};

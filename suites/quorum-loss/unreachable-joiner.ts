import type { Scenario } from '../../src/model/scenario.ts';
import { DOWN_S, START_S } from '../bounds.ts';

/** Nothing listens there, on whichever node it is dialled. */
const NOWHERE = '127.0.0.1:2399';

export const unreachableJoiner: Scenario = {
  name: 'unreachable-joiner',
  suite: 'quorum-loss',
  title:
    'A manager joins that cannot be reached at the address it gives: it is refused, and the swarm goes on as before',
  shape: { managers: 1, workers: 0, spares: 1 },
  seed: 'quorum-loss/7',
  expectedS: 30,
  claims: ['Q10'],
  steps: [
    { do: 'create', service: 'web', image: 'v1', replicas: 2 },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
    { do: 'inspect-swarm', as: 'tokens' },
    { do: 'join-with', node: 'n2', tokens: 'tokens', role: 'manager', advertise: NOWHERE },
    {
      do: 'create',
      service: 'after',
      image: 'v1',
      replicas: 2,
      constraints: ['node.hostname==n1'],
    },
    { do: 'wait', until: 'running', service: 'after', withinS: START_S },
    // It got a certificate, and its agent may have been heard of.
    { do: 'wait', until: 'node-state', node: 'n2', state: 'down', withinS: DOWN_S },
    { do: 'list', kind: 'nodes' },
  ],
};

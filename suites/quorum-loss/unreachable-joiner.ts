import type { Scenario } from '../../src/model/scenario.ts';
import { START_S } from '../bounds.ts';

/** Nothing listens there, on whichever node it is dialled. */
const NOWHERE = '127.0.0.1:2399';

export const unreachableJoiner: Scenario = {
  name: 'unreachable-joiner',
  suite: 'quorum-loss',
  title:
    'A manager joins that cannot be reached at the address it gives: it is refused, and the swarm goes on as before',
  shape: { managers: 1, workers: 0, spares: 1 },
  seed: 'quorum-loss/7',
  expectedS: 26,
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
    { do: 'hold', seconds: 20, why: 'a leader without its quorum would step down by now' },
    { do: 'list', kind: 'nodes' },
  ],
};

import type { Scenario } from '../../src/model/scenario.ts';
import { REFILL_S, RESTART_S, RETURN_S, START_S } from '../bounds.ts';

/** `web` never runs on n3 and `shop` never on n2, so that each loss concerns one of them and chance decides nothing. */
export const workerLostAndCutOff: Scenario = {
  name: 'worker-lost-and-cut-off',
  suite: 'slot-refill',
  title:
    "Containers die behind the swarm's back, a worker is cut off, another is killed: every slot is filled again",
  shape: { managers: 1, workers: 2 },
  seed: 'slot-refill/2',
  expectedS: 75,
  claims: ['R1', 'R2', 'R3', 'R4', 'R5', 'R7'],
  steps: [
    {
      do: 'create',
      service: 'web',
      image: 'v1',
      replicas: 4,
      constraints: ['node.hostname!=n3'],
    },
    {
      do: 'create',
      service: 'shop',
      image: 'v1',
      replicas: 4,
      constraints: ['node.hostname!=n2'],
    },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
    { do: 'wait', until: 'running', service: 'shop', withinS: START_S },
    {
      do: 'inject',
      as: 'killed-container',
      fault: { kind: 'kill-container', service: 'web', on: 'n2' },
    },
    {
      do: 'inject',
      as: 'removed-container',
      fault: { kind: 'remove-container', service: 'shop', on: 'n3' },
    },
    { do: 'hold', seconds: 1, why: 'the agents notice' },
    { do: 'wait', until: 'running', service: 'web', withinS: RESTART_S },
    { do: 'wait', until: 'running', service: 'shop', withinS: RESTART_S },
    {
      do: 'inject',
      as: 'cut',
      fault: { kind: 'partition', groups: [['rest'], ['n2']], plane: 'control' },
    },
    { do: 'wait', until: 'node-state', node: '@cut', state: 'down', withinS: REFILL_S },
    { do: 'wait', until: 'running', service: 'web', withinS: REFILL_S },
    { do: 'containers', node: '@cut', label: 'list containers on the cut-off worker' },
    { do: 'hold', seconds: 2, why: 'both run' },
    { do: 'heal', fault: 'cut' },
    { do: 'wait', until: 'healthy', withinS: RETURN_S },
    { do: 'wait', until: 'settled', service: 'web', withinS: RETURN_S },
    { do: 'inject', as: 'lost', fault: { kind: 'kill', node: 'n3' } },
    { do: 'wait', until: 'node-state', node: '@lost', state: 'down', withinS: REFILL_S },
    { do: 'wait', until: 'running', service: 'shop', withinS: REFILL_S },
    { do: 'hold', seconds: 2, why: 'the stale tasks must keep reading Running' },
    { do: 'heal', fault: 'lost' },
    { do: 'wait', until: 'healthy', withinS: RETURN_S },
    { do: 'wait', until: 'settled', service: 'shop', withinS: RETURN_S },
  ],
};

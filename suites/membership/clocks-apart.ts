import type { Scenario } from '../../src/model/scenario.ts';
import { DOWN_S, ELECTION_S, LEADER_REFILL_S, REELECT_S, REFILL_S, START_S } from '../bounds.ts';

const MINUTE_MS = 60_000;

/** All are ahead: what a node writes in a time to come is told from what it wrote when it was seen, what it writes in the past is not. */
export const clocksApart: Scenario = {
  name: 'clocks-apart',
  suite: 'membership',
  title: 'Clocks differ by minutes while services are placed, a worker dies, and then the leader',
  shape: { managers: 3, workers: 1 },
  seed: 'membership/4',
  expectedS: 100,
  claims: ['M10'],
  steps: [
    // What the worker loses goes to a node that stays, so that no slot is lost twice by chance.
    {
      ...{ do: 'create', service: 'web', image: 'v1', replicas: 3 },
      constraints: ['node.role==manager'],
    },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
    { do: 'name', as: 'chief', node: 'leader' },
    {
      ...{ do: 'inject', as: 'ahead' },
      fault: { kind: 'skew-clock', node: 'follower', offsetMs: 5 * MINUTE_MS },
    },
    {
      ...{ do: 'inject', as: 'farther' },
      fault: { kind: 'skew-clock', node: 'follower-2', offsetMs: 10 * MINUTE_MS },
    },
    {
      ...{ do: 'inject', as: 'farthest' },
      fault: { kind: 'skew-clock', node: 'n4', offsetMs: 15 * MINUTE_MS },
    },
    {
      ...{ do: 'create', service: 'right', image: 'v1', replicas: 3 },
      constraints: ['node.hostname!=n1'],
    },
    { do: 'wait', until: 'running', service: 'right', withinS: START_S },

    { do: 'inject', as: 'worker', fault: { kind: 'kill', node: 'n4' } },
    { do: 'wait', until: 'node-state', node: 'n4', state: 'down', withinS: DOWN_S },
    { do: 'wait', until: 'running', service: 'web', withinS: REFILL_S },
    { do: 'wait', until: 'running', service: 'right', withinS: REFILL_S },

    { do: 'inject', as: 'lost', fault: { kind: 'kill', node: '@chief' } },
    { do: 'wait', until: 'leader', withinS: ELECTION_S },
    { do: 'create', service: 'off', image: 'v1', replicas: 2 },
    { do: 'wait', until: 'running', service: 'off', withinS: START_S },
    { do: 'wait', until: 'node-state', node: '@lost', state: 'down', withinS: LEADER_REFILL_S },
    { do: 'wait', until: 'running', service: 'web', withinS: LEADER_REFILL_S },
    { do: 'wait', until: 'running', service: 'right', withinS: LEADER_REFILL_S },
    { do: 'list', kind: 'nodes' },

    { do: 'heal', fault: 'lost' },
    { do: 'heal', fault: 'worker' },
    { do: 'wait', until: 'healthy', withinS: REELECT_S },
    { do: 'heal', fault: 'ahead' },
    { do: 'heal', fault: 'farther' },
    { do: 'heal', fault: 'farthest' },
    { do: 'hold', seconds: 3, why: 'clocks that are set right move no task' },
    { do: 'wait', until: 'healthy', withinS: START_S },
  ],
};

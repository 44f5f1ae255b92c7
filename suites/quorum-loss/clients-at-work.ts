import type { Scenario } from '../../src/model/scenario.ts';
import { ELECTION_S, NO_LEADER_S, REELECT_S } from '../bounds.ts';

export const clientsAtWork: Scenario = {
  name: 'clients-at-work',
  suite: 'quorum-loss',
  title:
    'Six clients write and read on three managers while the leader is cut off, comes back as a follower, and is killed: no write is lost, and only a deposed leader tells old news',
  shape: { managers: 3, workers: 0 },
  seed: 'quorum-loss/6',
  expectedS: 75,
  claims: ['L1', 'L2'],
  steps: [
    { do: 'start-clients', clients: 6, everyS: 0.4 },
    { do: 'hold', seconds: 5, why: 'all is well' },
    {
      do: 'inject',
      as: 'cut',
      fault: { kind: 'partition', groups: [['rest'], ['leader']], plane: 'control' },
    },
    { do: 'wait', until: 'leader', withinS: ELECTION_S },
    { do: 'wait', until: 'no-leader', node: '@cut', withinS: NO_LEADER_S },
    { do: 'heal', fault: 'cut' },
    { do: 'wait', until: 'healthy', withinS: REELECT_S },
    // Not the leader again: which of the two that is, is chance, and the histories of the nodes are compared by name.
    { do: 'inject', as: 'killed', fault: { kind: 'kill', node: '@cut' } },
    {
      do: 'hold',
      seconds: 3,
      why: 'two of three go on, and what the dead one has handed on is done or not',
    },
    { do: 'heal', fault: 'killed' },
    { do: 'wait', until: 'healthy', withinS: REELECT_S },
    { do: 'hold', seconds: 3, why: 'all is well again' },
    { do: 'stop-clients' },
  ],
};

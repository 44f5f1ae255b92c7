import type { Scenario, Step } from '../../src/model/scenario.ts';
import { START_S } from '../bounds.ts';

const UPDATES = 6;

/** One forced update and its new task running; the next one ends the watching of this one. */
const forced = (round: number): readonly Step[] => [
  { do: 'update', service: 'web', force: true, label: `force web, round ${round}` },
  { do: 'wait', until: 'renewed', service: 'web', withinS: START_S },
  { do: 'wait', until: 'settled', service: 'web', withinS: START_S },
];

export const taskHistory: Scenario = {
  name: 'task-history',
  suite: 'rollback',
  title: 'Old tasks stay in the history up to the limit; a lower limit bites at the next clean-up',
  shape: { managers: 1, workers: 0 },
  seed: 'rollback/3',
  expectedS: 40,
  claims: ['U8'],
  steps: [
    { do: 'create', service: 'web', image: 'v1', replicas: 1 },
    { do: 'wait', until: 'running', service: 'web', withinS: START_S },
    ...Array.from({ length: UPDATES }, (_, index) => forced(index + 1)).flat(),
    { do: 'hold', seconds: 2, why: 'the clean-up runs a quarter of a second after a new task' },
    { do: 'mark', name: 'limit 5 reached' },
    { do: 'set-swarm', taskHistoryLimit: 2, label: 'lower the limit to 2' },
    { do: 'hold', seconds: 4, why: 'a lower limit alone removes nothing' },
    { do: 'mark', name: 'limit lowered' },
    ...forced(UPDATES + 1),
    { do: 'hold', seconds: 2, why: 'the clean-up runs a quarter of a second after a new task' },
    { do: 'mark', name: 'limit 2 reached' },
  ],
};

import type { Scenario } from '../../src/model/scenario.ts';
import { START_S } from '../bounds.ts';

/** Each service's task ends by itself, with what its policy makes of that. */
export const restartPolicies: Scenario = {
  name: 'restart-policies',
  suite: 'slot-refill',
  title:
    'Tasks end by themselves under each restart policy: conditions, delays, attempts and windows decide whether and when they are replaced',
  shape: { managers: 1, workers: 1 },
  seed: 'slot-refill/3',
  expectedS: 35,
  claims: ['R6'],
  steps: [
    {
      do: 'create',
      service: 'never',
      image: 'exit1',
      restart: { condition: 'none' },
    },
    {
      do: 'create',
      service: 'contented',
      image: 'exit0-later',
      env: { EXIT_AFTER_S: '2' },
      restart: { condition: 'on-failure', delayS: 1 },
    },
    {
      do: 'create',
      service: 'twice',
      image: 'exit1',
      restart: { condition: 'on-failure', delayS: 2, maxAttempts: 2 },
    },
    {
      do: 'create',
      service: 'once',
      image: 'exit0-later',
      env: { EXIT_AFTER_S: '2' },
      restart: { condition: 'any', delayS: 3, maxAttempts: 1, windowS: 600 },
    },
    // Each run takes longer than the window, so no restart is ever counted.
    {
      do: 'create',
      service: 'always',
      image: 'exit0-later',
      env: { EXIT_AFTER_S: '3' },
      restart: { condition: 'any', delayS: 1, maxAttempts: 1, windowS: 1 },
    },
    { do: 'wait', until: 'ended', service: 'never', count: 1, withinS: START_S },
    { do: 'wait', until: 'ended', service: 'contented', count: 1, withinS: START_S },
    { do: 'wait', until: 'ended', service: 'twice', count: 3, withinS: 2 * START_S },
    { do: 'wait', until: 'ended', service: 'once', count: 2, withinS: 2 * START_S },
    { do: 'hold', seconds: 9, why: 'no further task may come, but of one service' },
    // How many there were by now is a matter of seconds.
    { do: 'update', service: 'always', replicas: 0, label: 'scale always to 0' },
    { do: 'hold', seconds: 3, why: 'the last one ends' },
  ],
};

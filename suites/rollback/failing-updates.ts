import type { Scenario } from '../../src/model/scenario.ts';
import { START_S } from '../bounds.ts';

const UPDATE_S = 60;

/** Longer than the scenario: a failed task's replacement waits, so that nothing but the update changes a slot. */
const restart = { delayS: 120 };
/** Without a pause between slots the next one is begun in the moment in which the failure of the last is noticed. */
const delayS = 5;

export const failingUpdates: Scenario = {
  name: 'failing-updates',
  suite: 'rollback',
  title: 'Updates that fail pause, go on or roll back, by their action, ratio and monitor period',
  shape: { managers: 1, workers: 2 },
  seed: 'rollback/2',
  expectedS: 60,
  claims: ['U4', 'U5'],
  steps: [
    { do: 'create', service: 'pausing', image: 'v1', replicas: 2, restart, update: { delayS } },
    {
      do: 'create',
      service: 'going-on',
      image: 'v1',
      replicas: 2,
      restart,
      update: { failureAction: 'continue', parallelism: 2 },
    },
    {
      do: 'create',
      service: 'going-back',
      image: 'v1',
      replicas: 2,
      // Restart and rollback race for the failed slot; without restarts only the rollback fills it.
      restart: { condition: 'none' },
      update: { failureAction: 'rollback', delayS },
    },
    {
      do: 'create',
      service: 'half-allowed',
      image: 'v1',
      replicas: 3,
      restart,
      update: { maxFailureRatio: 0.4, delayS },
    },
    {
      do: 'create',
      service: 'short-watch',
      image: 'v1',
      replicas: 1,
      restart,
      update: { monitorS: 2 },
    },
    {
      do: 'create',
      service: 'long-watch',
      image: 'v1',
      replicas: 1,
      restart,
      update: { monitorS: 15 },
    },
    { do: 'wait', until: 'running', service: 'pausing', withinS: START_S },
    { do: 'wait', until: 'running', service: 'going-on', withinS: START_S },
    { do: 'wait', until: 'running', service: 'going-back', withinS: START_S },
    { do: 'wait', until: 'running', service: 'half-allowed', withinS: START_S },
    { do: 'wait', until: 'running', service: 'short-watch', withinS: START_S },
    { do: 'wait', until: 'running', service: 'long-watch', withinS: START_S },
    { do: 'update', service: 'pausing', image: 'exit1' },
    { do: 'update', service: 'going-on', image: 'exit1' },
    { do: 'update', service: 'going-back', image: 'exit1' },
    { do: 'update', service: 'half-allowed', image: 'exit1' },
    { do: 'update', service: 'short-watch', image: 'exit0-later', env: { EXIT_AFTER_S: '7' } },
    { do: 'update', service: 'long-watch', image: 'exit0-later', env: { EXIT_AFTER_S: '7' } },
    { do: 'wait', until: 'update-state', service: 'pausing', state: 'paused', withinS: UPDATE_S },
    {
      do: 'wait',
      until: 'update-state',
      service: 'going-back',
      state: 'rollback_completed',
      withinS: UPDATE_S,
    },
    {
      do: 'wait',
      until: 'update-state',
      service: 'half-allowed',
      state: 'paused',
      withinS: UPDATE_S,
    },
    {
      do: 'wait',
      until: 'update-state',
      service: 'short-watch',
      state: 'completed',
      withinS: UPDATE_S,
    },
    {
      do: 'wait',
      until: 'update-state',
      service: 'long-watch',
      state: 'paused',
      withinS: UPDATE_S,
    },
    {
      do: 'wait',
      until: 'update-state',
      service: 'going-on',
      state: 'completed',
      withinS: UPDATE_S,
    },
    { do: 'wait', until: 'settled', service: 'going-back', withinS: START_S },
    { do: 'rollback', service: 'pausing', label: 'roll pausing back' },
    {
      do: 'wait',
      until: 'update-state',
      service: 'pausing',
      state: 'rollback_completed',
      withinS: UPDATE_S,
    },
    { do: 'wait', until: 'settled', service: 'pausing', withinS: START_S },
  ],
};

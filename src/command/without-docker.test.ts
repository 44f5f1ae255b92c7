import { describe, expect, test } from '@jest/globals';
import { SwarmtwinError } from '../model/errors.ts';
import type { Scenario } from '../model/scenario.ts';
import { SCENARIOS } from '../../suites/scenarios.ts';
import { firstLines, missingEngine, referenceText, whyNotPredicted } from './without-docker.ts';

const [scenario] = SCENARIOS as readonly [Scenario];

describe('without Docker', () => {
  test('the first line says that it is a prediction and proves nothing, the next what is missing', () => {
    const missing = new SwarmtwinError('no-engine', 'no dockerd', 'Install it.');
    const [first, second] = firstLines(missing);
    expect(first).toMatch(/prediction.*nothing was proved on Docker.*no Docker engine/);
    expect(second).toBe('no dockerd. Install it.');
  });

  test('every scenario of the suites is predicted', () => {
    const open = SCENARIOS.map((each) => whyNotPredicted(each, ['26.1'])).filter(Boolean);
    expect(open).toEqual([]);
  });

  test('what is not recorded, or not as it is now, is left out with the reason', () => {
    const { steps } = scenario;
    expect(whyNotPredicted({ ...scenario, name: 'mine' }, ['26.1'])).toContain('never recorded');
    expect(whyNotPredicted({ ...scenario, steps: steps.slice(1) }, ['26.1'])).toContain(
      'other steps',
    );
  });

  test('an engine that DOCKER_HOST names and that does not answer is a mistake, not a reason to predict', async () => {
    const before = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = 'unix:///nowhere/docker.sock';
    try {
      await expect(missingEngine()).rejects.toMatchObject({ code: 'no-engine' });
    } finally {
      if (before === undefined) delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = before;
    }
  });
});

test('a comparison with recorded histories says of which engines, kernels and days they are', () => {
  expect(referenceText(['20.10', '26.1'], [scenario])).toMatch(
    /^recorded: 20\.10\.\S+, 26\.1\.\S+ on kernel \S+ \(\d+ cores\), \d{4}-\d\d-\d\d/,
  );
});

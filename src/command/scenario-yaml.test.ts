import { expect, test } from '@jest/globals';
import { parseScenario } from '../scenario/parse.ts';
import { drawPlan } from '../simulator/explore/draw.ts';
import { scenarioOf } from '../simulator/explore/scenario-of.ts';
import { scenarioYaml } from './scenario-yaml.ts';

test('what is written of any drawn plan can be read as a scenario, and is the same scenario', () => {
  for (let run = 1; run <= 200; run += 1) {
    const plan = drawPlan(`written-${run}`);
    const written = scenarioOf(plan, 'shrunk', `Run ${plan.seed}`);
    const { scenario } = parseScenario(scenarioYaml(written), `${plan.seed}.yaml`);
    expect(scenario).toEqual(written.scenario);
  }
});

test('what a scenario has no words for is said in the file', () => {
  const plan = { ...drawPlan('left-out'), faults: [] };
  const faults = [{ kind: 'disk-rot', node: 'm1', what: 'log', atMs: 5000, forMs: 1000 }] as const;
  const text = scenarioYaml(scenarioOf({ ...plan, faults }, 'shrunk', 'x'));
  expect(text).toContain('# - disk-rot at 5 s for 1 s');
});

test('the rest of a leader is its followers and the workers', () => {
  const plan = drawPlan('cut', { managers: [3, 3], workers: [1, 1] });
  const links = [{ from: 'leader', to: 'rest' }];
  const faults = [{ kind: 'cut', shape: 'one-way', links, atMs: 5000, forMs: 1000 }] as const;
  const { scenario } = scenarioOf({ ...plan, operations: [], faults }, 'cut', 'x');
  expect(scenario.steps.find((step) => step.do === 'inject')).toMatchObject({
    fault: {
      links: [
        { from: 'leader', to: 'follower-1' },
        { from: 'leader', to: 'follower-2' },
        { from: 'leader', to: 'n4' },
      ],
    },
  });
});

/** What fidelity does without Docker: drawing, predicting, judging the recorded histories. */
import { describe, expect, test } from '@jest/globals';
import { judgeFidelity } from '../checker/fidelity.ts';
import { parseScenario } from '../scenario/parse.ts';
import { drawScenario } from '../simulator/fidelity/draw-scenario.ts';
import { drawsOf } from './fidelity-sources.ts';
import { fidelity } from './fidelity.ts';
import { scenarioYaml } from './scenario-yaml.ts';

test('every drawn scenario is a file that swarmtwin run takes, and the same scenario again', () => {
  for (let n = 0; n < 200; n += 1) {
    const scenario = drawScenario(`t-${n}`, `drawn-${n}`);
    const yaml = scenarioYaml({ scenario, leftOut: [] });
    expect(parseScenario(yaml, 'drawn.yaml').scenario).toEqual(scenario);
  }
});

describe('predictions', () => {
  const scenario = drawScenario('t-3', 'drawn-3');

  test('of a seed are the same byte for byte, and other draws are others', async () => {
    const [first, second] = await drawsOf(scenario, 2);
    const [again] = await drawsOf(scenario, 1);
    expect(JSON.stringify(again)).toBe(JSON.stringify(first));
    expect(JSON.stringify(second)).not.toBe(JSON.stringify(first));
  });

  test('are right where real Swarm does the very same', async () => {
    const [real = []] = await drawsOf(scenario, 1);
    const run = judgeFidelity(scenario, real, [real]);
    expect(run.doubt).toBe('');
    expect(run.aspects.filter(({ right }) => !right)).toEqual([]);
  });
});

test('drawn outages are played to their end', async () => {
  for (let n = 0; n < 12; n += 1) {
    const [records = []] = await drawsOf(drawScenario(`end-${n}`, `drawn-${n}`), 1);
    expect(records.at(-1)).toMatchObject({ type: 'end', outcome: 'complete' });
  }
});

describe('arguments that make no sense are refused with what to write', () => {
  test.each([
    [['--runs', '0'], '--runs 0 is no number that can be played'],
    [['--draws', 'many'], '--draws many is no number that can be played'],
    [['--engine', '19'], 'there is no engine 19'],
    [['--seed', 'a b'], 'a b is no seed'],
    [['--recorded', '--runs', '3'], '--recorded and --from bring their own scenarios'],
  ])('%j', async (args, message) => {
    await expect(fidelity(args)).rejects.toMatchObject({ code: 'bad-usage', message });
  });

  test('a folder without histories', async () => {
    const refused = fidelity(['--from', 'reports/no-such-run']);
    await expect(refused).rejects.toMatchObject({ code: 'bad-history' });
  });
});

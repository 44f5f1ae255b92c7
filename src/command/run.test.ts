import { describe, expect, test } from '@jest/globals';
import type { Scenario, Step } from '../model/scenario.ts';
import { SCENARIOS } from '../../suites/scenarios.ts';
import { collapsedOf } from './play.ts';
import { enginesOf, subjectsOf } from './run.ts';
import { refuseUnsimulated } from './unsimulated-steps.ts';

describe('the subjects of a run', () => {
  test('are taken in the order given: the first is what the others are compared with', () => {
    expect(subjectsOf('twin,sim')).toEqual(['twin', 'sim']);
    expect(subjectsOf('swarm,twin,sim')).toEqual(['swarm', 'twin', 'sim']);
  });

  test('name the mixed swarms, of which those are not played that another one is', () => {
    const all = subjectsOf('swarm,twin,twin-managers,twin-agents');
    const [scenario] = SCENARIOS;
    const shaped = (workers: number, spares: number): Scenario => ({
      ...scenario!,
      shape: { managers: 3, workers, spares },
    });
    expect(collapsedOf(shaped(0, 0), all)).toEqual(['twin-managers', 'twin-agents']);
    expect(collapsedOf(shaped(0, 0), ['swarm', 'twin-managers'])).toEqual([]);
    expect(collapsedOf(shaped(1, 0), all)).toEqual([]);
    expect(collapsedOf(shaped(0, 1), all)).toEqual([]);
  });

  test.each([
    ['swarm,dockerd', 'there is no subject dockerd'],
    ['twin,twin', 'the subject twin is named twice'],
    ['', 'there is no subject '],
  ])('%j is refused', (text, message) => {
    expect(() => subjectsOf(text)).toThrow(expect.objectContaining({ code: 'bad-usage', message }));
  });
});

describe('the engines of a run', () => {
  test('are played the oldest first, each once', () => {
    expect(enginesOf('28.5,20.10,26.1,28.5')).toEqual(['20.10', '26.1', '28.5']);
    expect(enginesOf('26.1')).toEqual(['26.1']);
  });

  test.each(['19.03', '26.1,', '26.1 28.5'])('%j is refused', (text) => {
    expect(() => enginesOf(text)).toThrow(expect.objectContaining({ code: 'bad-usage' }));
  });
});

describe('a scenario that is to be simulated', () => {
  const scenario = (...steps: readonly Step[]): Scenario => ({
    ...{ name: 'made', suite: 'drain', title: '', seed: '', expectedS: 1, claims: [], steps },
    shape: { managers: 1, workers: 1 },
  });
  const hold: Step = { do: 'hold', seconds: 1, why: '' };
  const starve: Step = {
    ...{ do: 'inject', as: 'slow' },
    fault: { kind: 'starve-cpu', node: 'n2', share: 0.1 },
  };
  const narrow: Step = {
    ...{ do: 'inject', as: 'narrow' },
    fault: {
      ...{ kind: 'links', links: [{ from: 'n1', to: 'n2' }], plane: 'control' },
      toxic: { kind: 'bandwidth', kilobytesPerSecond: 1 },
    },
  };

  test('is refused with every step that cannot, and why', () => {
    expect(() => {
      refuseUnsimulated(scenario(hold, starve, narrow));
    }).toThrow(
      expect.objectContaining({
        code: 'bad-scenario',
        message: [
          "drain/made, step 2: 'inject slow: starve-cpu n2' cannot be simulated: a starved processor on n2: a simulated machine computes in no time; only its disk, its clock, its links and its engine can be slow",
          "drain/made, step 3: 'inject narrow: bandwidth on n1 to n2' cannot be simulated: a bandwidth on a link: the simulated network carries messages, not bytes",
        ].join('\n'),
      }),
    );
  });

  test('is let through with faults that a simulation has', () => {
    const kill: Step = { do: 'inject', as: 'lost', fault: { kind: 'kill', node: 'n1' } };
    expect(() => {
      refuseUnsimulated(scenario(hold, kill));
    }).not.toThrow();
  });
});

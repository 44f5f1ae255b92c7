import { expect, test } from '@jest/globals';
import type { Scenario } from '../model/scenario.ts';
import { capacityOf, playAll } from './pack.ts';

const scenario = (name: string, managers: number, expectedS: number): Scenario => ({
  ...{ name, suite: 'drain', title: name, seed: name, steps: [], claims: [] },
  ...{ shape: { managers, workers: 0 }, expectedS },
});

/** Plays on a clock of its own: each scenario takes its expected seconds. */
async function packed(
  scenarios: readonly Scenario[],
  nodes: number,
): Promise<{ readonly begun: readonly string[]; readonly most: number; readonly endS: number }> {
  const begun: string[] = [];
  const running: { readonly ends: number; readonly nodes: number; readonly done: () => void }[] =
    [];
  let [nowS, most] = [0, 0];
  const play = (each: Scenario): Promise<string> =>
    new Promise((resolve) => {
      begun.push(each.name);
      const done = (): void => {
        resolve(each.name);
      };
      running.push({ ends: nowS + each.expectedS, nodes: each.shape.managers * 2, done });
      most = Math.max(
        most,
        running.reduce((sum, one) => sum + one.nodes, 0),
      );
    });
  const all = playAll(scenarios, 2, { nodes }, play);
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
  await settle();
  while (running.length > 0) {
    running.sort((a, b) => a.ends - b.ends);
    const first = running.shift();
    nowS = first?.ends ?? nowS;
    first?.done();
    await settle();
  }
  expect(await all).toEqual(scenarios.map((each) => each.name));
  return { begun, most, endS: nowS };
}

test('the longest begin first, and never more nodes run than the machine carries', async () => {
  const scenarios = [scenario('short', 1, 10), scenario('long', 3, 100), scenario('mid', 2, 50)];
  const { begun, most, endS } = await packed(scenarios, 10);
  expect(begun).toEqual(['long', 'mid', 'short']);
  expect(most).toBeLessThanOrEqual(10);
  expect(endS).toBe(100);
});

test('a scenario that is larger than the machine runs alone', async () => {
  const { most } = await packed([scenario('huge', 7, 10), scenario('small', 1, 5)], 6);
  expect(most).toBe(14);
});

test('a play that fails lets the others end, then is reported', async () => {
  const ended: string[] = [];
  const play = async (each: Scenario): Promise<void> => {
    await Promise.resolve();
    if (each.name === 'bad') throw new Error('broken');
    ended.push(each.name);
  };
  const all = playAll([scenario('bad', 1, 10), scenario('good', 1, 5)], 1, { nodes: 1 }, play);
  await expect(all).rejects.toThrow('broken');
  expect(ended).toEqual(['good']);
});

test('capacity goes by cores and by free memory', () => {
  const gib = 1024 ** 3;
  expect(capacityOf(2, 24 * gib).nodes).toBe(22);
  expect(capacityOf(2, 2 * gib).nodes).toBe(9);
  expect(capacityOf(1, 0).nodes).toBe(4);
});

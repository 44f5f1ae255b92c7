import { describe, expect, test } from '@jest/globals';
import { SUBJECTS } from '../model/history.ts';
import type { NodeRef, Scenario, Step } from '../model/scenario.ts';
import { notPlayedOn, unplayableOn } from './unplayable.ts';

const scenario = (...steps: readonly Step[]): Scenario => ({
  ...{ name: 'made', suite: 'membership', title: '', seed: '', expectedS: 1, claims: [], steps },
  shape: { managers: 2, workers: 1, spares: 1 },
});
const role = (node: NodeRef, wanted: 'worker' | 'manager'): Step => ({
  ...{ do: 'set-role', node, role: wanted },
});
const MIXED = ['twin-managers', 'twin-agents'];

describe('a scenario that makes a worker a manager', () => {
  test.each<[string, readonly Step[]]>([
    ['by its name', [role('n3', 'manager')]],
    ['as whichever worker it is', [role('worker', 'manager')]],
    ['by a name that it was given', [{ do: 'name', as: 'it', node: 'n3' }, role('@it', 'manager')]],
    ['as a spare that joins', [{ do: 'join', node: 'n4', role: 'manager' }]],
    ['as a spare with a token', [{ do: 'join-with', node: 'n4', tokens: 't', role: 'manager' }]],
  ])('%s is not played on mixed swarms, and says which step it is and why', (_, steps) => {
    const notPlayed = notPlayedOn(scenario(...steps), SUBJECTS);
    expect(Object.keys(notPlayed)).toEqual(MIXED);
    expect(notPlayed['twin-agents']).toMatch(
      /'.*': a twin cannot be a manager beside real ones, since neither can read the raft log/,
    );
    expect(notPlayed['twin-managers']).toContain('a real dockerd cannot be a manager beside twins');
  });
});

describe('a scenario that makes none of the other kind a manager', () => {
  test.each<[string, readonly Step[]]>([
    ['takes in a worker', [{ do: 'join', node: 'n4', role: 'worker' }]],
    ['lets a spare found a swarm', [{ do: 'init', node: 'n4' }]],
    ['demotes and promotes a manager', [role('n2', 'worker'), role('n2', 'manager')]],
    [
      'does so by the name of a former leader',
      [{ do: 'name', as: 'chief', node: 'leader' }, role('@chief', 'manager')],
    ],
  ])('is played on all: one that %s', (_, steps) => {
    expect(notPlayedOn(scenario(...steps), SUBJECTS)).toEqual({});
  });
});

test('a simulated node has no ports, so that a look at them is played to all others', () => {
  const looks = scenario({ do: 'look-at-ports', node: 'n1' });
  expect(unplayableOn(looks, 'sim')).toBe(
    "'look at the ports of n1': a simulated node has no ports",
  );
  expect(Object.keys(notPlayedOn(looks, SUBJECTS))).toEqual(['sim']);
});

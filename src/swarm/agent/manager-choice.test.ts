import { expect, test } from '@jest/globals';
import { nodeId } from '../../model/ids.ts';
import { createRandom } from '../../model/random.ts';
import type { WeightedPeer } from '../session.ts';
import { ManagerChoice } from './manager-choice.ts';

const peer = (id: string): WeightedPeer => ({ nodeId: nodeId(id), addr: `${id}:2377`, weight: 10 });

/** How often each of the managers is picked in a thousand times. */
function picks(choice: ManagerChoice): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let at = 0; at < 1000; at += 1) {
    const id = choice.pick()?.nodeId ?? 'none';
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

test('equal managers are picked equally often', () => {
  const choice = new ManagerChoice(createRandom('choice'));
  choice.set(['m1', 'm2', 'm3'].map(peer));
  for (const count of Object.values(picks(choice))) expect(Math.abs(count - 333)).toBeLessThan(60);
});

test('a manager whose sessions end is picked less and less, and only where it is alone always', () => {
  const choice = new ManagerChoice(createRandom('choice'));
  choice.set([peer('m1'), peer('m2')]);
  choice.ended(peer('m1'));
  expect(picks(choice)['m2']).toBeGreaterThan(950);
  choice.set([peer('m1')]);
  for (let at = 0; at < 5; at += 1) choice.ended(peer('m1'));
  expect(picks(choice)).toEqual({ m1: 1000 });
});

test('a manager that is no longer listed is forgotten, and an empty list forgets none', () => {
  const choice = new ManagerChoice(createRandom('choice'));
  expect(choice.pick()).toBeNull();
  choice.set([peer('m1'), peer('m2')]);
  choice.set([peer('m2')]);
  choice.set([]);
  choice.ended(peer('m1'));
  expect(picks(choice)).toEqual({ m2: 1000 });
});

import { describe, expect, test } from '@jest/globals';
import { MadeHistory } from './made-history.ts';
import { fateOf, pairNodes } from './node-fates.ts';
import { tellStory, type Story } from './story.ts';

const story = (make: (history: MadeHistory) => MadeHistory): Story => {
  const told = tellStory(
    make(new MadeHistory({ managers: 3, workers: 2 }, []))
      .at(30)
      .end(),
  );
  if (told === null) throw new Error('no story');
  return told;
};
const killed = (name: string): Story =>
  story((history) => history.at(5).fault('lost', { kind: 'kill', node: name }));

describe('the fate of a node', () => {
  test('is its role, the faults on it by name, and what it was set to', () => {
    const told = story((history) =>
      history
        .at(5)
        .fault('lost', { kind: 'kill', node: 'n4' })
        .at(8)
        .setNode('n4', 'drain')
        .at(9)
        .setNode('n4', 'active'),
    );
    expect(fateOf(told, 'n4')).toBe('worker, under lost, then drain, then active');
    expect(fateOf(told, 'n5')).toBe('worker');
    expect(fateOf(told, 'n1')).toBe('manager');
  });
});

describe('nodes of two runs', () => {
  test('are paired by their fates, the others in order', () => {
    expect([...pairNodes(killed('n1'), killed('n2'))]).toEqual([
      ['n1', 'n2'],
      ['n3', 'n3'],
      ['n2', 'n1'],
      ['n4', 'n4'],
      ['n5', 'n5'],
    ]);
  });

  test('keep a name of their own each where their fates have no counterpart', () => {
    const pairs = pairNodes(killed('n1'), killed('n4'));
    expect([...pairs.values()].sort()).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
  });
});

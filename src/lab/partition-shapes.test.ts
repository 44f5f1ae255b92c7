import { describe, expect, test } from '@jest/globals';
import type { LinkFault } from '../model/fault.ts';
import { planLinkFault } from './link-fault-plan.ts';
import { away, bridge, deaf, halves, majoritiesRing, mute, oneWay } from './partition-shapes.ts';

const three = ['n1', 'n2', 'n3'];
const five = ['n1', 'n2', 'n3', 'n4', 'n5'];

const linksOf = (fault: LinkFault, nodes: readonly string[]): string[] =>
  planLinkFault('f1', fault, nodes)
    .links.map(({ from, to }) => `${from}>${to}`)
    .sort();

/** Who hears whom, itself included. */
const heardBy = (fault: LinkFault, nodes: readonly string[], node: string): string[] =>
  nodes.filter((other) => !linksOf(fault, nodes).includes(`${other}>${node}`));

describe('partition shapes', () => {
  test('one node away is cut in both directions from each other node and from no more', () => {
    expect(linksOf(away(['n1'], three, 'control'), three)).toEqual([
      'n1>n2',
      'n1>n3',
      'n2>n1',
      'n3>n1',
    ]);
  });

  test('halves of five put three on one side and two on the other', () => {
    const fault = halves(five, 'full');
    expect(heardBy(fault, five, 'n1')).toEqual(['n1', 'n2', 'n3']);
    expect(heardBy(fault, five, 'n5')).toEqual(['n4', 'n5']);
  });

  test('a bridge hears everybody while the halves beside it do not hear each other', () => {
    const fault = bridge('n3', five, 'control');
    expect(heardBy(fault, five, 'n3')).toEqual(five);
    expect(heardBy(fault, five, 'n1')).toEqual(['n1', 'n2', 'n3']);
    expect(heardBy(fault, five, 'n5')).toEqual(['n3', 'n4', 'n5']);
  });

  test.each([three, five, [...five, 'n6', 'n7']])(
    'on a majorities ring of %j every node hears a majority and no two hear the same one',
    (...nodes: string[]) => {
      const fault = majoritiesRing(nodes, 'control');
      const heard = nodes.map((node) => heardBy(fault, nodes, node));
      for (const each of heard) expect(each).toHaveLength(Math.floor(nodes.length / 2) + 1);
      expect(new Set(heard.map((each) => each.join())).size).toBe(nodes.length);
    },
  );

  test('one-way cuts only what the first group sends', () => {
    expect(linksOf(oneWay(['n1'], ['n2', 'n3'], 'control'), three)).toEqual(['n1>n2', 'n1>n3']);
  });

  test('a deaf node still sends and a mute one still hears', () => {
    expect(linksOf(deaf('n1', three, 'control'), three)).toEqual(['n2>n1', 'n3>n1']);
    expect(linksOf(mute('n1', three, 'control'), three)).toEqual(['n1>n2', 'n1>n3']);
  });
});

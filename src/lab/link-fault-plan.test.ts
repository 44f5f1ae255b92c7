import { describe, expect, test } from '@jest/globals';
import type { LinkToxic } from '../model/fault.ts';
import { partitionLinks, planLinkFault, toxicsOf } from './link-fault-plan.ts';

const nodes = ['n1', 'n2', 'n3'];
const link = { from: 'n1', to: 'n2' };

describe('the plan of a link fault', () => {
  test('a direction is upstream on its own proxy and downstream on the opposite one', () => {
    const toxics = toxicsOf('f1', link, { kind: 'drop' });
    expect(toxics.map(({ proxy, stream }) => `${proxy}/${stream}`)).toEqual([
      'n1-n2/upstream',
      'n2-n1/downstream',
    ]);
  });

  test.each<[LinkToxic, string, Record<string, number>]>([
    [{ kind: 'drop' }, 'timeout', { timeout: 0 }],
    [{ kind: 'reset' }, 'reset_peer', { timeout: 0 }],
    [{ kind: 'latency', latencyMs: 5, jitterMs: 2 }, 'latency', { latency: 5, jitter: 2 }],
    [{ kind: 'bandwidth', kilobytesPerSecond: 7 }, 'bandwidth', { rate: 7 }],
    [{ kind: 'slow-close', delayMs: 9 }, 'slow_close', { delay: 9 }],
    [{ kind: 'cut-after', bytes: 11 }, 'limit_data', { bytes: 11 }],
  ])('%j is said in the words of toxiproxy', (toxic, type, attributes) => {
    expect(toxicsOf('f1', link, toxic)[0]).toMatchObject({ type, attributes });
  });

  test('control touches the proxies, data the packet filters, full both', () => {
    const count = (plane: 'control' | 'data' | 'full'): number[] => {
      const fault = { kind: 'links', links: [link], toxic: { kind: 'drop' }, plane } as const;
      const plan = planLinkFault('f1', fault, nodes);
      return [plan.toxics.length, plan.cuts.length];
    };
    expect([count('control'), count('data'), count('full')]).toEqual([
      [2, 0],
      [0, 1],
      [2, 1],
    ]);
  });

  test('a node in no group of a partition is a group of its own', () => {
    const links = partitionLinks([['n1']], nodes).map(({ from, to }) => `${from}>${to}`);
    expect(links).toContain('n2>n3');
    expect(links).toHaveLength(6);
  });

  test('two faults on one link have toxics of different names', () => {
    const names = ['f1', 'f2'].map((id) => toxicsOf(id, link, { kind: 'drop' })[0].name);
    expect(new Set(names).size).toBe(2);
  });

  test.each([
    ['an unknown node', { kind: 'partition', groups: [['n9'], ['n1']], plane: 'full' }],
    ['a node in two groups', { kind: 'partition', groups: [['n1'], ['n1']], plane: 'full' }],
    ['nothing to cut', { kind: 'partition', groups: [nodes], plane: 'full' }],
    [
      'a link to oneself',
      {
        kind: 'links',
        links: [{ from: 'n1', to: 'n1' }],
        toxic: { kind: 'drop' },
        plane: 'control',
      },
    ],
    [
      'a delay of UDP',
      {
        kind: 'links',
        links: [link],
        toxic: { kind: 'latency', latencyMs: 1, jitterMs: 0 },
        plane: 'data',
      },
    ],
  ] as const)('%s is refused as bad usage', (_, fault) => {
    expect(() => planLinkFault('f1', fault, nodes)).toThrow(
      expect.objectContaining({ code: 'bad-usage' }),
    );
  });
});

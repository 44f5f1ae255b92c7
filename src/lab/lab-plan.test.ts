import { describe, expect, test } from '@jest/globals';
import { bootRules } from './boot-rules.ts';
import { MAX_NODES, linkProxies, planLab } from './lab-plan.ts';
import type { Subject } from './lab.ts';

describe('the plan of a lab', () => {
  test('managers come first, then workers, then spares, at addresses one apart', () => {
    const plan = planLab('198.18.7', { managers: 1, workers: 1, spares: 1 }, 'swarm');
    expect(plan.nodes.map(({ name, role, address }) => [name, role, address])).toEqual([
      ['n1', 'manager', '198.18.7.11'],
      ['n2', 'worker', '198.18.7.12'],
      ['n3', 'spare', '198.18.7.13'],
    ]);
  });

  test('of a mixed lab the managers are of one kind, workers and spares of the other', () => {
    const shape = { managers: 2, workers: 1, spares: 1 };
    const kinds = (subject: Subject): readonly string[] =>
      planLab('198.18.7', shape, subject).nodes.map(({ kind }) => kind);
    expect(kinds('twin-managers')).toEqual(['twin', 'twin', 'swarm', 'swarm']);
    expect(kinds('twin-agents')).toEqual(['swarm', 'swarm', 'twin', 'twin']);
    expect(kinds('twin')).toEqual(['twin', 'twin', 'twin', 'twin']);
  });

  test('every directed link of the biggest lab has a port of its own below the ephemeral range', () => {
    const proxies = linkProxies(planLab('198.18.7', { managers: MAX_NODES, workers: 0 }, 'swarm'));
    const ports = proxies.map(({ listen }) => Number(listen.split(':')[1]));
    expect(new Set(ports).size).toBe(MAX_NODES * (MAX_NODES - 1));
    expect(Math.max(...ports)).toBeLessThan(32_768);
  });

  test('a node is led to the proxy of exactly the link that stands for each other node', () => {
    const plan = planLab('198.18.7', { managers: 2, workers: 1 }, 'twin');
    const byPort = new Map(
      linkProxies(plan).map(({ listen, name }) => [listen.split(':')[1] ?? '', name]),
    );
    const rules = bootRules(plan, plan.nodes[1]!).matchAll(
      /-d (\S+)\/32 .* --to-destination 198\.18\.7\.2:(\d+)/g,
    );
    expect([...rules].map(([, target, port]) => [target, byPort.get(port ?? '')])).toEqual([
      ['198.18.7.11', 'n2-n1'],
      ['198.18.7.13', 'n2-n3'],
    ]);
  });

  test.each([
    [{ managers: 0, workers: 0 }],
    [{ managers: -1, workers: 2 }],
    [{ managers: 1.5, workers: 0 }],
    [{ managers: 1, workers: MAX_NODES }],
  ])('%j is refused', (shape) => {
    expect(() => planLab('198.18.7', shape, 'swarm')).toThrow(
      expect.objectContaining({ code: 'bad-usage' }),
    );
  });
});

import { describe, expect, test } from '@jest/globals';
import type { Scenario, Step } from '../../model/scenario.ts';
import { drawScenario } from './draw-scenario.ts';

const many: readonly Scenario[] = Array.from({ length: 300 }, (_, index) =>
  drawScenario(`t-${index}`, `drawn-${index}`),
);
const steps: readonly Step[] = many.flatMap((scenario) => scenario.steps);

describe('a drawn scenario', () => {
  test('is the same for the same seed, whatever its name, and another for another', () => {
    const { name, ...first } = drawScenario('a', 'one');
    expect(name).toBe('one');
    expect(drawScenario('a', 'two')).toEqual({ ...first, name: 'two' });
    expect(drawScenario('b', 'one').steps).not.toEqual(first.steps);
  });

  test('heals every fault that lasts', () => {
    for (const scenario of many) {
      const begun = scenario.steps.flatMap((step) =>
        step.do === 'inject' && step.fault.kind !== 'kill-container' ? [step.as] : [],
      );
      const healed = scenario.steps.flatMap((step) => (step.do === 'heal' ? [step.fault] : []));
      expect(healed.toSorted()).toEqual(begun.toSorted());
    }
  });

  test('breaks something, and ends when all is healthy and has been quiet', () => {
    for (const scenario of many) {
      expect(scenario.steps.some((step) => step.do === 'inject')).toBe(true);
      expect(scenario.steps.at(-1)).toMatchObject({ do: 'hold', seconds: 10 });
      expect(scenario.steps).toContainEqual({ do: 'wait', until: 'healthy', withinS: 120 });
    }
  });

  test('has three managers and up to three workers', () => {
    expect(new Set(many.map(({ shape }) => shape.managers))).toEqual(new Set([3]));
    expect(new Set(many.map(({ shape }) => shape.workers))).toEqual(new Set([0, 1, 2, 3]));
  });

  test('asks no more of a swarm than it can give: no role without nodes, no wait for what is drained', () => {
    for (const { shape, steps: mine } of many)
      for (const step of mine)
        if (step.do === 'create' && step.constraints !== undefined) {
          expect(shape.workers).toBeGreaterThan(1);
          expect(step.global).toBeUndefined();
        }
  });
});

test('among many drawn scenarios are all faults that a lab and a simulation have in common', () => {
  const kinds = steps.flatMap((step) => (step.do === 'inject' ? [step.fault.kind] : []));
  expect([...new Set(kinds)].sort()).toEqual([
    ...['kill', 'kill-container', 'partition', 'pause', 'stop', 'unplug'],
  ]);
});

test('among many drawn scenarios are all operations: creations, updates of three sorts, scaling, drains', () => {
  const told = many.map(({ title }) => title).join();
  const kinds = ['create another', 'update s1,', 'force an update', 'scale', 'fails', 'drain'];
  for (const kind of kinds) expect(told).toContain(kind);
});

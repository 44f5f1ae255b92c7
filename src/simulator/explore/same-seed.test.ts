import { expect, test } from '@jest/globals';
import { drawPlan } from './draw.ts';
import { playPlan } from './play-plan.ts';
import { traceLine } from './trace.ts';

function traceOf(seed: string): string {
  const lines: string[] = [];
  const result = playPlan(drawPlan(seed), {
    tell: (transition) => {
      lines.push(traceLine(transition));
    },
    isDetailed: true,
  });
  return [...lines, JSON.stringify(result)].join('\n');
}

const SEEDS = ['same-1', 'same-2', 'same-3', 'same-4', 'same-5', 'same-6'];

test('the same seed gives the same trace byte for byte, in whichever order the runs are played', () => {
  const forwards = SEEDS.map(traceOf);
  const backwards = [...SEEDS].reverse().map(traceOf).reverse();
  expect(backwards).toEqual(forwards);
  expect(Math.min(...forwards.map((trace) => trace.length))).toBeGreaterThan(1000);
});

test('another seed gives another trace', () => {
  expect(traceOf('same-1')).not.toBe(traceOf('same-2'));
});

test('telling of a run changes nothing in it', () => {
  const plan = drawPlan('same-3');
  const told = playPlan(plan, { tell: () => undefined, isDetailed: true });
  expect(playPlan(plan)).toEqual(told);
});

test('a run that is stopped early is the beginning of the whole run', () => {
  const lines = (untilMs: number): string[] => {
    const told: string[] = [];
    const tell = (transition: Parameters<typeof traceLine>[0]): void => {
      told.push(traceLine(transition));
    };
    playPlan(drawPlan('same-2'), { tell, untilMs });
    return told;
  };
  const early = lines(20_000);
  expect(early.length).toBeGreaterThan(10);
  expect(lines(Infinity).slice(0, early.length)).toEqual(early);
});

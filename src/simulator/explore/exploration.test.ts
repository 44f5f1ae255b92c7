import { expect, test } from '@jest/globals';
import { Coverage } from './coverage.ts';
import { drawPlan } from './draw.ts';
import { playPlan } from './play-plan.ts';

/** Fixed, and never chosen for passing: a run that fails here is a fault of the twin, and is mended there. */
const SEED = 'npm-test';
const RUNS = 80;

test(`${RUNS} drawn outages break no rule, and meet what they are to meet`, () => {
  const coverage = new Coverage();
  const broken: string[] = [];
  for (let run = 1; run <= RUNS; run += 1) {
    const played = playPlan(drawPlan(`${SEED}-${run}`));
    coverage.add(played.coverage);
    if (played.violation !== null) broken.push(`${played.plan.seed}: ${played.violation.text}`);
  }
  expect(broken).toEqual([]);
  const count = (kind: Parameters<Coverage['rows']>[0], key: string): number =>
    coverage.rows(kind).find(([name]) => name === key)?.[1] ?? 0;
  expect(count('end', 'converged')).toBeGreaterThan(RUNS * 0.8);
  expect(coverage.breadth('task state')).toBeGreaterThanOrEqual(9);
  expect(count('update state', 'rollback_completed')).toBeGreaterThan(0);
  expect(count('fault', 'crash')).toBeGreaterThan(RUNS / 5);
  expect(count('fault', 'cut one-way')).toBeGreaterThan(0);
  expect(count('raft role', 'leader')).toBeGreaterThan(RUNS);
}, 120_000);

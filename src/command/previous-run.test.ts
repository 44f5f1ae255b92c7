/** Which run another one is compared with. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ScenarioVerdict } from '../model/verdict.ts';
import { sinceLastRun } from './previous-run.ts';

let reports = '';
beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'swarmtwin-reports-'));
});
afterEach(() => {
  rmSync(reports, { recursive: true });
});

const verdict = (scenario: string, engine = '26.1.5'): ScenarioVerdict => ({
  ...{ suite: 'drain', scenario, title: '', engine, seconds: 9, sameness: 'same' },
  comparison: { sameness: 'same', reason: '', differences: [], healed: [] },
  claims: (['swarm', 'twin'] as const).map((subject) => ({
    ...{ id: 'D1', subject, verdict: 'holds', reason: '', evidence: [] },
  })),
  ...{ steps: [], timings: [] },
});

function run(day: number, content: unknown): string {
  const folder = join(reports, `run-2026-11-0${day}T00-00-00-1`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'verdicts.json'), JSON.stringify(content));
  return folder;
}

const before = (now: readonly ScenarioVerdict[]): string | undefined =>
  sinceLastRun(run(9, {}), now)?.run;

test('is the newest that gave all of its verdicts', () => {
  run(1, { scenarios: [verdict('a'), verdict('b')] });
  run(2, { scenarios: [verdict('a'), verdict('b')] });
  expect(before([verdict('a'), verdict('b')])).toContain('-02T');
});

test('is not one that looked at a single scenario, where another gave all', () => {
  run(1, { scenarios: [verdict('a'), verdict('b')] });
  run(2, { scenarios: [verdict('a')] });
  expect(before([verdict('a'), verdict('b')])).toContain('-01T');
});

test('is not one on another engine', () => {
  run(1, { scenarios: [verdict('a')] });
  run(2, { scenarios: [verdict('a', '28.5.2')] });
  expect(before([verdict('a')])).toContain('-01T');
});

test('is, for a run on one engine, the run on several that had it too', () => {
  run(1, {
    scenarios: [
      { ...verdict('a'), line: '26.1' },
      { ...verdict('a'), line: '28.5' },
    ],
  });
  expect(before([verdict('a')])).toContain('-01T');
});

test('is none where nothing was judged before, or only by another version', () => {
  run(1, { scenarios: [verdict('b')] });
  run(2, {});
  run(3, { scenarios: [null] });
  expect(before([verdict('a')])).toBeUndefined();
});

import { expect, test } from '@jest/globals';
import { SUITES } from '../model/scenario.ts';
import { wholeRunRows, type WrittenRun } from './whole-run.ts';

const scenario = (suite: string, seconds: number, subjects = ['swarm', 'twin']): unknown => ({
  suite,
  seconds,
  claims: subjects.map((subject) => ({ subject })),
});
const report = (scenarios: readonly unknown[], seconds?: number): WrittenRun => ({
  run: seconds === undefined ? undefined : JSON.stringify({ seconds }),
  verdicts: JSON.stringify({ scenarios }),
});
const NOTHING: WrittenRun = { run: undefined, verdicts: undefined };
const reasonOf = (written: WrittenRun): unknown => wholeRunRows(written)[0]?.reason;

test('a run of all suites gives its time, and its time by its longest scenario', () => {
  const rows = wholeRunRows(
    report(
      SUITES.map((suite, at) => scenario(suite, at === 1 ? 200 : 100)),
      500,
    ),
  );
  expect(rows[0]).toMatchObject({ value: 500, aim: 600, met: true });
  expect(rows[1]).toMatchObject({ value: 2.5, aim: 2.5, met: true });
});

test('a run without all suites, both subjects or a time is not measured, and says why', () => {
  const all = SUITES.map((suite) => scenario(suite, 100));
  expect(reasonOf(NOTHING)).toMatch(/no finished run/);
  expect(reasonOf(report(all.slice(1), 500))).toMatch(/quorum-loss/);
  expect(
    reasonOf(
      report(
        SUITES.map((suite) => scenario(suite, 1, ['twin'])),
        500,
      ),
    ),
  ).toMatch(/both/);
  expect(reasonOf(report(all))).toMatch(/how long/);
  for (const row of wholeRunRows(NOTHING)) expect(row.value).toBeNull();
});

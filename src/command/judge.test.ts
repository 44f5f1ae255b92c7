/** What `swarmtwin judge` says of folders that are not as a run leaves them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS } from '../model/bounds.ts';
import { HISTORY_SCHEMA, type HeaderRecord, type HistoryRecord } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type { RunVerdict } from '../model/verdict.ts';
import { SCENARIOS } from '../../suites/scenarios.ts';
import { judge } from './judge.ts';
import { recordedHistory } from './recorded.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swarmtwin-judge-'));
  mkdirSync(join(folder, 'histories'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const [SCENARIO] = SCENARIOS as readonly [Scenario];

const header = (change: Partial<HeaderRecord> = {}): HeaderRecord => ({
  ...{ n: 1, atMs: 0, type: 'header', schema: HISTORY_SCHEMA, scenario: SCENARIO },
  ...{ subject: 'swarm', engine: '26.1.5', host: {}, seed: 's', settings: DEFAULT_SETTINGS },
  ...{ nodes: [], startedAt: 0 },
  ...change,
});
const end: HistoryRecord = { n: 2, atMs: 1000, type: 'end', outcome: 'complete', text: '' };

function write(subject: string, text: string, line = ''): void {
  mkdirSync(join(folder, 'histories', line), { recursive: true });
  writeFileSync(join(folder, 'histories', line, `quorum-loss.made.${subject}.jsonl`), text);
}
const lines = (...records: readonly HistoryRecord[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

const verdicts = (): RunVerdict =>
  JSON.parse(readFileSync(join(folder, 'verdicts.json'), 'utf8')) as RunVerdict;

/** Errors are thrown before anything is awaited. */
const refusal = (of = folder): unknown => {
  try {
    void judge([of]);
  } catch (caught) {
    return caught;
  }
  return 'it was judged';
};

describe('a history', () => {
  test('that was cut off in the middle of a line is judged up to there and says so', async () => {
    write('swarm', lines(header(), end));
    write('twin', `${lines(header({ subject: 'twin' }))}{"n":2,"atMs":10`);
    expect(await judge([folder])).toBe(2);
    const claims = verdicts().scenarios[0]?.claims.filter(({ subject }) => subject === 'twin');
    expect(claims).not.toHaveLength(0);
    for (const { verdict, reason } of claims ?? [])
      expect([verdict, reason]).toEqual([
        'inconclusive',
        expect.stringContaining('the history was cut off'),
      ]);
  });

  test('of another schema is refused', () => {
    write('swarm', lines(header({ schema: 99 }), end));
    expect(refusal()).toMatchObject({
      code: 'bad-history',
      message: `quorum-loss/made swarm: the history has schema 99, and this judge reads ${HISTORY_SCHEMA}`,
    });
  });

  test('without a header is refused', () => {
    write('swarm', lines(end));
    expect(refusal()).toMatchObject({
      code: 'bad-history',
      message: expect.stringContaining('does not begin with a header'),
    });
  });

  test('with a line in it that is no record is refused with its place', () => {
    write('swarm', `${lines(header())}{"n":\n${lines(end)}`);
    expect(refusal()).toMatchObject({
      code: 'bad-history',
      message: expect.stringContaining('quorum-loss.made.swarm.jsonl, line 2'),
    });
  });
});

test('every play of a scenario counts, and the histories of each are named', async () => {
  const whole = lines(header(), end);
  write('swarm', whole);
  write('twin', lines(header({ subject: 'twin' })));
  write('swarm.2', whole);
  write('twin.2', lines(header({ subject: 'twin' }), end));
  await judge([folder]);
  const [verdict] = verdicts().scenarios;
  expect(verdict?.plays?.map(({ play, histories }) => [play, histories[1]?.path])).toEqual([
    [1, 'histories/quorum-loss.made.twin.jsonl'],
    [2, 'histories/quorum-loss.made.twin.2.jsonl'],
  ]);
  expect(verdict?.comparison).toMatchObject({
    sameness: 'same',
    tries: [{ verdict: 'inconclusive' }, { verdict: 'same' }],
  });
});

test('a run with several engines has a verdict for each, and says what changed', async () => {
  const scenario: Scenario = { ...SCENARIO, suite: 'quorum-loss', name: 'made' };
  for (const line of ['20.10', '26.1'] as const) {
    write('swarm', lines(header({ scenario, engine: `${line}.5` }), end), line);
    write('twin', lines(header({ scenario, subject: 'twin', engine: `${line}.5` }), end), line);
  }
  write('swarm', lines(header({ scenario, engine: '28.5.2' })), '28.5');
  await judge([folder]);
  const { scenarios, matrix } = verdicts();
  expect(scenarios.map(({ line, sameness }) => [line, sameness])).toEqual([
    ['20.10', 'same'],
    ['26.1', 'same'],
    ['28.5', 'inconclusive'],
  ]);
  expect(matrix).toMatchObject({ lines: ['20.10', '26.1', '28.5'], compared: 1, changes: [] });
  expect(matrix?.unclear).toEqual([expect.stringContaining('the history was cut off')]);
});

test('two histories of different shapes are not compared', () => {
  const bigger = { ...SCENARIO, shape: { managers: 5, workers: 1 } };
  write('swarm', lines(header(), end));
  write('twin', lines(header({ subject: 'twin', scenario: bigger }), end));
  expect(refusal()).toMatchObject({
    code: 'bad-history',
    message: 'quorum-loss/made: swarm and twin were played scenarios of different shapes or steps',
  });
});

test('a folder that is not there, or holds no history, is refused', () => {
  const missing = join(folder, 'no-such-run');
  expect(refusal(missing)).toMatchObject({
    code: 'bad-history',
    message: expect.stringContaining(missing),
  });
  expect(refusal()).toMatchObject({
    code: 'bad-history',
    message: `there is no history in ${folder}`,
  });
});

test('a recorded reference of another version of the scenario is refused', () => {
  const changed = { ...SCENARIO, steps: SCENARIO.steps.slice(1) };
  expect(() => recordedHistory('26.1', changed)).toThrow(
    expect.objectContaining({
      code: 'bad-history',
      message: expect.stringContaining('was recorded with other steps'),
    }),
  );
  expect(() => recordedHistory('26.1', { ...SCENARIO, name: 'never' })).toThrow(
    expect.objectContaining({ message: expect.stringContaining('was never recorded') }),
  );
});

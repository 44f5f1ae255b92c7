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
import { pathOf, recordedHistory, unpacked } from './recorded.ts';

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

  test.each([
    ['{"n":', 'line 2'],
    ['null', 'line 2: is no record'],
    ['[]', 'line 2: is no record'],
    ['{"foo":1}', 'line 2: is no record: type undefined'],
    ['{"n":2,"atMs":9,"type":"toString"}', 'line 2: is no record: type toString'],
    ['{"n":2,"atMs":"soon","type":"end"}', 'line 2: is a record without a time'],
    ['{"n":3,"atMs":9,"type":"end"}', 'line 2: is record 3: lines were taken out or put in'],
    ['', 'line 2'],
  ])('with the line %j in it is refused with its place', (line, message) => {
    write('swarm', `${lines(header())}${line}\n${lines(end)}`);
    expect(refusal()).toMatchObject({
      code: 'bad-history',
      message: expect.stringContaining(`quorum-loss.made.swarm.jsonl, ${message}`),
    });
  });

  test.each([
    ['scenario', 'a scenario'],
    ['settings', 'settings'],
    ['startedAt', 'the time of its begin'],
  ])('whose header lacks %s is refused', (field, what) => {
    write('swarm', lines({ ...header(), [field]: undefined }, end));
    expect(refusal()).toMatchObject({
      code: 'bad-history',
      message: `quorum-loss/made swarm: the history has a header without ${what}`,
    });
  });

  test('of somebody else than its name says is refused', () => {
    write('swarm', lines(header(), end));
    write('twin', lines(header(), end));
    expect(refusal()).toMatchObject({
      code: 'bad-history',
      message: expect.stringContaining('was recorded of swarm, and its name says twin'),
    });
  });

  test('that is a folder is refused', () => {
    mkdirSync(join(folder, 'histories', 'quorum-loss.made.swarm.jsonl'));
    expect(refusal()).toMatchObject({ code: 'bad-history' });
  });

  test.each(['quorum-loss.made.swarm.x', 'quorum-loss.made.somebody', 'notes'])(
    'by the name of %s.jsonl is none',
    (name) => {
      writeFileSync(join(folder, 'histories', `${name}.jsonl`), lines(header(), end));
      expect(refusal()).toMatchObject({ message: `there is no history in ${folder}` });
    },
  );
});

describe('run.json', () => {
  const judged = async (text: string): Promise<unknown> => {
    write('swarm', lines(header(), end));
    writeFileSync(join(folder, 'run.json'), text);
    await judge([folder]);
    return verdicts();
  };

  test.each(['{}', 'null', '{', '{"begun":1}'])(
    'that is %j is told, and the histories are judged all the same',
    async (text) => {
      expect(await judged(text)).toMatchObject({ facts: {}, scenarios: [{}] });
      expect(readFileSync(join(folder, 'run.json'), 'utf8')).toContain('"begun": "1970-01-01T');
    },
  );

  test('gives the host to every report, and the options to the command that plays again', async () => {
    const facts = { kernel: '6.18-made', IPVS: 'no' };
    const run = { begun: '2026-11-22T00:00:00Z', seconds: 9, facts };
    const options = ['--reference recorded', '--behave-like 20.10'];
    const command = `--engine 26.1 --reference recorded --behave-like 20.10`;
    expect(await judged(JSON.stringify({ ...run, options }))).toMatchObject({
      ...{ facts, scenarios: [{ options, command: expect.stringContaining(command) }] },
    });
    for (const file of ['report.html', 'junit.xml', 'summary.md', 'verdicts.json'])
      expect([file, readFileSync(join(folder, file), 'utf8')]).toEqual([
        file,
        expect.stringContaining('6.18-made'),
      ]);
  });
});

test('one run is judged at a time', () => {
  for (const args of [[], [folder, folder]])
    expect(() => judge(args)).toThrow(expect.objectContaining({ code: 'bad-usage' }));
});

test('of one subject alone the claims decide, since there is nothing to compare', async () => {
  const made = { ...SCENARIO, claims: [] };
  write('twin', lines(header({ subject: 'twin', scenario: made }), end));
  expect(await judge([folder])).toBe(0);
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

test('a recorded reference that is cut off is refused', () => {
  const kept = pathOf('26.1', SCENARIO);
  const cut = join(folder, 'cut.gz');
  writeFileSync(cut, readFileSync(kept).subarray(0, 500));
  expect(() => unpacked(cut, 'Record it.')).toThrow(
    expect.objectContaining({ code: 'bad-history', message: expect.stringContaining(cut) }),
  );
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

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { SCENARIOS } from '../../suites/scenarios.ts';
import type { HistoryRecord } from '../model/history.ts';
import { renderVerdicts } from '../report/verdicts-json.ts';
import { judgePlay, reportPlays, type JudgedPlay } from './judged-play.ts';
import { PROJECT_ROOT } from './project.ts';
import { recordedHistory } from './recorded.ts';

const scenario = SCENARIOS.find(({ name }) => name === 'rolling-updates') ?? SCENARIOS[0]!;
const real = recordedHistory('26.1', scenario);

/** Real Swarm's record as the twin's too. */
function asTwin(records: readonly HistoryRecord[]): readonly HistoryRecord[] {
  const [header, ...rest] = records;
  if (header?.type !== 'header') throw new Error('a history without a header');
  return [{ ...header, subject: 'twin' }, ...rest];
}

const play = (number: number, twin = asTwin(real)): JudgedPlay =>
  judgePlay(scenario, {
    ...{ known: [], line: '26.1' },
    sides: [
      { subject: 'swarm', records: real },
      { subject: 'twin', records: twin },
    ],
    histories: [{ subject: 'twin', path: `histories/26.1/a.${number}.jsonl` }],
  });

describe('a scenario that was played several times', () => {
  const cut = asTwin(real).slice(0, -1);
  const reported = reportPlays([play(1, cut), ...[2, 3, 4, 5, 6].map((number) => play(number))]);

  test('is one verdict, with the timelines of the play that is shown', () => {
    const { verdict, timelines } = reported;
    expect(verdict).toMatchObject({ line: '26.1', sameness: 'same', shownPlay: 6 });
    expect(verdict.plays?.map(({ sameness }) => sameness)).toEqual([
      'inconclusive',
      ...Array.from({ length: 5 }, () => 'same'),
    ]);
    expect(timelines).toHaveLength(2);
  });

  test('has the times of all plays, which are alike where they are the same', () => {
    const spread = reported.verdict.spreads?.find(({ name }) => name === 'slot updated');
    expect(spread?.sides[1]?.test).toMatchObject({ says: 'alike', effect: 0 });
  });

  test('is what the published schema says', () => {
    const schema = JSON.parse(
      readFileSync(join(PROJECT_ROOT, 'docs', 'verdicts.schema.json'), 'utf8'),
    ) as object;
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
    validate(JSON.parse(renderVerdicts([reported.verdict])));
    expect(validate.errors).toBeNull();
  });
});

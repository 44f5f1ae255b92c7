/** verdicts.json is what its published schema says: programs of other people read it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { SCENARIOS } from '../../suites/scenarios.ts';
import { judgeScenario } from '../checker/judge-scenario.ts';
import { sinceOf } from '../checker/since.ts';
import type { RunVerdict, ScenarioVerdict } from '../model/verdict.ts';
import { madeReport } from '../report/made-report.ts';
import { renderVerdicts } from '../report/verdicts-json.ts';
import { PROJECT_ROOT } from './project.ts';
import { recordedHistory, recordedNames } from './recorded.ts';

const schema = JSON.parse(
  readFileSync(join(PROJECT_ROOT, 'docs', 'verdicts.schema.json'), 'utf8'),
) as object;
/** As a program reads it that was given the text. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
  schema,
);

const wrongWith = (value: unknown): readonly string[] => {
  validate(plain(value));
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
  );
};

/** What real Swarm did, judged as it was and as if the twin had done it too. */
function judged(): readonly ScenarioVerdict[] {
  const names = recordedNames('26.1').slice(0, 3);
  return SCENARIOS.filter(({ suite, name }) => names.includes(`${suite}/${name}`)).map(
    (scenario) => {
      const records = recordedHistory('26.1', scenario);
      const [header, ...rest] = records;
      if (header?.type !== 'header') throw new Error('a history without a header');
      return judgeScenario(scenario, [
        { subject: 'swarm', records },
        { subject: 'twin', records: [{ ...header, subject: 'twin' }, ...rest] },
      ]);
    },
  );
}

describe('verdicts.json', () => {
  test('of real histories is what the schema says', () => {
    const verdicts = judged();
    expect(verdicts).toHaveLength(3);
    const text = renderVerdicts(verdicts, { since: sinceOf('run-before', [], verdicts) });
    expect(wrongWith(JSON.parse(text))).toEqual([]);
  });
  test('with differences, tries, plays and a matrix is what the schema says', () => {
    const [made] = madeReport({ scenarios: 1, slots: 1, tasks: 1 }).scenarios;
    const verdict: ScenarioVerdict = {
      ...made!.verdict,
      ...{ line: '26.1', file: 'mine.yaml', options: ['--repeat 2'] },
      pins: [{ what: 'R1', follows: 'agent', reason: 'seen with twin agents' }],
      collapsed: { 'twin-agents': 'swarm' },
      ...{ notPlayed: { sim: 'no ports' }, named: ['M8'] },
      plays: [{ play: 1, sameness: 'same', histories: [{ subject: 'twin', path: 'histories/a' }] }],
      claims: made!.verdict.claims.map((claim) => ({
        ...{ ...claim, play: 2, tries: [{ play: 1, verdict: 'fails', reason: 'late' }] },
      })),
    };
    const change = { scenario: 'a/b', kind: 'claim', what: 'R1 on swarm' } as const;
    const text = renderVerdicts([verdict], {
      facts: { kernel: '6.18', IPVS: 'no' },
      matrix: {
        ...{ lines: ['26.1', '28.5'], compared: 1, unclear: ['cut off'] },
        changes: [{ ...change, from: '26.1', to: '28.5', before: 'holds', after: 'fails' }],
        times: [
          {
            ...{ scenario: 'drain/made', name: 'to Down', fault: 'lost', from: '26.1', to: '28.5' },
            ...{ beforeMs: [1], afterMs: [2], test: { says: 'too few', p: 1, effect: 1 } },
          },
        ],
      },
    });
    expect(wrongWith(JSON.parse(text))).toEqual([]);
  });
  test('with a word that the schema does not know is refused', () => {
    const run = JSON.parse(renderVerdicts(judged().slice(0, 1))) as RunVerdict;
    const broken = run.scenarios.map((each) => ({ ...each, sameness: 'alike', more: 1 }));
    expect(wrongWith({ ...run, scenarios: broken })).toHaveLength(2);
  });
  test.each([
    ['suite', 'no-such-suite'],
    ['seconds', -1],
    ['engine', 'latest'],
    ['engine', null],
    ['command', 'rm -r reports'],
    ['claims', [{ id: 'R1', subject: 'swarm', verdict: 'holds' }]],
    ['claims', [{ id: 'R1', subject: 'swarm', verdict: 'hold', reason: '', evidence: [] }]],
    ['claims', [{ id: 'R1', subject: 'swarm', verdict: 'holds', reason: '', evidence: [0] }]],
    ['timings', [{ name: 'to down', subject: 'swarm', fault: 'lost', ms: -5 }]],
    ['spreads', [{ name: '', fault: '', sides: [], range: {} }]],
    ['plays', [{ play: 1, sameness: 'same', histories: [{ subject: 'twin', path: '/etc' }] }]],
    ['options', ['rm']],
  ])('whose scenario has the %s %j is refused', (field, value) => {
    const run = JSON.parse(renderVerdicts(judged().slice(0, 1))) as RunVerdict;
    const scenarios = run.scenarios.map((each) => ({ ...each, [field]: value }));
    expect(wrongWith({ ...run, scenarios })).not.toEqual([]);
  });
  test('that lacks anything which has to be there is refused', () => {
    const run = JSON.parse(renderVerdicts(judged().slice(0, 1))) as RunVerdict;
    const [scenario = {}] = run.scenarios;
    for (const field of ['title', 'sameness', 'comparison', 'claims', 'steps', 'command'])
      expect(wrongWith({ ...run, scenarios: [{ ...scenario, [field]: undefined }] })).toHaveLength(
        1,
      );
    for (const field of ['summary', 'scenarios'])
      expect(wrongWith({ ...run, [field]: undefined })).toHaveLength(1);
  });
});

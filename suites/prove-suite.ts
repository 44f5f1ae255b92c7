/**
 * A suite as Jest tests: its scenarios are played once, to real Swarm and to the twin at the same time, as `npm start` does; then every
 * claim on each subject is a test, and so is the comparison. Allure gets a step for each step, fault and claim, and the histories.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { attachment, epic, feature, step } from 'allure-js-commons';
import { readHistories } from '../src/command/run-folder.ts';
import { playRun } from '../src/command/run.ts';
import { DEFAULT_ENGINE } from '../src/lab/images/catalogue.ts';
import type { HistoryRecord } from '../src/model/history.ts';
import type { Scenario, SuiteName } from '../src/model/scenario.ts';
import type { RunVerdict, ScenarioVerdict } from '../src/model/verdict.ts';
import { scenariosOf } from './scenarios.ts';

const SUBJECTS = ['swarm', 'twin'] as const;
/** The suites end long before; a machine that hangs must not hang the tests. */
const SUITE_MS = 20 * 60_000;

interface Played {
  readonly verdicts: readonly ScenarioVerdict[];
  readonly histories: ReturnType<typeof readHistories>;
}

/** Registers the tests of a suite. */
export function proveSuite(suite: SuiteName): void {
  const scenarios = scenariosOf(suite);
  let played: Played = { verdicts: [], histories: new Map() };
  beforeAll(async () => {
    // npm test plays all families before Jest, packed together; Jest by itself plays one.
    const folder =
      process.env['SWARMTWIN_RUN'] ??
      (await playRun(scenarios, { engines: [DEFAULT_ENGINE], subjects: SUBJECTS })).folder;
    const text = readFileSync(join(folder, 'verdicts.json'), 'utf8');
    const { scenarios: verdicts } = JSON.parse(text) as RunVerdict;
    played = { verdicts, histories: readHistories(folder) };
  }, SUITE_MS);
  const verdictOf = (scenario: Scenario): ScenarioVerdict => {
    const found = played.verdicts.find((verdict) => verdict.scenario === scenario.name);
    if (found === undefined) throw new Error(`${scenario.name} was not played`);
    return found;
  };
  describe.each(scenarios.map((scenario) => [scenario.title, scenario] as const))(
    '%s',
    (_, scenario) => {
      const key = `${scenario.suite}/${scenario.name}`;
      test.each(SUBJECTS)('is played to %s to its end', async (subject) => {
        const history = played.histories.get(key)?.find((each) => each.subject === subject);
        await labels(scenario);
        await showHistory(`${key} on ${subject}`, history?.records ?? []);
        expect(history?.records.at(-1)).toMatchObject({
          type: 'end',
          outcome: 'complete',
          text: '',
        });
      });
      const proofs = scenario.claims.flatMap((id) =>
        SUBJECTS.map((subject) => [id, subject] as const),
      );
      test.each(proofs)('%s holds on %s', async (id, subject) => {
        const claim = verdictOf(scenario).claims.find(
          (each) => each.id === id && each.subject === subject,
        );
        await labels(scenario);
        await step(
          `${id}: ${claim?.verdict ?? 'not judged'}: ${claim?.reason ?? ''}`,
          () => undefined,
        );
        expect(claim).toMatchObject({ verdict: 'holds' });
      });
      test('real Swarm and the twin behave the same', async () => {
        const { comparison } = verdictOf(scenario);
        await labels(scenario);
        await attachment('comparison', JSON.stringify(comparison, null, 2), 'application/json');
        expect(comparison.differences.filter(({ known }) => known === undefined)).toEqual([]);
        expect(comparison).toMatchObject({ sameness: 'same', healed: [] });
      });
    },
  );
}

async function labels(scenario: Scenario): Promise<void> {
  await epic(scenario.suite);
  await feature(`${scenario.name}: ${scenario.title}`);
}

/** What was done and what was broken, each an Allure step with its evidence. */
async function showHistory(name: string, records: readonly HistoryRecord[]): Promise<void> {
  for (const record of records) {
    const at = `${(record.atMs / 1000).toFixed(1)} s`;
    if (record.type === 'step') await step(`${at} ${record.title}`, () => undefined);
    if (record.type === 'step-end' && record.outcome !== 'done')
      await step(`${at} ${record.outcome}: ${record.text}`, () => undefined);
    if (record.type === 'fault' && record.proof !== undefined) {
      const proof = JSON.stringify(record.proof, null, 2);
      await step(`${at} ${record.name} ${record.phase}`, async () => {
        await attachment('proof', proof, 'application/json');
      });
    }
  }
  const lines = records.map((record) => JSON.stringify(record)).join('\n');
  await attachment(`${name}.jsonl`, lines, 'text/plain');
}

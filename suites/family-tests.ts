/**
 * Jest's view of one family: a test for every claim on every subject, and one for the comparison. The scenarios themselves are played before Jest starts,
 * as many at once as the machine carries (command/test.ts); these tests judge the histories that were recorded, and put steps, faults and
 * claims into Allure's report.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as allure from 'allure-js-commons';
import type { HistoryRecord, Subject } from '../src/model/history.ts';
import type { Scenario, SuiteName } from '../src/model/scenario.ts';
import type { RunVerdict, ScenarioVerdict } from '../src/model/verdict.ts';
import { scenariosOf } from './scenarios.ts';

/** Declares the tests of a family. Errors: when nothing was played, with what to type. */
export function familyTests(suite: SuiteName): void {
  const folder = process.env['SWARMTWIN_RUN'];
  if (folder === undefined) {
    test(`${suite} was played`, () => {
      throw new Error('nothing was played: type npm test, which plays the scenarios first');
    });
    return;
  }
  const run = JSON.parse(readFileSync(join(folder, 'verdicts.json'), 'utf8')) as RunVerdict;
  for (const scenario of scenariosOf(suite)) {
    describe(`${suite}/${scenario.name}`, () => {
      scenarioTests(
        folder,
        scenario,
        run.scenarios.find(
          (verdict) => verdict.suite === suite && verdict.scenario === scenario.name,
        ),
      );
    });
  }
}

function scenarioTests(
  folder: string,
  scenario: Scenario,
  verdict: ScenarioVerdict | undefined,
): void {
  if (verdict === undefined) {
    test('has a verdict', () => {
      throw new Error(`${scenario.suite}/${scenario.name} was not played in ${folder}`);
    });
    return;
  }
  for (const subject of ['swarm', 'twin'] as const) {
    test(`${subject} played it to its end`, async () => {
      await tellSteps(folder, scenario, subject);
    });
    for (const id of scenario.claims) {
      test(`${id} holds on ${subject}`, async () => {
        const claim = verdict.claims.find((each) => each.id === id && each.subject === subject);
        await allure.label('claim', id);
        await allure.parameter('subject', subject);
        await allure.attachment('reason', claim?.reason ?? 'not judged', 'text/plain');
        expect(`${claim?.verdict ?? 'not judged'}: ${claim?.reason ?? ''}`).toBe(
          `holds: ${claim?.reason ?? ''}`,
        );
      });
    }
  }
  test('real Swarm and the twin behave the same', async () => {
    const { sameness, reason, differences, healed } = verdict.comparison;
    await allure.attachment(
      'differences',
      JSON.stringify(differences, null, 2),
      'application/json',
    );
    expect(healed).toEqual([]);
    expect(`${sameness}: ${reason}`).toBe(`same: ${reason}`);
  });
}

async function tellSteps(folder: string, scenario: Scenario, subject: Subject): Promise<void> {
  const name = `${scenario.suite}.${scenario.name}.${subject}.jsonl`;
  const text = readFileSync(join(folder, 'histories', name), 'utf8');
  const records = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as HistoryRecord);
  for (const record of records) {
    if (record.type === 'step')
      await allure.step(`${seconds(record.atMs)} ${record.title}`, () => undefined);
    else if (record.type === 'fault' && record.proof !== undefined) {
      const { looked, before, after } = record.proof;
      await allure.step(`${seconds(record.atMs)} ${record.name} ${record.phase}`, async () => {
        await allure.attachment(
          'proof',
          `${looked}\nbefore: ${before}\nafter: ${after}`,
          'text/plain',
        );
      });
    }
  }
  await allure.attachment(name, text, 'application/x-ndjson');
  const end = records.at(-1);
  expect(end).toMatchObject({ type: 'end', outcome: 'complete' });
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

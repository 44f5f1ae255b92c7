/**
 * A suite as Jest tests: its scenarios are played once, to real Swarm and to the twin at the same time, as `npm start` does; then every
 * claim on each subject is a test, and so is the comparison. Allure gets a step for each step, fault and claim, and the histories.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, test } from '@jest/globals';
import {
  attachment,
  epic,
  feature,
  historyId,
  label,
  link,
  step,
  testCaseId,
} from 'allure-js-commons';
import { collapsedOf } from '../src/command/play.ts';
import { readHistories } from '../src/command/run-folder.ts';
import { playRun, subjectsAsked } from '../src/command/run.ts';
import { DEFAULT_ENGINE } from '../src/lab/images/catalogue.ts';
import { KIND_OF_MANAGERS, type HistoryRecord, type Subject } from '../src/model/history.ts';
import type { Scenario, SuiteName } from '../src/model/scenario.ts';
import {
  isOwn,
  STEP_RULES,
  type ClaimVerdict,
  type IllegalStep,
  type RunVerdict,
  type ScenarioVerdict,
} from '../src/model/verdict.ts';
import { notPlayedOn } from '../src/scenario/unplayable.ts';
import { scenariosOf } from './scenarios.ts';

/** Mixed swarms too, where they are asked for: SWARMTWIN_SUBJECTS=swarm,twin-agents npm test -- live membership. */
const SUBJECTS = subjectsAsked();
/** The suites end long before; a machine that hangs must not hang the tests. */
const SUITE_MS = 20 * 60_000;

interface Played {
  readonly folder: string;
  readonly verdicts: readonly ScenarioVerdict[];
  readonly histories: ReturnType<typeof readHistories>;
}

/** Registers the tests of a suite. What a subject cannot be played is a test that is skipped, with the reason. */
export function proveSuite(suite: SuiteName): void {
  const scenarios = scenariosOf(suite);
  let played: Played = { folder: '', verdicts: [], histories: new Map() };
  beforeAll(async () => {
    // npm test plays all families before Jest, packed together; Jest by itself plays one.
    const folder = process.env['SWARMTWIN_RUN'] ?? (await playHere(scenarios));
    const text = readFileSync(join(folder, 'verdicts.json'), 'utf8');
    const { scenarios: verdicts } = JSON.parse(text) as RunVerdict;
    played = { folder, verdicts, histories: readHistories(folder) };
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
      const leftOut = leftOutOf(scenario);
      const open = SUBJECTS.filter((subject) => leftOut[subject] === undefined);
      for (const [subject, reason] of Object.entries(leftOut))
        test.skip(`is not played on ${subject}: ${reason}${labelsInTitle(scenario)}`, () =>
          undefined);
      test.each(open)('is played to %s to its end', async (subject) => {
        // One that could not be judged was played again: what counts is the play that the verdict shows.
        const { shownPlay = 1 } = verdictOf(scenario);
        const history = played.histories
          .get(key)
          ?.find((each) => each.subject === subject && each.play === shownPlay);
        await labels(scenario, `played to ${subject}`, played.folder, 'timeline');
        if (endOf(history?.records) !== 'complete') await label('cause', 'harness fault');
        await showHistory(`${key} on ${subject}`, history?.records ?? []);
        const end = endOf(history?.records);
        await said(end === 'complete', `the history is ${end}`);
      });
      const proofs = scenario.claims.flatMap((id) => open.map((subject) => [id, subject] as const));
      test.each(proofs)('%s holds on %s', async (id, subject) => {
        await labels(scenario, `${id} on ${subject}`, played.folder, `${id}--${subject}`);
        const { claims } = verdictOf(scenario);
        const claim = claims.find((each) => each.id === id && each.subject === subject);
        const isSo = claim?.verdict === 'holds' || claim?.verdict === 'known';
        if (!isSo) await label('cause', causeOf(claim?.verdict ?? 'inconclusive', subject));
        if (claim?.verdict === 'known') await label('known', 'known difference');
        await said(isSo, `${id} ${saidOf(claim)} on ${subject}: ${claim?.reason ?? ''}`);
      });
      test.each(open)('takes only legal steps on %s', async (subject) => {
        await labels(scenario, `legal steps on ${subject}`, played.folder, 'timeline');
        await showSteps(
          verdictOf(scenario).steps.filter((each) => each.subject === subject),
          subject,
        );
      });
      if (open.length < 2) return;
      test('real Swarm and the twin behave the same', async () => {
        await labels(scenario, 'compared', played.folder, 'compared');
        const { comparison } = verdictOf(scenario);
        if (comparison.sameness !== 'same')
          await label('cause', causeOf(comparison.sameness, 'twin'));
        await attachment('comparison', JSON.stringify(comparison, null, 2), 'application/json');
        const { sameness, reason, healed } = comparison;
        const gone = healed.map((entry) => `; known divergence that was not seen: ${entry}`);
        await said(
          sameness === 'same' && healed.length === 0,
          `${sameness}: ${reason}${gone.join('')}`,
        );
      });
    },
  );
}

/**
 * Where a test belongs, an id that stays when its wording changes, so that trends go on, and where the run's own report shows it.
 */
async function labels(
  scenario: Scenario,
  what: string,
  folder: string,
  part: string,
): Promise<void> {
  const { suite, name } = scenario;
  await epic(suite);
  await feature(featureOf(scenario));
  const id = `${suite}/${name} ${what}`;
  await testCaseId(id);
  await historyId(id);
  const page = pathToFileURL(join(folder, 'report.html')).href;
  await link(`${page}#${suite}--${name}--${part}`, 'in the report of the run', 'report');
}

/** Errors: a lab that could not be removed whole. */
async function playHere(scenarios: readonly Scenario[]): Promise<string> {
  const { folder, left } = await playRun(scenarios, {
    ...{ engines: [DEFAULT_ENGINE], subjects: SUBJECTS },
  });
  const [error] = left;
  if (error !== undefined) throw error;
  return folder;
}

const endOf = (records: readonly HistoryRecord[] = []): string => {
  const end = records.at(-1);
  return end?.type === 'end' ? `${end.outcome} ${end.text}`.trim() : 'cut off';
};

/** Real Swarm's own are told and no more. */
async function showSteps(broken: readonly IllegalStep[], subject: Subject): Promise<void> {
  const isBad = broken.some((each) => !isOwn(each));
  if (isBad) await label('cause', causeOf('fails', subject));
  for (const each of broken) await said(isOwn(each), `${STEP_RULES[each.rule]}: ${each.text}`);
}

/** Whom a scenario is not played to, each with the reason: a step cannot be carried out there, or it would be another subject once more. */
const leftOutOf = (scenario: Scenario): Readonly<Partial<Record<Subject, string>>> => ({
  ...Object.fromEntries(
    collapsedOf(scenario, SUBJECTS).map((subject) => [
      subject,
      `all nodes are managers, so it would be ${KIND_OF_MANAGERS[subject] ?? ''} once more`,
    ]),
  ),
  ...notPlayedOn(scenario, SUBJECTS),
});

/** A test that is skipped never says where it belongs; Allure takes it from the title, and takes it out of that. */
const labelsInTitle = ({ suite, name, title }: Scenario): string =>
  ` @allure.label.epic:${suite} @allure.label.feature:"${featureOf({ name, title }).replaceAll('"', "'")}"`;

const featureOf = ({ name, title }: Pick<Scenario, 'name' | 'title'>): string =>
  `${name}: ${title}`;

/** Allure takes an error for a failure, and not for a fault of the test, by such a name. */
class VerdictAssertion extends Error {}

/** A step that is red where it is not as it should be; the test then fails with the judge's own words, by which Allure sorts it. */
const said = (isSo: boolean, text: string): PromiseLike<void> =>
  step(text, () => {
    if (!isSo) throw new VerdictAssertion(text);
  });

const saidOf = (claim: ClaimVerdict | undefined): string =>
  claim?.verdict === 'known' ? 'known difference' : (claim?.verdict ?? 'not judged');

/** Whose it is (tools/allurerc.mjs sorts by it): what real Swarm fails is its own, and what could not be judged is the machine's. */
const causeOf = (said: string, subject: Subject): string => {
  if (said === 'inconclusive') return 'environment';
  return subject === 'swarm' ? "Swarm's own fault" : 'twin differs';
};

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

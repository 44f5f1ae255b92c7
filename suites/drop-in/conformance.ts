/**
 * docs/conformance.md from what was kept: of the runs of scenarios each claim and its state; of each engine every call of the script and how the twin's answer
 * compares; what differs on purpose, and what is not there.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownDivergences } from '../../src/command/known-divergences.ts';
import { PROJECT_ROOT, REPORTS } from '../../src/command/project.ts';
import { DEFAULT_ENGINE, ENGINE_LINES, type EngineLine } from '../../src/lab/images/catalogue.ts';
import { SCENARIOS } from '../scenarios.ts';
import type { Compared } from './compare.ts';
import { claimsSection } from './conformance-claims.ts';
import { differencesSection } from './conformance-differences.ts';
import { keptRuns } from './kept-runs.ts';
import { RULES } from './normalise.ts';
import { NOT_THERE } from './not-there.ts';

const PAGE = join(PROJECT_ROOT, 'docs', 'conformance.md');
const answersOf = (engine: EngineLine): string => join(REPORTS, 'drop-in', `${engine}.json`);

type Answers = ReadonlyMap<EngineLine, readonly Compared[]>;

/** Keeps what a whole script came to on an engine. */
export function keepAnswers(engine: EngineLine, compared: readonly Compared[]): void {
  writeFileSync(answersOf(engine), `${JSON.stringify(compared, null, 2)}\n`);
}

/** Writes the page from what is kept; of the default engine there must be something. */
export function writeConformance(): void {
  const kept = ENGINE_LINES.filter((engine) => existsSync(answersOf(engine))).map(
    (engine) =>
      [engine, JSON.parse(readFileSync(answersOf(engine), 'utf8')) as Compared[]] as const,
  );
  writeFileSync(PAGE, conformancePage(new Map(kept)));
}

export function conformancePage(answers: Answers): string {
  const compared = answers.get(DEFAULT_ENGINE) ?? [];
  const parts = [...new Set(compared.map(({ part }) => part))];
  return `${[
    '# What the twin answers, beside real Swarm',
    '',
    'Made by `node suites/drop-in/main.ts --page` from what runs left under `reports/`; not to be edited by hand. Claims first, then what differs on purpose,',
    'then call by call, and at the end what is not there yet.',
    ...claimsSection(keptRuns(), SCENARIOS, DEFAULT_ENGINE),
    ...differencesSection(answers, knownDivergences()),
    '',
    '## Calls',
    '',
    'The same calls are made of engines of real Swarm and of the twin, by the docker',
    'CLI that came with the engine or by the Engine API, one after another. They are the same where the exit code or status is, and every word on both',
    'streams, but for',
    '',
    ...RULES.map(([, by, what]) => `- ${what} (\`${by}\`)`),
    '- the width of columns, the order of keys, and that of lists of objects, which goes by random ids',
    '',
    '| engine and CLI | played | calls | same | differ for a reason | differ |',
    '| --- | --- | --- | --- | --- | --- |',
    ...[...answers].map(([engine, each]) => countsOf(engine, each)),
    ...otherEngines(answers),
    ...parts.flatMap((part) => ['', `### ${upper(part)}`, '', ...tableOf(part, compared)]),
    '',
    '## What is not there yet',
    '',
    'Of the swarm’s part of the Engine API and of what people do with it:',
    '',
    ...NOT_THERE.map((one) => `- ${one}`),
  ].join('\n')}\n`;
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function countsOf(engine: EngineLine, compared: readonly Compared[]): string {
  const count = (verdict: Compared['verdict']): number =>
    compared.filter((each) => each.verdict === verdict).length;
  const played = statSync(answersOf(engine)).mtime.toISOString().slice(0, 16).replace('T', ' ');
  return `| ${engine} | ${played} UTC | ${compared.length} | ${count('same')} | ${count('explained')} | ${count('different') + count('healed')} |`;
}

/** What the other engines are answered otherwise than the default one, which the tables are of. */
function otherEngines(answers: Answers): readonly string[] {
  const usual = new Map(answers.get(DEFAULT_ENGINE)?.map((each) => [each.title, each.verdict]));
  const lines = [...answers]
    .filter(([engine]) => engine !== DEFAULT_ENGINE)
    .flatMap(([engine, compared]) =>
      compared
        .filter(({ title, verdict }) => usual.has(title) && verdict !== usual.get(title))
        .map(({ title, verdict }) => `- ${engine}: “${title}” ${wordOf(verdict)}`),
    );
  return [
    '',
    lines.length === 0
      ? `The tables are of ${DEFAULT_ENGINE}, and so are the other engines’ answers.`
      : `The tables are of ${DEFAULT_ENGINE}. On the other engines it is the same, but for`,
    ...(lines.length === 0 ? [] : ['', ...lines]),
  ];
}

const wordOf = (verdict: Compared['verdict']): string => (verdict === 'same' ? 'same' : 'differs');

function tableOf(part: string, compared: readonly Compared[]): readonly string[] {
  const rows = compared.filter((each) => each.part === part);
  return [
    '| call | twin | why it differs |',
    '| --- | --- | --- |',
    ...rows.map(
      ({ title, verdict, reason }) =>
        `| ${title.replaceAll('|', '\\|')} | ${wordOf(verdict)} | ${reason.replaceAll('|', '\\|')} |`,
    ),
  ];
}

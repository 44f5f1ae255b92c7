/**
 * docs/conformance.md from what was kept: of the runs of scenarios each claim and its state; of each engine every call of the script and how the twin's answer
 * compares; what differs on purpose, and what is not there.
 */
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownDivergences } from '../../src/command/known-divergences.ts';
import { PROJECT_ROOT, REPORTS } from '../../src/command/project.ts';
import { DEFAULT_ENGINE } from '../../src/lab/images/catalogue.ts';
import { SCENARIOS } from '../scenarios.ts';
import type { Compared } from './compare.ts';
import { claimsSection } from './conformance-claims.ts';
import { differencesSection } from './conformance-differences.ts';
import { keptRuns } from './kept-runs.ts';
import { RULES } from './normalise.ts';
import { NOT_THERE } from './not-there.ts';
import { STAGES, type Stage } from './script.ts';
import { ENGINE_LINES, type EngineLine } from '../../src/model/engines.ts';

const PAGE = join(PROJECT_ROOT, 'docs', 'conformance.md');
const FOLDER = join(REPORTS, 'drop-in');

/** What the stages came to that are kept, and since when. */
interface Kept {
  readonly engine: EngineLine;
  /** The version of a docker CLI that is not the engine's own. */
  readonly client: string | null;
  /** Of the stage that was played longest ago. */
  readonly played: Date;
  readonly compared: readonly Compared[];
}

/** Keeps what stages came to on an engine, in place of what each came to before. */
export function keepAnswers(
  engine: EngineLine,
  stages: readonly Stage[],
  compared: readonly Compared[],
  client?: string,
): void {
  for (const { name, parts } of stages) {
    const own = compared.filter(({ part }) => parts.some((each) => each.name === part));
    const file = join(FOLDER, `${kindOf(engine, client)}.${name}.json`);
    writeFileSync(file, `${JSON.stringify(own, null, 2)}\n`);
  }
}

const kindOf = (engine: EngineLine, client?: string): string =>
  client === undefined ? engine : `${engine}-cli-${client}`;

function keptAnswers(): readonly Kept[] {
  const names = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  return ENGINE_LINES.flatMap((engine) => {
    const clients = names.flatMap((name) => {
      const [, line, client] = /^(\d+\.\d+)-cli-(.+)\.\w+\.json$/.exec(name) ?? [];
      return line === engine && client !== undefined ? [client] : [];
    });
    return [undefined, ...new Set(clients)].flatMap((client) => keptOf(engine, client));
  });
}

function keptOf(engine: EngineLine, client?: string): readonly Kept[] {
  const paths = STAGES.map(({ name }) =>
    join(FOLDER, `${kindOf(engine, client)}.${name}.json`),
  ).filter((path) => existsSync(path));
  if (paths.length === 0) return [];
  const played = new Date(Math.min(...paths.map((path) => statSync(path).mtimeMs)));
  const compared = paths.flatMap(
    (path) => JSON.parse(readFileSync(path, 'utf8')) as readonly Compared[],
  );
  return [{ engine, client: client ?? null, played, compared }];
}

/** Writes the page from what is kept; of the default engine there must be something. */
export function writeConformance(): void {
  writeFileSync(PAGE, conformancePage(keptAnswers()));
}

const isUsual = ({ engine, client }: Kept): boolean => engine === DEFAULT_ENGINE && client === null;

function conformancePage(answers: readonly Kept[]): string {
  const compared = answers.find(isUsual)?.compared ?? [];
  const parts = [...new Set(compared.map(({ part }) => part))];
  return `${[
    '# What the twin answers, beside real Swarm',
    '',
    'Made by `node suites/drop-in/main.ts --page` from what runs left under `reports/`; not to be edited by hand. Claims first, then what differs on purpose,',
    'then call by call, and at the end what is not there yet.',
    ...claimsSection(keptRuns(), SCENARIOS, DEFAULT_ENGINE),
    ...differencesSection(
      answers.filter(({ client }) => client === null),
      knownDivergences(),
    ),
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
    '| engine and CLI | played since | calls | same | differ for a reason | differ |',
    '| --- | --- | --- | --- | --- | --- |',
    ...answers.map(countsOf),
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

const nameOf = ({ engine, client }: Kept): string =>
  client === null ? engine : `${engine}, CLI ${client}`;

function countsOf(kept: Kept): string {
  const { compared } = kept;
  const count = (verdict: Compared['verdict']): number =>
    compared.filter((each) => each.verdict === verdict).length;
  const played = kept.played.toISOString().slice(0, 16).replace('T', ' ');
  return `| ${nameOf(kept)} | ${played} UTC | ${compared.length} | ${count('same')} | ${count('explained')} | ${count('different') + count('healed')} |`;
}

/** What the other engines, and other CLIs, are answered otherwise than the default one, which the tables are of. */
function otherEngines(answers: readonly Kept[]): readonly string[] {
  const usual = new Map(
    answers.find(isUsual)?.compared.map((each) => [each.title, each.verdict] as const),
  );
  const lines = answers
    .filter((kept) => !isUsual(kept))
    .flatMap((kept) =>
      kept.compared
        .filter(({ title, verdict }) => usual.has(title) && verdict !== usual.get(title))
        .map(({ title, verdict }) => `- ${nameOf(kept)}: “${title}” ${wordOf(verdict)}`),
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

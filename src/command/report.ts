import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SwarmtwinError } from '../model/errors.ts';
import { PROJECT_ROOT, REPORTS } from './project.ts';
import { print, progress } from './say.ts';

/** Not among the packages: it is larger than most of them, and few want it. npm fetches it when it is first asked for. */
const ALLURE = 'allure@3.18.0';

const REPORT_USAGE = `swarmtwin report [--no-open]: what the tests left, as an Allure report (npm run report)

  Reads reports/allure-results, where npm test leaves what its live tests came to, keeps trends in reports/allure-history.jsonl, writes reports/allure
  and opens it; Ctrl-C ends it. Without a terminal, or with --no-open, it is written and not opened. Results count once in the trends: where
  there are none since the report was made, it is left as it is. The report of a run is another one: reports/latest/report.html.

  Exit codes: 0 made, 3 there are no results, or Allure could not be had.
`;

/** `npm run report`. Exit code 0, or 3 when there is nothing to report or Allure could not be had. */
export async function report(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      open: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(REPORT_USAGE);
    return 0;
  }
  const results = join(REPORTS, 'allure-results');
  if (!existsSync(results) || readdirSync(results).length === 0)
    throw new SwarmtwinError(
      'bad-usage',
      `there are no results in ${results}`,
      'Type npm test first: its live tests leave them.',
    );
  const page = join(REPORTS, 'allure');
  if (isMade(page, results)) progress('no results since it was made; it is left as it is');
  else await make(page, results);
  print(`report: ${join(page, 'index.html')}`);
  if (!values.open || !process.stdout.isTTY) return 0;
  return npx('open', page);
}

/** Whether the report is of these results. */
function isMade(page: string, results: string): boolean {
  const index = join(page, 'index.html');
  if (!existsSync(index)) return false;
  const made = statSync(index).mtimeMs;
  return readdirSync(results).every((name) => statSync(join(results, name)).mtimeMs <= made);
}

/** Errors: `connection` where Allure could not be had. */
async function make(page: string, results: string): Promise<void> {
  // Allure writes beside what is there, and the old report would be the one that opens.
  rmSync(page, { recursive: true, force: true });
  mendHistory(join(REPORTS, 'allure-history.jsonl'));
  progress(`making the Allure report with ${ALLURE}; npm fetches that the first time`);
  const config = join('tools', 'allurerc.mjs');
  const made = await npx('generate', results, '--config', config);
  if (made !== 0)
    throw new SwarmtwinError(
      'connection',
      `${ALLURE} ended with ${made}`,
      `See above; by hand: npx ${ALLURE} generate ${results} --config ${config}`,
    );
  const index = join(page, 'index.html');
  writeFileSync(index, withoutAnalytics(readFileSync(index, 'utf8')));
}

/** A report that was ended while it was made leaves half a line, at which Allure breaks off. */
export function mendHistory(path: string): void {
  if (!existsSync(path)) return;
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  const sound = lines.filter(isJson);
  if (sound.length === lines.length) return;
  progress(`${path}: ${lines.length - sound.length} line(s) that are no JSON are left out`);
  writeFileSync(path, sound.map((line) => `${line}\n`).join(''));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Allure's page tells Google that it is looked at, and has no setting against it. */
export const withoutAnalytics = (html: string): string =>
  html
    .replace(/<script[^>]*googletagmanager[^>]*><\/script>/g, '')
    .replace(/<script>(?:(?!<\/script>)[^])*?\bgtag\((?:(?!<\/script>)[^])*<\/script>/g, '');

/** The exit code; 130 after Ctrl-C. */
function npx(...words: readonly string[]): Promise<number> {
  const child = spawn('npx', ['--yes', ALLURE, ...words], { cwd: PROJECT_ROOT, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      resolve(code ?? 130);
    });
  });
}

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SwarmtwinError } from '../model/errors.ts';
import { PROJECT_ROOT, REPORTS } from './project.ts';
import { print, progress } from './say.ts';

/** Not among the packages: it is larger than most of them, and few want it. npm fetches it when it is first asked for. */
const ALLURE = 'allure@3.18.0';

const REPORT_USAGE = `swarmtwin report [--no-open]: what the tests left, as an Allure report (npm run report)

  Reads reports/allure-results, keeps trends in reports/allure-history.jsonl, writes reports/allure and opens it; Ctrl-C ends it. Without a
  terminal, or with --no-open, it is written and not opened. The report of a run is another one: reports/latest/report.html.
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
  progress(`making the Allure report with ${ALLURE}; npm fetches that the first time`);
  const config = join('tools', 'allurerc.mjs');
  const made = await npx('generate', results, '--config', config);
  if (made !== 0)
    throw new SwarmtwinError(
      'connection',
      `${ALLURE} ended with ${made}`,
      `See above; by hand: npx ${ALLURE} generate ${results} --config ${config}`,
    );
  const page = join(REPORTS, 'allure');
  print(`report: ${join(page, 'index.html')}`);
  if (!values.open || !process.stdout.isTTY) return 0;
  return npx('open', page);
}

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

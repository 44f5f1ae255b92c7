import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SCENARIOS } from '../../suites/scenarios.ts';
import { runJest } from './child.ts';
import { DEFAULT_ENGINE } from '../lab/images/catalogue.ts';
import { playRun, subjectsAsked } from './run.ts';
import { REPORTS } from './project.ts';
import { print, progress, sayError } from './say.ts';
import { setUp } from './set-up.ts';
import { firstLines, missingEngine, PREDICTION } from './without-docker.ts';
import { ENGINE_LINES } from '../model/engines.ts';

const TEST_USAGE = `swarmtwin test [unit|live] [PATTERN …]: the project's tests (npm test)

  unit   needs nothing
  live   needs a Docker engine: real Swarm and the twin under the same faults, the lab, the API

  Without either: both. A pattern chooses test files, as Jest's own does. Where neither is named and there is no Docker engine, the unit tests alone
  are run, the simulated twin against recorded real Swarm among them, and the first line says so; with live named that is a failure.

  SWARMTWIN_SUBJECTS=swarm,twin,twin-agents plays the suites to others than swarm,twin.

  Exit codes: 0 all passed, 1 a test failed, 3 the live tests could not run.
`;

interface Totals {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly numRuntimeErrorTestSuites: number;
}

const PROJECTS = ['unit', 'live'] as const;
type Project = (typeof PROJECTS)[number];
const UNIT_ALONE: readonly Project[] = ['unit'];

/** `npm test`. Exit code 0 when all passed, 1 when a test failed, 3 when the live tests could not run. Ends with `N passed, N failed`. */
export async function test(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    print(TEST_USAGE);
    return 0;
  }
  const chosen = PROJECTS.filter((name) => args.includes(name));
  const patterns = args.filter((arg) => !PROJECTS.some((name) => name === arg));
  const missing = chosen.length === 0 ? await missingEngine() : null;
  if (missing !== null) print(...firstLines(missing));
  const projects = chosen.length > 0 ? chosen : missing === null ? PROJECTS : UNIT_ALONE;
  let passed = 0;
  let failed = 0;
  let couldNotRun = 0;
  for (const project of projects) {
    const prepared = project === 'live' ? await prepareLive(patterns) : NOTHING_PLAYED;
    couldNotRun = prepared.exitCode;
    if (couldNotRun !== 0) break;
    const totals = await runProject(project, patterns, prepared.folder);
    passed += totals.numPassedTests;
    failed += totals.numFailedTests + totals.numRuntimeErrorTestSuites + prepared.left;
  }
  if (couldNotRun !== 0) failed += 1;
  if (missing !== null) print(`the live tests were not run: this is ${PREDICTION}`);
  print(`${passed} passed, ${failed} failed`);
  if (couldNotRun !== 0) return couldNotRun;
  return failed === 0 && passed > 0 ? 0 : 1;
}

// Playing belongs in front of Jest: it packs scenarios over all families, shows its progress, and Jest then judges what was recorded.
async function prepareLive(patterns: readonly string[]): Promise<Prepared> {
  try {
    const scenarios = SCENARIOS.filter(({ suite }) =>
      chosen(`suites/${suite}/${suite}.test.ts`, patterns),
    );
    if (scenarios.length === 0) {
      await setUp(isInteropAsked(patterns) ? ENGINE_LINES : [DEFAULT_ENGINE]);
      return NOTHING_PLAYED;
    }
    const { folder, left } = await playRun(scenarios, {
      ...{ engines: [DEFAULT_ENGINE], subjects: subjectsAsked() },
    });
    return { exitCode: 0, folder, left: left.length };
  } catch (caught) {
    const exitCode = sayError(caught);
    progress('the live tests could not run; everything above was proved without Docker');
    return { exitCode, left: 0 };
  }
}

/** Asked for by name it is played on every line of engines; among all the others on one. */
const isInteropAsked = (patterns: readonly string[]): boolean =>
  patterns.some((pattern) => pattern.includes('interop'));

const NOTHING_PLAYED: Prepared = { exitCode: 0, left: 0 };

interface Prepared {
  readonly exitCode: number;
  /** How many labs could not be removed whole: a failure each. */
  readonly left: number;
  /** The run that the families' tests judge. */
  readonly folder?: string;
}

const chosen = (path: string, patterns: readonly string[]): boolean =>
  patterns.length === 0 || patterns.some((pattern) => new RegExp(pattern, 'i').test(path));

async function runProject(
  project: Project,
  patterns: readonly string[],
  folder: string | undefined,
): Promise<Totals> {
  mkdirSync(REPORTS, { recursive: true });
  const outputFile = join(REPORTS, `jest-${project}.json`);
  // A Jest that breaks writes nothing; yesterday's figures must not stand in for it.
  rmSync(outputFile, { force: true });
  // The report is of the last run: results of an earlier one would count as tries of the same.
  if (project === 'live') rmSync(join(REPORTS, 'allure-results'), { recursive: true, force: true });
  // Live tests share two cores with the clusters that they start; they pack themselves.
  const workers = project === 'live' ? '--runInBand' : '--maxWorkers=100%';
  await runJest(
    [
      '--selectProjects',
      project,
      '--json',
      `--outputFile=${outputFile}`,
      '--passWithNoTests',
      workers,
      ...patterns,
    ],
    {
      ...(folder === undefined ? {} : { SWARMTWIN_RUN: folder }),
      ...(isInteropAsked(patterns) ? { SWARMTWIN_INTEROP: 'all' } : {}),
    },
  );
  return JSON.parse(readFileSync(outputFile, 'utf8')) as Totals;
}

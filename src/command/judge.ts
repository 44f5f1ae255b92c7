import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SwarmtwinError } from '../model/errors.ts';
import type { Subject } from '../model/history.ts';
import type { ReportedScenario } from '../model/timeline.ts';
import type { KnownDivergence } from '../model/verdict.ts';
import { exitCodeOf } from '../model/verdict.ts';
import { judgePlay, reportPlays, type JudgedPlay } from './judged-play.ts';
import { knownDivergences } from './known-divergences.ts';
import { notPlayedOn } from '../scenario/unplayable.ts';
import { headerOf, stepsText } from './recorded.ts';
import { listHistories, readStored, type HistoryFile, type StoredHistory } from './run-folder.ts';
import { print, progress } from './say.ts';
import { writeReports, type RunFacts } from './write-reports.ts';

const JUDGE_USAGE = `swarmtwin judge FOLDER

  Judges the histories of a run again, with today's claims, and writes its reports anew. FOLDER is reports/latest or any other run.
`;

/** `swarmtwin judge`. Exit codes as of a run. Errors: `bad-history`, `bad-usage`. */
export function judge(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: 'boolean', default: false } },
  });
  const [folder] = positionals;
  if (values.help || folder === undefined) {
    print(JUDGE_USAGE);
    return Promise.resolve(values.help ? 0 : 3);
  }
  const known = knownDivergences();
  const groups = Map.groupBy(
    listHistories(folder),
    ({ scenario, line }) => `${scenario}${line === null ? '' : ` on ${line}`}`,
  );
  const subjects = [...new Set([...groups.values()].flat().map(({ subject }) => subject))];
  const reported = [...groups].map(([name, files]) =>
    judgeScenarioAgain(folder, name, files, { known, subjects }),
  );
  if (reported.length === 0)
    throw new SwarmtwinError(
      'bad-history',
      `there is no history in ${folder}`,
      'Name a folder that a run has made, such as reports/latest.',
    );
  writeReports(
    folder,
    reported.map(({ scenario }) => scenario),
    factsOf(folder, Math.min(...reported.map(({ startedAt }) => startedAt))),
  );
  return Promise.resolve(exitCodeOf(reported.map(({ scenario: { verdict } }) => verdict)));
}

interface JudgedAgain {
  readonly scenario: ReportedScenario;
  readonly startedAt: number;
}

interface OfTheRun {
  readonly known: readonly KnownDivergence[];
  /** Those that any of its scenarios was played to. */
  readonly subjects: readonly Subject[];
}

/** All plays of one scenario on one engine. */
function judgeScenarioAgain(
  folder: string,
  name: string,
  files: readonly HistoryFile[],
  run: OfTheRun,
): JudgedAgain {
  const plays = [...Map.groupBy(files, ({ play }) => play)].toSorted(([a], [b]) => a - b);
  const judged = plays.map(([play, of]) => {
    const title = plays.length === 1 ? name : `${name}, play ${play}`;
    return judgePlayAgain(
      title,
      of.map((file) => readStored(folder, file)),
      run,
    );
  });
  return {
    scenario: reportPlays(judged.map(({ play }) => play)),
    startedAt: Math.min(...judged.map(({ startedAt }) => startedAt)),
  };
}

/** The histories of one play. Errors: `bad-history` where they are of another schema, or of different scenarios. */
function judgePlayAgain(
  name: string,
  sides: readonly StoredHistory[],
  { known, subjects }: OfTheRun,
): { readonly play: JudgedPlay; readonly startedAt: number } {
  // A cluster that did not come up leaves an empty history; its claims are inconclusive, the other side's are judged.
  const headers = sides
    .filter(({ records }) => records.length > 0)
    .map(({ records, subject }) => headerOf(records, `${name} ${subject}: the history`));
  const [header] = headers;
  if (header === undefined)
    throw new SwarmtwinError('bad-history', `${name} has no history`, 'Play it again.');
  const other = headers.find((each) => stepsText(each.scenario) !== stepsText(header.scenario));
  if (other !== undefined)
    throw new SwarmtwinError(
      'bad-history',
      `${name}: ${header.subject} and ${other.subject} were played scenarios of different shapes or steps`,
      'Histories of two runs lie in one folder: play the scenario again to both subjects.',
    );
  for (const side of sides) {
    if (side.cut)
      progress(
        `${name} ${side.subject}: the last line was cut off in the middle; judged up to there`,
      );
  }
  const { scenario } = header;
  const missing = subjects.filter((subject) => sides.every((side) => side.subject !== subject));
  const line = sides[0]?.line ?? null;
  return {
    startedAt: Math.min(...headers.map(({ startedAt }) => startedAt)),
    play: judgePlay(scenario, {
      ...{ sides, known, notPlayed: notPlayedOn(scenario, missing) },
      ...(line === null ? {} : { line }),
      histories: sides.map(({ subject, path }) => ({ subject, path })),
    }),
  };
}

function factsOf(folder: string, startedAt: number): RunFacts {
  try {
    return JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as RunFacts;
  } catch (caught) {
    // A run that was killed wrote no such file; the histories themselves say when it began.
    progress(
      `no run.json in ${folder} (${(caught as NodeJS.ErrnoException).code ?? 'not readable'}): its reports lack the facts of the run`,
    );
    return { begun: new Date(startedAt).toISOString(), seconds: 0, facts: {} };
  }
}

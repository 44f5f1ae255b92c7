import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SwarmtwinError } from '../model/errors.ts';
import type { HeaderRecord, Subject } from '../model/history.ts';
import type { ReportedScenario } from '../model/timeline.ts';
import type { KnownDivergence } from '../model/verdict.ts';
import { exitCodeOf, exitCodeOfOne } from '../model/verdict.ts';
import { judgePlay, reportPlays, type JudgedPlay } from './judged-play.ts';
import { headerOf } from './history-file.ts';
import { knownDivergences, recordedDisagreements } from './known-divergences.ts';
import { notPlayedOn } from '../scenario/unplayable.ts';
import { stepsText } from './recorded.ts';
import { listHistories, readStored, type HistoryFile, type StoredHistory } from './run-folder.ts';
import { print, progress } from './say.ts';
import { isRecorded, isRunFacts, writeReports, type RunFacts } from './write-reports.ts';

const JUDGE_USAGE = `swarmtwin judge FOLDER

  Judges the histories of a run again, with today's claims, and writes its reports anew. FOLDER is reports/latest or any other run.

  Exit codes as of swarmtwin run: 0 all hold and same, 1 something fails or differs, 2 something is inconclusive, 3 it could not be judged.
`;

/** `swarmtwin judge`. Exit codes as of a run. Errors: `bad-history`, `bad-usage`. */
export function judge(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: 'boolean', default: false } },
  });
  const [folder, ...more] = positionals;
  if (values.help) {
    print(JUDGE_USAGE);
    return Promise.resolve(0);
  }
  if (folder === undefined || more.length > 0)
    throw new SwarmtwinError(
      'bad-usage',
      folder === undefined ? 'judge which run?' : 'one run is judged at a time',
      'Name one folder that a run has made, such as reports/latest.',
    );
  const facts = factsOf(folder);
  const known = isRecorded(facts) ? recordedDisagreements() : knownDivergences();
  const groups = Map.groupBy(
    listHistories(folder),
    ({ scenario, line }) => `${scenario}${line === null ? '' : ` on ${line}`}`,
  );
  const subjects = [...new Set([...groups.values()].flat().map(({ subject }) => subject))];
  const reported = [...groups].map(([name, files]) =>
    judgeScenarioAgain(folder, name, files, { known, subjects, options: facts.options }),
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
    {
      ...facts,
      begun: facts.begun ?? new Date(Math.min(...reported.map(begunAt))).toISOString(),
    },
  );
  const verdicts = reported.map(({ scenario: { verdict } }) => verdict);
  return Promise.resolve((subjects.length === 1 ? exitCodeOfOne : exitCodeOf)(verdicts));
}

const begunAt = ({ startedAt }: JudgedAgain): number => startedAt;

interface JudgedAgain {
  readonly scenario: ReportedScenario;
  readonly startedAt: number;
}

interface OfTheRun {
  readonly known: readonly KnownDivergence[];
  /** Those that any of its scenarios was played to. */
  readonly subjects: readonly Subject[];
  readonly options: RunFacts['options'];
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
  { known, subjects, options }: OfTheRun,
): { readonly play: JudgedPlay; readonly startedAt: number } {
  // A cluster that did not come up leaves an empty history; its claims are inconclusive, the other side's are judged.
  const headers = sides
    .filter(({ records }) => records.length > 0)
    .map((side) => ownHeader(name, side));
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
      ...(options === undefined ? {} : { options }),
      ...(line === null ? {} : { line }),
      histories: sides.map(({ subject, path }) => ({ subject, path })),
    }),
  };
}

/** Errors: `bad-history`, also for one that was recorded of somebody else than its name says. */
function ownHeader(name: string, { records, subject, path }: StoredHistory): HeaderRecord {
  const header = headerOf(records, `${name} ${subject}: the history`);
  if (header.subject === subject) return header;
  throw new SwarmtwinError(
    'bad-history',
    `${path} was recorded of ${header.subject}, and its name says ${subject}`,
    'Give it back its name, or play the scenario again.',
  );
}

/** A run that was killed wrote no such file; the histories themselves say when it began. */
function factsOf(folder: string): Omit<RunFacts, 'begun'> & Partial<RunFacts> {
  const path = join(folder, 'run.json');
  const none = { seconds: 0, facts: {} };
  // A folder that is none is refused with its histories.
  if (!existsSync(join(folder, 'histories'))) return none;
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isRunFacts(read)) return read;
    progress(`${path} is not what a run writes: the reports lack the facts of the run`);
  } catch (caught) {
    const why = (caught as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'is no JSON';
    progress(`${path} ${why}: the reports lack the facts of the run`);
  }
  return none;
}

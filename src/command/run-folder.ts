import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SwarmtwinError } from '../model/errors.ts';
import type { HistoryRecord, Subject } from '../model/history.ts';
import { SUBJECTS } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import { readHistory, type HistoryText } from './history-file.ts';
import { REPORTS } from './project.ts';
import { progress } from './say.ts';
import { ENGINE_LINES, type EngineLine } from '../model/engines.ts';

const HISTORIES = 'histories';

/** Makes the folder of a new run and points `reports/latest` at it. */
export function newRunFolder(now: Date): string {
  const folder = newFolder('run', now);
  const latest = join(REPORTS, 'latest');
  rmSync(latest, { force: true, recursive: true });
  symlinkSync(basename(folder), latest);
  return folder;
}

/** Makes a folder under `reports`, named after what it is and when it was made, with room for histories. */
export function newFolder(what: 'run' | 'fidelity', now: Date): string {
  const name = `${what}-${now.toISOString().replace(/[:.]/g, '-').slice(0, 19)}-${process.pid}`;
  const folder = join(REPORTS, name);
  mkdirSync(join(folder, HISTORIES), { recursive: true });
  return folder;
}

/** Which history of a run: whose, of which play, and on which line of engines where the run has several. */
export interface HistoryKey {
  readonly scenario: Pick<Scenario, 'suite' | 'name'>;
  readonly subject: Subject;
  /** From 1, which it is where it is left out. */
  readonly play?: number;
  readonly line?: EngineLine;
}

/** Where a history lies in its run's folder: `histories/20.10/drain.worker.twin.2.jsonl` is the second play on engine 20.10. */
export function historyPath({
  scenario: { suite, name },
  subject,
  play = 1,
  line,
}: HistoryKey): string {
  const file = [suite, name, subject, ...(play === 1 ? [] : [play]), 'jsonl'].join('.');
  return join(HISTORIES, line ?? '', file);
}

/** Appends each line of a history to its file as it comes, so that a run that is killed leaves what it saw. */
export const historySink = (folder: string, key: HistoryKey): ((line: string) => void) =>
  lineSink(join(folder, historyPath(key)));

/** A new file, in place of an old one, that grows line by line. */
export function lineSink(path: string): (line: string) => void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  return (line) => {
    appendFileSync(path, `${line}\n`);
  };
}

/** A history that was made elsewhere, beside those that the run made, so that the run can be judged again by itself. */
export function writeHistory(
  folder: string,
  key: HistoryKey,
  records: readonly HistoryRecord[],
): void {
  const write = historySink(folder, key);
  for (const record of records) write(JSON.stringify(record));
}

export function writeRunFile(folder: string, name: string, content: string): void {
  writeFileSync(join(folder, name), content);
}

/** A history of a run that has not been read. */
export interface HistoryFile {
  /** `suite/scenario`. */
  readonly scenario: string;
  readonly subject: Subject;
  readonly play: number;
  /** Null in a run with a single engine. */
  readonly line: EngineLine | null;
  /** In the run's folder. */
  readonly path: string;
}

export interface StoredHistory extends HistoryFile, HistoryText {}

/** As `historyPath` makes them. */
const FILE_NAME = /^([^.]+)\.([^.]+)\.([^.]+)(?:\.([1-9]\d*))?\.jsonl$/;

/** The histories of a run by scenario: by line of engines, by play, real Swarm first. Errors: `bad-history` for a folder that is none. */
export function listHistories(folder: string): readonly HistoryFile[] {
  const files = [null, ...ENGINE_LINES].flatMap((line) =>
    filesIn(folder, line).flatMap((file) => {
      const [, suite = '', scenario = '', name = '', play = '1'] = FILE_NAME.exec(file) ?? [];
      const subject = SUBJECTS.find((each) => each === name);
      const path = join(HISTORIES, line ?? '', file);
      if (subject !== undefined)
        return [{ scenario: `${suite}/${scenario}`, subject, play: Number(play), line, path }];
      progress(`${join(folder, path)} is left out: no run gives a history such a name`);
      return [];
    }),
  );
  return files.toSorted(
    (a, b) => a.play - b.play || SUBJECTS.indexOf(a.subject) - SUBJECTS.indexOf(b.subject),
  );
}

/** All histories of a run, by scenario. Errors: `bad-history` for a folder or a line that is none. */
export const readHistories = (folder: string): ReadonlyMap<string, readonly StoredHistory[]> =>
  Map.groupBy(
    listHistories(folder).map((file) => readStored(folder, file)),
    ({ scenario }) => scenario,
  );

export const readStored = (folder: string, file: HistoryFile): StoredHistory => ({
  ...file,
  ...readHistory(join(folder, file.path)),
});

function filesIn(folder: string, line: EngineLine | null): readonly string[] {
  const path = join(folder, HISTORIES, line ?? '');
  if (line !== null && !existsSync(path)) return [];
  try {
    return readdirSync(path)
      .filter((name) => name.endsWith('.jsonl'))
      .sort();
  } catch (caught) {
    throw SwarmtwinError.from(
      caught,
      'bad-history',
      `reading the run ${folder}`,
      'Name a folder under reports/ that a run has made, such as reports/latest.',
    );
  }
}

import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { SwarmtwinError } from '../model/errors.ts';
import type { HistoryRecord, Subject } from '../model/history.ts';
import { SUBJECTS } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import { REPORTS } from './project.ts';

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

/** Appends each line of a history to its file as it comes, so that a run that is killed leaves what it saw. */
export function historySink(
  folder: string,
  scenario: Scenario,
  subject: Subject,
): (line: string) => void {
  const path = join(folder, HISTORIES, historyFile(scenario, subject));
  writeFileSync(path, '');
  return (line) => {
    appendFileSync(path, `${line}\n`);
  };
}

const historyFile = ({ suite, name }: Scenario, subject: Subject): string =>
  `${suite}.${name}.${subject}.jsonl`;

/** Keeps a scenario's histories beside the ones that are judged, since it is played again. */
export function setAside(folder: string, scenario: Scenario, subjects: readonly Subject[]): void {
  mkdirSync(join(folder, 'set-aside'), { recursive: true });
  for (const subject of subjects) {
    const file = historyFile(scenario, subject);
    renameSync(join(folder, HISTORIES, file), join(folder, 'set-aside', file));
  }
}

/** A history that was recorded elsewhere, beside those that the run made, so that the run can be judged again by itself. */
export function writeHistory(
  folder: string,
  scenario: Scenario,
  subject: Subject,
  records: readonly HistoryRecord[],
): void {
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  writeFileSync(join(folder, HISTORIES, historyFile(scenario, subject)), text);
}

export function writeRunFile(folder: string, name: string, content: string): void {
  writeFileSync(join(folder, name), content);
}

export interface StoredHistory {
  readonly subject: Subject;
  readonly records: readonly HistoryRecord[];
  /** Lines at the end that were cut off in the middle, if any. */
  readonly cut: boolean;
}

/** The histories of a run, by scenario. Errors: `bad-history` for a folder or a line that is none. */
export function readHistories(folder: string): ReadonlyMap<string, readonly StoredHistory[]> {
  const found = new Map<string, StoredHistory[]>();
  for (const file of historyFiles(folder)) {
    const [suite = '', scenario = '', subject = ''] = file.split('.');
    const known = SUBJECTS.find((name) => name === subject);
    if (known === undefined) continue;
    const key = `${suite}/${scenario}`;
    const { records, cut } = readHistory(join(folder, HISTORIES, file));
    found.set(key, [...(found.get(key) ?? []), { subject: known, records, cut }]);
  }
  for (const sides of found.values()) {
    sides.sort((a, b) => SUBJECTS.indexOf(a.subject) - SUBJECTS.indexOf(b.subject));
  }
  return found;
}

function historyFiles(folder: string): readonly string[] {
  try {
    return readdirSync(join(folder, HISTORIES))
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

function readHistory(path: string): {
  readonly records: readonly HistoryRecord[];
  readonly cut: boolean;
} {
  const lines = readFileSync(path, 'utf8').split('\n');
  const last = lines.pop() ?? '';
  const records = lines.map((line, at) => {
    try {
      return JSON.parse(line) as HistoryRecord;
    } catch (caught) {
      throw SwarmtwinError.from(
        caught,
        'bad-history',
        `${path}, line ${at + 1}`,
        'That file was changed after the run; record it anew.',
      );
    }
  });
  return { records, cut: last !== '' };
}

/** Histories of real Swarm that are kept with the project, so that a prediction can be held against them where there is no Docker. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { SwarmtwinError } from '../model/errors.ts';
import type { HistoryRecord } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import { headerOf, parseHistory } from './history-file.ts';
import { PROJECT_ROOT } from './project.ts';
import type { EngineLine } from '../model/engines.ts';

const FOLDER = join(PROJECT_ROOT, 'fixtures', 'histories');

/** Where the history of a scenario lies. */
export const pathOf = (
  engine: EngineLine,
  { suite, name }: Pick<Scenario, 'suite' | 'name'>,
): string => join(FOLDER, engine, `${suite}--${name}.jsonl.gz`);

/** Keeps a history in place of the one before; answers the file's path. */
export function keepRecorded(engine: EngineLine, records: readonly HistoryRecord[]): string {
  const { scenario } = headerOf(records, 'the history that is to be kept');
  const path = pathOf(engine, scenario);
  mkdirSync(join(FOLDER, engine), { recursive: true });
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  writeFileSync(path, gzipSync(text, { level: 9 }));
  return path;
}

/** The suites and scenarios that there is a history of, as `suite/name`. */
export function recordedNames(engine: EngineLine): readonly string[] {
  const folder = join(FOLDER, engine);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl.gz'))
    .map((name) => name.replace('--', '/').replace(/\.jsonl\.gz$/, ''))
    .sort();
}

/** What real Swarm did. Errors: `bad-history` where nothing is recorded, or where the scenario has other steps by now. */
export function recordedHistory(
  engine: EngineLine,
  scenario: Pick<Scenario, 'suite' | 'name' | 'shape' | 'steps'>,
): readonly HistoryRecord[] {
  const path = pathOf(engine, scenario);
  const name = `${scenario.suite}/${scenario.name}`;
  const next = `Record it: swarmtwin run ${name} --subject swarm, then swarmtwin record ${name}.`;
  if (!existsSync(path))
    throw new SwarmtwinError(
      'bad-history',
      `real Swarm ${engine} was never recorded playing ${name}`,
      next,
    );
  const { records } = parseHistory(unpacked(path, next), path);
  const played = headerOf(records, path).scenario;
  if (stepsText(played) !== stepsText(scenario))
    throw new SwarmtwinError('bad-history', `${path} was recorded with other steps`, next);
  return records;
}

/** Errors: `bad-history` for a file that was cut off, or is none. */
export function unpacked(path: string, next: string): string {
  try {
    return gunzipSync(readFileSync(path)).toString('utf8');
  } catch (caught) {
    throw SwarmtwinError.from(caught, 'bad-history', `${path} cannot be unpacked`, next);
  }
}

/** What two histories must have in common to be of one scenario. */
export const stepsText = ({ shape, steps }: Pick<Scenario, 'shape' | 'steps'>): string =>
  JSON.stringify({ shape, steps });

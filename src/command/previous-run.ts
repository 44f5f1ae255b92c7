/** The run before another one: the newest under reports/ that judged a scenario that this one has too. */
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sinceOf } from '../checker/since.ts';
import type { Since } from '../model/since.ts';
import { nameOf, type RunVerdict, type ScenarioVerdict } from '../model/verdict.ts';
import { progress } from './say.ts';

/** Null where there is none. Folders are named by when their run began, so their names are in order. */
export function sinceLastRun(folder: string, now: readonly ScenarioVerdict[]): Since | null {
  const own = realpathSync(folder);
  const names = new Set(now.map(nameOf));
  const older = readdirSync(dirname(own))
    .filter((name) => /^run-\d/.test(name) && name < basename(own))
    .sort()
    .reverse();
  for (const name of older) {
    const before = verdictsOf(join(dirname(own), name));
    if (before.some((each) => names.has(nameOf(each)))) return sinceOf(name, before, now);
  }
  return null;
}

function verdictsOf(folder: string): readonly ScenarioVerdict[] {
  const path = join(folder, 'verdicts.json');
  if (!existsSync(path)) return [];
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as RunVerdict).scenarios;
  } catch (caught) {
    progress(`${path} is no JSON (${String(caught)}): not compared with it`);
    return [];
  }
}

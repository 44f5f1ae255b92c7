/** The run before another one: the newest beside it that gave most of the verdicts that this one gives. A look at one scenario does not hide the whole run before. */
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sinceOf } from '../checker/since.ts';
import type { Since } from '../model/since.ts';
import type { RunVerdict, ScenarioVerdict } from '../model/verdict.ts';
import { progress } from './say.ts';

/** Null where there is none. Folders are named by when their run began, so their names are in order. */
export function sinceLastRun(folder: string, now: readonly ScenarioVerdict[]): Since | null {
  const own = realpathSync(folder);
  const all = sinceOf('', now, now).compared;
  const older = readdirSync(dirname(own))
    .filter((name) => /^run-\d/.test(name) && name < basename(own))
    .sort()
    .reverse();
  let best: Since | null = null;
  for (const name of older) {
    const since = sinceOf(name, verdictsOf(join(dirname(own), name)), now);
    if (since.compared > (best?.compared ?? 0)) best = since;
    if (since.compared === all) break;
  }
  return best;
}

function verdictsOf(folder: string): readonly ScenarioVerdict[] {
  const path = join(folder, 'verdicts.json');
  if (!existsSync(path)) return [];
  try {
    const { scenarios } = JSON.parse(readFileSync(path, 'utf8')) as Partial<RunVerdict>;
    if (isJudged(scenarios)) return scenarios;
    progress(`${path} is of another version: not compared with it`);
  } catch (caught) {
    progress(`${path} is no JSON (${String(caught)}): not compared with it`);
  }
  return [];
}

const isJudged = (scenarios: unknown): scenarios is readonly ScenarioVerdict[] =>
  Array.isArray(scenarios) &&
  scenarios.every(
    (each: Partial<ScenarioVerdict> | null) =>
      typeof each?.engine === 'string' && Array.isArray(each.claims),
  );

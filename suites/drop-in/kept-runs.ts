/** The runs of scenarios that are kept under reports/, for docs/conformance.md. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPORTS } from '../../src/command/project.ts';
import type { RunVerdict, ScenarioVerdict } from '../../src/model/verdict.ts';

export interface KeptRun {
  /** When it began: ISO 8601. */
  readonly begun: string;
  readonly scenarios: readonly ScenarioVerdict[];
}

/** All that were finished, the newest first. */
export function keptRuns(): readonly KeptRun[] {
  const folders = existsSync(REPORTS)
    ? readdirSync(REPORTS).filter((name) => name.startsWith('run-'))
    : [];
  return folders
    .flatMap((name): readonly KeptRun[] => {
      const verdicts = join(REPORTS, name, 'verdicts.json');
      const facts = join(REPORTS, name, 'run.json');
      if (!existsSync(verdicts) || !existsSync(facts)) return [];
      const { begun } = read(facts) as Pick<KeptRun, 'begun'>;
      return [{ begun, scenarios: (read(verdicts) as RunVerdict).scenarios }];
    })
    .toSorted((a, b) => (a.begun < b.begun ? 1 : -1));
}

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

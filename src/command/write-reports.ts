import { join } from 'node:path';
import { EXCLUSIONS } from '../checker/exclusions.ts';
import { partsOf } from '../checker/page-parts.ts';
import type { HistoryRecord } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type { RunReport } from '../model/timeline.ts';
import type { ScenarioVerdict } from '../model/verdict.ts';
import { renderHtml } from '../report/html.ts';
import { renderJunit } from '../report/junit.ts';
import { renderLines } from '../report/lines.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { renderVerdicts } from '../report/verdicts-json.ts';
import { writeRunFile } from './run-folder.ts';
import { print } from './say.ts';

export interface Reported {
  readonly scenario: Scenario;
  readonly verdict: ScenarioVerdict;
  readonly histories: readonly (readonly HistoryRecord[])[];
}

export interface RunFacts {
  readonly begun: string;
  readonly seconds: number;
  readonly facts: Readonly<Record<string, string>>;
}

/** Writes what a run came to, in every form, into its folder, and says the result in a few lines. */
export function writeReports(folder: string, reported: readonly Reported[], run: RunFacts): void {
  const scenarios = reported.map(({ verdict }) => verdict);
  const report: RunReport = {
    ...run,
    exclusions: EXCLUSIONS,
    scenarios: reported.map(({ scenario, verdict, histories }) => ({
      verdict,
      seed: scenario.seed,
      ...partsOf(verdict, histories),
    })),
  };
  writeRunFile(folder, 'verdicts.json', renderVerdicts(scenarios));
  writeRunFile(folder, 'run.json', `${JSON.stringify(run, null, 2)}\n`);
  writeRunFile(folder, 'report.html', renderHtml(report));
  writeRunFile(folder, 'junit.xml', renderJunit(scenarios));
  writeRunFile(folder, 'summary.md', renderMarkdown(scenarios));
  print(...renderLines(scenarios), `report: ${join(folder, 'report.html')}`);
}

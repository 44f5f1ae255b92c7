import { join } from 'node:path';
import { EXCLUSIONS } from '../checker/exclusions.ts';
import type { ReportedScenario, RunReport } from '../model/timeline.ts';
import { renderHtml } from '../report/html.ts';
import { renderJunit } from '../report/junit.ts';
import { renderLines } from '../report/lines.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { renderVerdicts } from '../report/verdicts-json.ts';
import { engineMatrix } from './engine-matrix.ts';
import { sinceLastRun } from './previous-run.ts';
import { pageScript } from './page-script.ts';
import { writeRunFile } from './run-folder.ts';
import { print } from './say.ts';

export interface RunFacts {
  readonly begun: string;
  readonly seconds: number;
  readonly facts: Readonly<Record<string, string>>;
}

/** Writes what a run came to, in every form, into its folder, and says the result in a few lines. */
export function writeReports(
  folder: string,
  scenarios: readonly ReportedScenario[],
  run: RunFacts,
): void {
  const verdicts = scenarios.map(({ verdict }) => verdict);
  const matrix = engineMatrix(folder, verdicts);
  const since = sinceLastRun(folder, verdicts);
  const beside = { ...(matrix === null ? {} : { matrix }), ...(since === null ? {} : { since }) };
  const report: RunReport = { ...run, exclusions: EXCLUSIONS, scenarios, ...beside };
  writeRunFile(folder, 'verdicts.json', renderVerdicts(verdicts, beside));
  writeRunFile(folder, 'run.json', `${JSON.stringify(run, null, 2)}\n`);
  writeRunFile(folder, 'report.html', renderHtml(report, pageScript()));
  writeRunFile(folder, 'junit.xml', renderJunit(verdicts));
  writeRunFile(folder, 'summary.md', renderMarkdown(verdicts, beside));
  print(...renderLines(verdicts, beside), `report: ${join(folder, 'report.html')}`);
}

import { join } from 'node:path';
import { EXCLUSIONS } from '../checker/exclusions.ts';
import type { ReportedScenario, RunReport } from '../model/timeline.ts';
import { renderHtml } from '../report/html.ts';
import { renderJunit } from '../report/junit.ts';
import { renderLines } from '../report/lines.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { RECORDED } from '../report/reproduce.ts';
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
  /** What `swarmtwin run` was told besides names, engines and subjects. */
  readonly options?: readonly string[];
}

/** Whether its first side is what real Swarm was recorded to do at another time. */
export const isRecorded = ({ options = [] }: Pick<RunFacts, 'options'>): boolean =>
  options.includes(RECORDED);

/** What belongs to the command that plays a scenario again. */
export const optionsOf = (plan: {
  readonly recorded: boolean;
  readonly repeat: number;
  readonly behaveLike?: string;
}): readonly string[] => [
  ...(plan.recorded ? [RECORDED] : []),
  ...(plan.repeat === 1 ? [] : [`--repeat ${plan.repeat}`]),
  ...(plan.behaveLike === undefined ? [] : [`--behave-like ${plan.behaveLike}`]),
];

/** Whether run.json holds what a run writes there. */
export function isRunFacts(value: unknown): value is RunFacts {
  if (typeof value !== 'object' || value === null) return false;
  const { begun, seconds, facts, options = [] } = value as Partial<RunFacts>;
  return (
    typeof begun === 'string' &&
    typeof seconds === 'number' &&
    typeof facts === 'object' &&
    (facts as unknown) !== null &&
    Array.isArray(options)
  );
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
  const beside = {
    facts: run.facts,
    ...(matrix === null ? {} : { matrix }),
    ...(since === null ? {} : { since }),
  };
  const report: RunReport = { ...run, exclusions: EXCLUSIONS, scenarios, ...beside };
  writeRunFile(folder, 'verdicts.json', renderVerdicts(verdicts, beside));
  writeRunFile(folder, 'run.json', `${JSON.stringify(run, null, 2)}\n`);
  writeRunFile(folder, 'report.html', renderHtml(report, pageScript()));
  writeRunFile(folder, 'junit.xml', renderJunit(verdicts, run));
  writeRunFile(folder, 'summary.md', renderMarkdown(verdicts, beside));
  print(...renderLines(verdicts, beside), `report: ${join(folder, 'report.html')}`);
}

import type { EngineMatrix, RunVerdict, ScenarioVerdict } from '../model/verdict.ts';
import { summarize } from '../model/verdict.ts';

/** verdicts.json: the summary, every scenario with its claims, and with several engines what changed between them. */
export function renderVerdicts(
  scenarios: readonly ScenarioVerdict[],
  matrix: EngineMatrix | null = null,
): string {
  const ofEngines = matrix === null ? {} : { matrix };
  const run: RunVerdict = { summary: summarize(scenarios), scenarios, ...ofEngines };
  return `${JSON.stringify(run, null, 2)}\n`;
}

import type { RunVerdict, ScenarioVerdict } from '../model/verdict.ts';
import { summarize } from '../model/verdict.ts';

/** verdicts.json: the summary and every scenario with its claims. */
export function renderVerdicts(scenarios: readonly ScenarioVerdict[]): string {
  const run: RunVerdict = { summary: summarize(scenarios), scenarios };
  return `${JSON.stringify(run, null, 2)}\n`;
}

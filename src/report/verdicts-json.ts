import type { Beside, RunVerdict, ScenarioVerdict } from '../model/verdict.ts';
import { summarize } from '../model/verdict.ts';
import { commandOf } from './reproduce.ts';

/** verdicts.json, as docs/verdicts.schema.json describes it. */
export function renderVerdicts(scenarios: readonly ScenarioVerdict[], beside: Beside = {}): string {
  const run: RunVerdict = {
    summary: summarize(scenarios),
    scenarios: scenarios.map((verdict) => ({ ...verdict, command: commandOf(verdict) })),
    ...beside,
  };
  return `${JSON.stringify(run, null, 2)}\n`;
}

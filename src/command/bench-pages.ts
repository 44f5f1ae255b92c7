/** The pages that `bench report` measures: that of a full run on three engines, and that of a scenario of a thousand tasks. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCENARIOS } from '../../suites/scenarios.ts';
import type { BenchPages } from '../bench/report-page.ts';
import { EXCLUSIONS } from '../checker/exclusions.ts';
import type { HistoryRecord } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ReportedScenario } from '../model/timeline.ts';
import { anchorOf } from '../model/verdict.ts';
import { renderHtml } from '../report/html.ts';
import { madeReport } from '../report/made-report.ts';
import { judgePlay } from './judged-play.ts';
import { pageScript } from './page-script.ts';
import { REPORTS } from './project.ts';
import { recordedHistory, recordedNames } from './recorded.ts';
import { ENGINE_LINES, type EngineLine } from '../model/engines.ts';

/** Writes them under reports/bench. Nothing is played: both subjects of each engine are what real Swarm was recorded to do. */
export function benchPages(): BenchPages {
  const folder = join(REPORTS, 'bench');
  mkdirSync(folder, { recursive: true });
  const script = pageScript();
  const fullRun = join(folder, 'full-run.html');
  const facts = { engine: ENGINE_LINES.join(', ') };
  const scenarios = ENGINE_LINES.flatMap((line) =>
    recorded().map((scenario) => judged(scenario, line)),
  );
  const run = { begun: 'recorded', seconds: 0, facts, scenarios, exclusions: EXCLUSIONS };
  writeFileSync(fullRun, renderHtml(run, script));
  const thousandTasks = join(folder, 'thousand-tasks.html');
  const made = madeReport({ scenarios: 1, slots: 100, tasks: 10 });
  writeFileSync(thousandTasks, renderHtml(made, script));
  const [first] = made.scenarios;
  const anchor = first === undefined ? '' : `${anchorOf(first.verdict)}--timeline`;
  return { fullRun, thousandTasks, anchor };
}

function recorded(): readonly Scenario[] {
  const names = recordedNames('26.1');
  return SCENARIOS.filter(({ suite, name }) => names.includes(`${suite}/${name}`));
}

function judged(scenario: Scenario, line: EngineLine): ReportedScenario {
  const records = recordedHistory('26.1', scenario);
  const sides = (['swarm', 'twin'] as const).map((subject) => ({
    subject,
    records: records.map((record): HistoryRecord =>
      record.type === 'header' ? { ...record, subject } : record,
    ),
  }));
  return judgePlay(scenario, { sides, histories: [], known: [], line }).reported;
}

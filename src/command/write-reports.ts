import { join } from 'node:path';
import type { Scenario } from '../model/scenario.ts';
import { summarize, type ScenarioVerdict } from '../model/verdict.ts';
import type { PlayedSide } from '../scenario/play.ts';
import { writeRunFile } from './run-folder.ts';
import { print } from './say.ts';

export interface Reported {
  readonly scenario: Scenario;
  readonly verdict: ScenarioVerdict;
  readonly sides: readonly PlayedSide[];
}

/** Writes what a run came to, in every form, into its folder, and says the result in a few lines. */
export function writeReports(folder: string, reported: readonly Reported[], seconds: number): void {
  const scenarios = reported.map(({ verdict }) => verdict);
  const summary = summarize(scenarios);
  writeRunFile(
    folder,
    'verdicts.json',
    `${JSON.stringify({ summary, seconds, scenarios }, null, 2)}\n`,
  );
  for (const verdict of scenarios) {
    for (const claim of verdict.claims) {
      if (claim.verdict !== 'holds')
        print(
          `${verdict.suite}/${verdict.scenario} ${claim.id} ${claim.subject}: ${claim.verdict}: ${claim.reason}`,
        );
    }
    if (verdict.sameness !== 'same') {
      const [first] = verdict.comparison.differences;
      print(
        `${verdict.suite}/${verdict.scenario}: ${verdict.sameness}: ${verdict.comparison.reason}`,
      );
      if (first !== undefined)
        print(`  ${first.field}`, `    swarm: ${first.left}`, `    twin:  ${first.right}`);
    }
  }
  print(
    `${summary.holds} hold, ${summary.fails} fail, ${summary.inconclusive} inconclusive; ${summary.same} same, ${summary.different} different; ${seconds.toFixed(0)} s`,
    `report: ${join(folder, 'report.html')}`,
  );
}

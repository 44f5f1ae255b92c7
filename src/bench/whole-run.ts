/** `run`: how long all five families took, by the newest run's own report. Nothing is played for it. */
import { SUITES } from '../model/scenario.ts';
import type { Row } from './readings.ts';

export const RUN_SECONDS_AIM = 600;
export const RUN_RATIO_AIM = 2.5;

/** The part of verdicts.json that this needs. */
interface RunReport {
  readonly seconds?: number;
  readonly scenarios?: readonly {
    readonly suite: string;
    readonly seconds: number;
    readonly claims?: readonly { readonly subject: string }[];
  }[];
}

/** Two rows of one sample each, or the reason why there are none. */
export function wholeRunRows(verdicts: string | undefined): readonly Row[] {
  if (verdicts === undefined) return skipped('there is no finished run in reports/latest');
  const report = JSON.parse(verdicts) as RunReport;
  const scenarios = report.scenarios ?? [];
  const missing = SUITES.filter((suite) => !scenarios.some((each) => each.suite === suite));
  if (missing.length > 0) return skipped(`the newest run has no ${missing.join(', ')}`);
  const subjects = new Set(
    scenarios.flatMap((each) => (each.claims ?? []).map((claim) => claim.subject)),
  );
  if (!subjects.has('swarm') || !subjects.has('twin'))
    return skipped('the newest run did not play both subjects');
  if (report.seconds === undefined) return skipped('the newest run does not say how long it took');
  const longest = Math.max(...scenarios.map((each) => each.seconds));
  return [
    row('run.all.both', report.seconds, 's', RUN_SECONDS_AIM),
    row('run.by-longest-scenario.both', report.seconds / longest, 'times', RUN_RATIO_AIM),
  ];
}

function row(name: string, value: number, unit: string, aim: number): Row {
  const rounded = Math.round(value * 1000) / 1000;
  return { name, value: rounded, unit, samples: [rounded], loads: [], aim, met: rounded <= aim };
}

function skipped(reason: string): readonly Row[] {
  const empty = { value: null, samples: [], loads: [], reason };
  return [
    { ...empty, name: 'run.all.both', unit: 's', aim: RUN_SECONDS_AIM },
    { ...empty, name: 'run.by-longest-scenario.both', unit: 'times', aim: RUN_RATIO_AIM },
  ];
}

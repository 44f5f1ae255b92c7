/** `run`: how long all families took, by the newest run's own report. Nothing is played for it. */
import { SUITES } from '../model/scenario.ts';
import type { Row } from './readings.ts';

export const RUN_SECONDS_AIM = 600;
export const RUN_RATIO_AIM = 2.5;

/** What a run wrote: the text of its run.json and verdicts.json; undefined where the file is not there. */
export interface WrittenRun {
  readonly run: string | undefined;
  readonly verdicts: string | undefined;
}

/** The part of verdicts.json that this needs. */
interface Verdicts {
  readonly scenarios?: readonly {
    readonly suite: string;
    readonly seconds: number;
    readonly claims?: readonly { readonly subject: string }[];
  }[];
}

/** Two rows of one sample each, or the reason why there are none. */
export function wholeRunRows({ run, verdicts }: WrittenRun): readonly Row[] {
  if (verdicts === undefined) return skipped('there is no finished run in reports/latest');
  const scenarios = (JSON.parse(verdicts) as Verdicts).scenarios ?? [];
  const missing = SUITES.filter((suite) => !scenarios.some((each) => each.suite === suite));
  if (missing.length > 0) return skipped(`the newest run has no ${missing.join(', ')}`);
  const subjects = new Set(
    scenarios.flatMap((each) => (each.claims ?? []).map((claim) => claim.subject)),
  );
  if (!subjects.has('swarm') || !subjects.has('twin'))
    return skipped('the newest run did not play both subjects');
  const seconds = run === undefined ? undefined : (JSON.parse(run) as { seconds?: number }).seconds;
  if (!seconds) return skipped('the newest run does not say how long it took');
  const longest = Math.max(...scenarios.map((each) => each.seconds));
  return [
    row('run.all.both', seconds, 's', RUN_SECONDS_AIM),
    row('run.by-longest-scenario.both', seconds / longest, 'times', RUN_RATIO_AIM),
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

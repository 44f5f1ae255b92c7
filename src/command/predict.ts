import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { SCENARIOS } from '../../suites/scenarios.ts';
import { outageOf } from '../checker/outage.ts';
import { judgeScenario } from '../checker/judge-scenario.ts';
import { SwarmtwinError } from '../model/errors.ts';
import type { HistoryRecord } from '../model/history.ts';
import type { OutageTone } from '../model/outage.ts';
import type { Scenario } from '../model/scenario.ts';
import { renderOutage } from '../report/outage-lines.ts';
import { scenarioLines } from '../report/lines.ts';
import { SCHEDULE_FORMS } from '../scenario/parse-schedule.ts';
import { playSchedule, type SchedulePlan } from '../scenario/play-schedule.ts';
import { runScenario } from '../scenario/run-scenario.ts';
import { simulatedTarget } from '../target/simulated-target.ts';
import { recordedDisagreements } from './known-divergences.ts';
import { planOf } from './prediction-plan.ts';
import { recordedHistory } from './recorded.ts';
import { print, progress } from './say.ts';

const PREDICT_USAGE = `swarmtwin predict SCENARIO | SCENARIO.yaml | STACK.yaml [--fault "at TIME ACTION" …]

  Says what a swarm will do in an outage: the twin itself is played on virtual time, without Docker, in about a second. WHAT is a compose
  file as docker stack deploy takes it, or a scenario (swarmtwin run --help lists them). A scenario without --fault is played as it stands; with --fault
  its services and nodes are taken and the schedule is played to them.

  --fault ${SCHEDULE_FORMS}
  --managers N      of the simulated swarm (3; a scenario brings its own)
  --workers N       (2)
  --label NODE:KEY=VALUE
                    a node's label, for constraints; may be repeated
  --for TIME        how long to play from when all is up (two minutes after the last fault, or one where there is none)
  --seed TEXT       another draw of everything that is chance in a swarm (elections, ties, back-offs)
  --against recorded
                    compares with what real Swarm was recorded to do (a scenario only)
  --json            the same as JSON

  swarmtwin predict stack.yaml --fault "at 30s kill leader" --fault "at 90s heal"
  swarmtwin predict stack.yaml --managers 5 --workers 4 --fault "at 10s partition n1,n2 | rest" --for 5m
  swarmtwin predict stack.yaml --label n4:disk=ssd --fault "at 10s drain n4"
  swarmtwin predict slot-refill/leader-killed --against recorded

  Exit codes: 0 it was played, 3 it could not be; with --against 0 the same, 1 different, 2 it cannot be said.

  Chance decides much in an outage: play several seeds before you rely on a time.
`;

/** `swarmtwin predict`. 0 when it was played; with `--against` the exit code of a comparison. Errors: `bad-usage`, `bad-scenario`. */
export async function predict(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      fault: { type: 'string', multiple: true, default: [] },
      managers: { type: 'string' },
      workers: { type: 'string' },
      label: { type: 'string', multiple: true, default: [] },
      for: { type: 'string' },
      seed: { type: 'string' },
      against: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [what] = positionals;
  if (values.help || what === undefined) {
    print(PREDICT_USAGE);
    return values.help ? 0 : 3;
  }
  const begun = performance.now();
  const { scenario, plan, notes } = planOf(what, values);
  if (values.against !== undefined) checkComparable(values.against, scenario, plan);
  const records = await play(scenario, plan);
  const outage = outageOf(records);
  if (outage === null) throw new SwarmtwinError('internal', 'nothing was played', 'Report this.');
  for (const note of notes) progress(note);
  if (values.json) print(JSON.stringify(outage, null, 2));
  else {
    const width = process.stdout.isTTY ? process.stdout.columns : WIDTH;
    print(...renderOutage(outage, width).map(({ tone, text }) => COLOURS[tone](text)));
    progress(`played in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  }
  return values.against === undefined ? 0 : compare(scenario, records);
}

/** Of output that goes to no terminal. */
const WIDTH = 110;

const COLOURS: Readonly<Record<OutageTone, (text: string) => string>> = {
  action: pc.bold,
  bad: pc.red,
  good: pc.green,
  plain: (text) => text,
};

async function play(
  scenario: Scenario,
  plan: SchedulePlan | null,
): Promise<readonly HistoryRecord[]> {
  const target = await simulatedTarget(scenario);
  try {
    return await (plan === null
      ? runScenario(scenario, target, { sink: () => undefined })
      : playSchedule(plan, target));
  } finally {
    await target.stop();
  }
}

function checkComparable(against: string, scenario: Scenario, plan: SchedulePlan | null): void {
  const isOurs = SCENARIOS.some(
    ({ suite, name }) => suite === scenario.suite && name === scenario.name,
  );
  if (against === 'recorded' && plan === null && isOurs) return;
  throw new SwarmtwinError(
    'bad-usage',
    '--against takes recorded, and a scenario of the suites that is played as it stands',
    'See swarmtwin predict --help.',
  );
}

function compare(scenario: Scenario, records: readonly HistoryRecord[]): number {
  const real = recordedHistory('26.1', scenario);
  const sides = [
    { subject: 'swarm', records: real },
    { subject: 'sim', records },
  ] as const;
  const verdict = judgeScenario(scenario, sides, recordedDisagreements());
  print('', ...scenarioLines(verdict), ...timingLines(verdict.timings));
  return verdict.sameness === 'same' ? 0 : verdict.sameness === 'different' ? 1 : 2;
}

/** The times of both, side by side. */
function timingLines(timings: ReturnType<typeof judgeScenario>['timings']): readonly string[] {
  const of = (subject: string, name: string, fault: string): string => {
    const ms = timings.find(
      (each) => each.subject === subject && each.name === name && each.fault === fault,
    )?.ms;
    return ms == null ? '-' : `${(ms / 1000).toFixed(1)} s`;
  };
  const rows = timings.filter(({ subject }) => subject === 'swarm');
  if (rows.length === 0) return [];
  const label = (name: string, fault: string): string => `${fault}: ${name}`.padEnd(36);
  return [
    `${''.padEnd(36)}${'real, once'.padStart(12)}${'simulated'.padStart(12)}`,
    ...rows.map(
      ({ name, fault }) =>
        label(name, fault) +
        of('swarm', name, fault).padStart(12) +
        of('sim', name, fault).padStart(12),
    ),
  ];
}

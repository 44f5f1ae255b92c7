import { parseArgs } from 'node:util';
import { SwarmtwinError } from '../model/errors.ts';
import { playPlan, type RunResult } from '../simulator/explore/play-plan.ts';
import { machinesOf, servicesOf, type Plan } from '../simulator/explore/plan.ts';
import { TRACE_HEADER, traceLine } from '../simulator/explore/trace.ts';
import { exploredRun } from './explored-run.ts';
import { print } from './say.ts';

const REPLAY_USAGE = `swarmtwin replay SEED|FILE [--until T] [--trace] [--shape SHAPE]

  Plays a run of the explorer again and prints it as columns, one line for each transition. SEED is what an exploration printed,
  FILE one of reports/explore.

  --until T       stops at this virtual time: seconds (90.5) or minutes and seconds (1:30.5)
  --trace         also each step of each manager's log: leader, term, commit index
  --shape SHAPE   the one that the exploration had, where it had one (a file knows its own)

  Exit code 0, or 1 when a rule is broken.
`;

/** `swarmtwin replay`. Errors: `bad-usage`, `bad-history`. */
export function replay(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      until: { type: 'string' },
      trace: { type: 'boolean', default: false },
      shape: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [name, ...more] = positionals;
  if (values.help || name === undefined || more.length > 0) {
    print(REPLAY_USAGE);
    return Promise.resolve(values.help ? 0 : 3);
  }
  const untilMs = values.until === undefined ? Infinity : timeOf(values.until);
  const { plan } = exploredRun(name, values.shape);
  print(describePlan(plan), '', TRACE_HEADER);
  const result = playPlan(plan, {
    tell: (transition) => {
      print(traceLine(transition));
    },
    untilMs,
    isDetailed: values.trace,
  });
  print('', endLine(result));
  return Promise.resolve(result.violation === null ? 0 : 1);
}

/** One line about a plan: how much there is of everything. */
export function describePlan(plan: Plan): string {
  const { managers, workers, operations, faults } = plan;
  const spares = machinesOf(plan).length - managers.length - workers.length;
  return [
    `run ${plan.seed}: ${managers.length} manager(s), ${workers.length} worker(s)`,
    ...(spares === 0 ? [] : [`${spares} that may join`]),
    `${servicesOf(plan).length} service(s)`,
    `${operations.length} operation(s)`,
    `${faults.length} fault(s) in ${plan.faultsMs / 1000} s`,
  ].join(', ');
}

function endLine({ end, violation, virtualMs, events }: RunResult): string {
  const took = `after ${(virtualMs / 1000).toFixed(1)} s and ${events} events`;
  return violation === null ? `${end} ${took}` : `VIOLATION ${violation.text} ${took}`;
}

/** Milliseconds. @throws SwarmtwinError `bad-usage` */
function timeOf(text: string): number {
  const [, minutes = '0', seconds] = /^(?:(\d+):)?(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (seconds !== undefined) return Math.round((Number(minutes) * 60 + Number(seconds)) * 1000);
  throw new SwarmtwinError(
    'bad-usage',
    `${text} is no time of a run`,
    'Write seconds (90.5) or minutes and seconds (1:30.5).',
  );
}

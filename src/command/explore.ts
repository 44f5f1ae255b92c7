import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ANY_SHAPE, drawPlan } from '../simulator/explore/draw.ts';
import { parseShape } from '../simulator/explore/shape.ts';
import { codeVersion } from './code-version.ts';
import { asJson, checkSeed, keep } from './explored-run.ts';
import { ExploreTally } from './explore-tally.ts';
import { seedOf, type Exploration, type PlayedRun } from './explore-task.ts';
import { ExploreThreads } from './explore-threads.ts';
import { onInterrupt } from './interruption.ts';
import { print, progress } from './say.ts';
import { wholeNumber } from './whole-number.ts';

const DEFAULT_RUNS = 1000;
const SHOWN_FAILURES = 20;

const EXPLORE_USAGE = `swarmtwin explore [--runs ${DEFAULT_RUNS}] [--seed S] [--from N] [--shape managers=3,workers=2] [--workers CORES] [--for SECONDS]

  Draws swarms, stacks, operations and faults, plays each on the simulator, and looks for a rule of Swarm or of Raft that is broken.

  --runs N         how many; ${DEFAULT_RUNS} by default, with --for as many as there is time for
  --seed S         what all of it is drawn from; a new one by default, which is printed
  --from N         the number of the first run, to go on with an exploration that was ended early; 1 by default
  --shape SHAPE    which swarms: numbers or ranges (managers=1..5); 1 to 7 managers and 0 to 20 workers by default
  --workers N      threads; as many as there are cores by default
  --for SECONDS    ends after so much real time

  A run that fails is written to reports/explore; replay it, and shrink it to its shortest form. Ctrl-C ends early, says what was
  covered and how to go on.
  Exit code 0 when no rule was broken, 1 when one was, 130 when it was interrupted before.
`;

interface Options extends Exploration {
  readonly shape: string | undefined;
  readonly threads: number;
  readonly forMs: number;
}

/** `swarmtwin explore`. Errors: `bad-usage`. */
export async function explore(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string' },
      seed: { type: 'string' },
      from: { type: 'string' },
      shape: { type: 'string' },
      workers: { type: 'string' },
      for: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(EXPLORE_USAGE);
    return 0;
  }
  const first = wholeNumber('--from', values.from, 1, MOST_RUNS);
  return playAll({
    seed: checkSeed(values.seed ?? randomBytes(4).toString('hex')),
    first,
    last: Math.min(first - 1 + runsOf(values.runs, values.for), MOST_RUNS),
    limits: values.shape === undefined ? ANY_SHAPE : parseShape(values.shape),
    shape: values.shape,
    threads: wholeNumber('--workers', values.workers, availableParallelism(), 256),
    forMs: wholeNumber('--for', values.for, Infinity, MOST_SECONDS) * 1000,
  });
}

async function playAll(options: Options): Promise<number> {
  const { seed, first, last, limits, threads, forMs } = options;
  const runs = last - first + 1;
  const code = codeVersion();
  const tally = new ExploreTally(runs);
  const pool = new ExploreThreads({ seed, first, last, limits }, threads, (played) => {
    tally.add(played);
    if (played.violation !== null) tellFailure(played, options, code, tally.failures);
  });
  progress(
    `exploring seed ${seed}: ${Number.isFinite(forMs) ? `${forMs / 1000} s` : `${runs} runs`} on ${threads} thread(s), code version ${code}`,
  );
  const interruption = onInterrupt(() => {
    progress('ending; runs that are under way may end. Ctrl-C once more cuts them off.');
    pool.stop();
  });
  const timer = setTimeout(
    () => {
      pool.stop();
    },
    Math.min(forMs, 2 ** 31 - 1),
  );
  try {
    await pool.play();
  } finally {
    clearTimeout(timer);
    interruption.end();
    tally.close();
    print(...tally.lines(seed), ...leftLines(pool, options));
  }
  if (tally.failures > 0) return 1;
  return interruption.seen() ? 130 : 0;
}

/** What of it was not played, and how to go on. */
function leftLines(pool: ExploreThreads, { seed, first, last, shape }: Options): readonly string[] {
  const { next, cutOff } = pool;
  const shaped = shape === undefined ? '' : ` --shape ${shape}`;
  const cut = cutOff.map((run) => seedOf(seed, run)).join(', ');
  const rest = last === MOST_RUNS ? '' : ` --runs ${last + 1 - next}`;
  return [
    ...(cutOff.length === 0 ? [] : [`cut off and not counted: ${cut}`]),
    ...(next > last || next === first
      ? []
      : [`go on with: swarmtwin explore --seed ${seed} --from ${next}${rest}${shaped}`]),
  ];
}

/** At once, since the exploration may still go on for hours. */
function tellFailure(
  played: PlayedRun,
  { limits, shape }: Options,
  code: string,
  nth: number,
): void {
  const { seed, violation } = played;
  const path = keep(`${seed}.json`, asJson({ plan: drawPlan(seed, limits, code), violation }));
  if (nth > SHOWN_FAILURES) return;
  const how = `${seed}@${code}${shape === undefined ? '' : ` --shape ${shape}`}`;
  print(
    `VIOLATION in run ${seed}: ${violation?.text ?? ''}`,
    `  replay:  swarmtwin replay ${how}`,
    `  shrink:  swarmtwin shrink ${how}`,
    `  kept in  ${relative(process.cwd(), path)}`,
  );
  if (nth === SHOWN_FAILURES) print('(more are counted and kept, and not shown)');
}

const runsOf = (runs: string | undefined, seconds: string | undefined): number =>
  wholeNumber('--runs', runs, seconds === undefined ? DEFAULT_RUNS : MOST_RUNS, MOST_RUNS);

/** Run numbers are 32-bit integers, and each thread takes one beyond the last. */
const MOST_RUNS = 2_000_000_000;
const MOST_SECONDS = 1_000_000;

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { API_LATENCY, measureApi } from '../bench/api-latency.ts';
import { Bookkeeper } from '../bench/bookkeeper.ts';
import { BRING_UP, measureBringUp } from '../bench/bring-up.ts';
import { labMaker, SharedPair, type BenchContext } from '../bench/context.ts';
import { CREATION, measureCreation } from '../bench/creation.ts';
import { FAILOVER, measureFailover } from '../bench/failover.ts';
import { FOOTPRINT, measureFootprint } from '../bench/footprint.ts';
import { JUDGING, measureJudging } from '../bench/judging.ts';
import { Readings, type Metric, type OwnMetric, type Row } from '../bench/readings.ts';
import { measureRecording, RECORDING } from '../bench/recording.ts';
import { measureReportPage, REPORT_PAGE } from '../bench/report-page.ts';
import { measureScheduling, SCHEDULING } from '../bench/scheduling.ts';
import { measureSimulation, SIMULATION } from '../bench/simulation.ts';
import { overLines, tableLines } from '../bench/table.ts';
import { measureStack, STACKS } from '../bench/stack.ts';
import { wholeRunRows, type WrittenRun } from '../bench/whole-run.ts';
import { messageOf, SwarmtwinError } from '../model/errors.ts';
import { benchPages } from './bench-pages.ts';
import { benchRecording } from './bench-recording.ts';
import { REPORTS } from './project.ts';
import { engineOf } from './run.ts';
import { print, progress } from './say.ts';
import { labBasics, setUp, type SetUp } from './set-up.ts';

interface Measurement {
  readonly metrics: readonly Metric[];
  readonly measure: (context: BenchContext) => Promise<void>;
}

interface OwnMeasurement {
  readonly metrics: readonly OwnMetric[];
  readonly measure: (books: Bookkeeper) => Promise<void>;
}

/** In the order in which they are taken: what wants a fresh swarm first, what breaks it last. */
const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  lab: { metrics: Object.values(BRING_UP), measure: measureBringUp },
  daemon: { metrics: Object.values(FOOTPRINT), measure: measureFootprint },
  api: { metrics: API_LATENCY, measure: measureApi },
  stack: { metrics: STACKS, measure: measureStack },
  create: { metrics: CREATION, measure: measureCreation },
  recorder: {
    metrics: RECORDING,
    measure: (context) => measureRecording(context, benchRecording),
  },
  failover: { metrics: Object.values(FAILOVER), measure: measureFailover },
};

/** Of the project itself: no Docker and no second subject. */
const OWN: Readonly<Record<string, OwnMeasurement>> = {
  scheduling: { metrics: SCHEDULING, measure: measureScheduling },
  simulation: { metrics: SIMULATION, measure: measureSimulation },
  judge: { metrics: JUDGING, measure: measureJudging },
  report: {
    metrics: REPORT_PAGE,
    measure: (books) => measureReportPage(books, benchPages()),
  },
};
const RUN = 'run';
const NAMES = [...Object.keys(OWN), ...Object.keys(MEASUREMENTS), RUN];

export const BENCH_USAGE = `swarmtwin bench [NAME …] [--samples 5] [--engine 26.1]

  Measures real Swarm and the twin in one run, prints a table and writes reports/bench/latest.json. Without a name: everything.
  Names: ${NAMES.join(', ')}. What each means: docs/bench.md. These need no Docker: ${Object.keys(OWN).join(', ')}.

  A figure that misses its aim is said, and is no error: the exit code is 0 when everything asked for was measured, 3 when something could not be.
`;

/** `npm run bench`. */
export async function bench(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      samples: { type: 'string', default: '5' },
      engine: { type: 'string', default: '26.1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(BENCH_USAGE);
    return 0;
  }
  const names = namesOf(positionals);
  const samples = samplesOf(values.samples);
  const engine = engineOf(values.engine);
  const books = new Bookkeeper(samples, () => loadavg()[0] ?? 0, progress);
  const report = new BenchReport(engine, names, books);
  const failures = [...(await measureOwn(names, books, report))];
  const live = names.filter((name) => name in MEASUREMENTS);
  if (live.length > 0) failures.push(...(await measureAll(live, samples, engine, report)));
  report.finish();
  return failures.length === 0 ? 0 : 3;
}

async function measureOwn(
  names: readonly string[],
  books: Bookkeeper,
  report: BenchReport,
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const name of names) {
    const measurement = OWN[name];
    if (measurement === undefined) continue;
    try {
      await measurement.measure(books);
    } catch (caught) {
      failures.push(name);
      for (const metric of measurement.metrics) books.skip(metric, messageOf(caught));
      progress(`${name} could not be measured: ${messageOf(caught)}`);
    }
    report.write();
  }
  return failures;
}

/** Takes the measurements one after another; one that breaks does not stop the others. Gives the names of those. */
async function measureAll(
  names: readonly string[],
  samples: number,
  engine: ReturnType<typeof engineOf>,
  report: BenchReport,
): Promise<readonly string[]> {
  const ready = await setUp([engine]);
  report.describe(ready);
  const make = labMaker(labBasics(ready, engine));
  const pair = new SharedPair(make);
  const context = {
    readings: report.readings,
    samples,
    progress,
    lab: make,
    pair: () => pair.get(),
  };
  const failures: string[] = [];
  try {
    for (const name of names) {
      const measurement = MEASUREMENTS[name];
      if (measurement === undefined) continue;
      try {
        await measurement.measure(context);
      } catch (caught) {
        failures.push(name);
        for (const metric of measurement.metrics) report.readings.skip(metric, messageOf(caught));
        progress(`${name} could not be measured: ${messageOf(caught)}`);
        await pair.down();
      }
      report.write();
    }
  } finally {
    await pair.down();
  }
  return failures;
}

/** The rows of this run, on disk after each measurement so that a run that is cut off leaves what it has. */
class BenchReport {
  readonly readings = new Readings(() => loadavg()[0] ?? 0);
  readonly #engine: string;
  readonly #names: readonly string[];
  readonly #books: Bookkeeper;
  readonly #began = new Date();
  #host: Readonly<Record<string, unknown>> = {};

  constructor(engine: string, names: readonly string[], books: Bookkeeper) {
    this.#engine = engine;
    this.#names = names;
    this.#books = books;
  }

  describe({ host }: SetUp): void {
    const { cores, memoryBytes, kernel, engineVersion } = host;
    this.#host = { cores, memoryBytes, kernel, engineVersion };
  }

  write(): string {
    const folder = join(REPORTS, 'bench');
    const path = join(folder, 'latest.json');
    mkdirSync(folder, { recursive: true });
    const content = {
      began: this.#began.toISOString(),
      seconds: (Date.now() - this.#began.getTime()) / 1000,
      engine: this.#engine,
      host: this.#host,
      rows: this.#rows(),
    };
    writeFileSync(`${path}.${process.pid}`, `${JSON.stringify(content, null, 2)}\n`);
    renameSync(`${path}.${process.pid}`, path);
    return path;
  }

  /** Writes, prints the table, and says what is over its aim. */
  finish(): void {
    const path = this.write();
    const rows = this.#rows();
    const over = overLines(rows);
    print(
      ...tableLines(rows),
      '',
      ...(over.length === 0 ? ['every figure with an aim meets it'] : over),
      `rows: ${path}`,
    );
  }

  #rows(): readonly Row[] {
    const run = this.#names.includes(RUN) ? wholeRunRows(newestRun()) : [];
    return [...this.#books.rows(), ...this.readings.rows(), ...run];
  }
}

function namesOf(given: readonly string[]): readonly string[] {
  const unknown = given.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0)
    throw new SwarmtwinError(
      'bad-usage',
      `there is no measurement ${unknown.join(', ')}`,
      `Measurements are ${NAMES.join(', ')}.`,
    );
  return given.length === 0 ? NAMES : NAMES.filter((name) => given.includes(name));
}

function samplesOf(text: string): number {
  const samples = Number(text);
  if (Number.isInteger(samples) && samples >= 1) return samples;
  throw new SwarmtwinError(
    'bad-usage',
    `${text} is no number of samples`,
    'Give a whole number from 1 on, such as --samples 5.',
  );
}

const newestRun = (): WrittenRun => ({
  run: readIfThere(join(REPORTS, 'latest', 'run.json')),
  verdicts: readIfThere(join(REPORTS, 'latest', 'verdicts.json')),
});

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (caught) {
    if ((caught as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw caught;
  }
}

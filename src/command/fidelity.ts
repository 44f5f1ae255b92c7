import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { isMiss, phasesSeen, ratesOf } from '../checker/fidelity-rates.ts';
import { judgeFidelity } from '../checker/fidelity.ts';
import type { EngineLine } from '../model/engines.ts';
import { SwarmtwinError } from '../model/errors.ts';
import type { FidelityReport, FidelityRun } from '../model/fidelity.ts';
import type { HistoryRecord } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import { renderFidelity } from '../report/fidelity-lines.ts';
import { drawScenario } from '../simulator/fidelity/draw-scenario.ts';
import { codeVersion } from './code-version.ts';
import { checkSeed } from './explored-run.ts';
import { drawsOf, keptRuns, playReal, recordedRuns, type RealRun } from './fidelity-sources.ts';
import { onInterrupt } from './interruption.ts';
import { newFolder, writeRunFile } from './run-folder.ts';
import { engineOf } from './run.ts';
import { print, progress } from './say.ts';
import { scenarioYaml } from './scenario-yaml.ts';
import { wholeNumber } from './whole-number.ts';

const DEFAULT_RUNS = 10;
const DEFAULT_DRAWS = 10;

const FIDELITY_USAGE = `swarmtwin fidelity [--runs ${DEFAULT_RUNS}] [--seed S] [--draws ${DEFAULT_DRAWS}] [--engine 26.1] [--alone]
swarmtwin fidelity --recorded | --from FOLDER

  Says how often the simulator predicts right: draws outages (three managers, up to three workers, one or two faults, some operations), plays each
  on the simulator and then to real Swarm in a lab, and compares end state, placement, order of states, answers and times. A run on a machine
  that did not keep up counts apart, whatever it shows.

  --runs N        how many outages; each takes two to four minutes, several labs at a time where the machine carries them
  --seed S        what they are drawn from; a new one by default, which is printed
  --draws N       how often the simulator plays each, with other dice: the first is the prediction, the others tell what is chance
  --engine LINE   20.10, 26.1 (default) or 28.5
  --alone         one lab at a time
  --recorded      judges the suites' scenarios against what real Swarm was recorded to do (swarmtwin record); no Docker
  --from FOLDER   predicts anew what real Swarm did in an earlier fidelity or run, such as reports/latest; no Docker

  Writes reports/fidelity-…/fidelity.json and fidelity.txt after each run, and each miss as a scenario under misses. Ctrl-C ends with what is done.
  Exit code 0 when some draw foresaw every run in every respect, 1 when none did for one of them, 2 when something could not be judged, 130.
`;

interface Options {
  readonly runs: number;
  readonly draws: number;
  readonly seed: string;
  readonly engine: EngineLine;
  readonly alone: boolean;
  readonly recorded: boolean;
  readonly from: string | undefined;
}

/** `swarmtwin fidelity`. Errors: `bad-usage`, `bad-history`, and those of labs. */
export async function fidelity(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string' },
      seed: { type: 'string' },
      draws: { type: 'string' },
      engine: { type: 'string', default: '26.1' },
      alone: { type: 'boolean', default: false },
      recorded: { type: 'boolean', default: false },
      from: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(FIDELITY_USAGE);
    return 0;
  }
  const { runs, seed, draws, from, ...rest } = values;
  if ((values.recorded || from !== undefined) && (runs !== undefined || seed !== undefined))
    throw new SwarmtwinError(
      'bad-usage',
      '--recorded and --from bring their own scenarios',
      'Leave --runs and --seed out, or those two.',
    );
  return measure({
    ...{ ...rest, from, engine: engineOf(values.engine) },
    runs: wholeNumber('--runs', runs, DEFAULT_RUNS, 1000),
    draws: wholeNumber('--draws', draws, DEFAULT_DRAWS, 100),
    seed: checkSeed(seed ?? randomBytes(4).toString('hex')),
  });
}

async function measure(options: Options): Promise<number> {
  const kept = keptOf(options);
  const folder = newFolder('fidelity', new Date());
  const tally = new Tally(options, folder);
  const interruption = onInterrupt(() => {
    print(...renderFidelity(tally.report()));
    progress(`interrupted; what was judged is in ${relative(process.cwd(), folder)}`);
  });
  try {
    await (kept === null
      ? playDrawn(options, folder, tally, interruption.seen)
      : judgeKept(kept, options, tally, interruption.seen));
  } finally {
    interruption.end();
  }
  if (interruption.seen()) return 130;
  print(
    ...renderFidelity(tally.report()),
    `report: ${relative(process.cwd(), folder)}/fidelity.txt`,
  );
  return exitCodeOf(tally.runs);
}

/** What came out otherwise while the machine did not keep up is no miss, and no hit either. */
function exitCodeOf(runs: readonly FidelityRun[]): 0 | 1 | 2 {
  if (runs.some((run) => isMiss(run) && run.strain === '')) return 1;
  return runs.some(({ doubt, strain }) => doubt !== '' || strain !== '') ? 2 : 0;
}

/** What real Swarm did before now; null where it is to be played. */
function keptOf({ recorded, from, engine }: Options): readonly RealRun[] | null {
  if (!recorded && from === undefined) return null;
  const kept = recorded ? recordedRuns(engine) : keptRuns(from ?? '');
  if (kept.length > 0) return kept;
  throw new SwarmtwinError(
    'bad-history',
    `real Swarm has no history in ${from ?? 'fixtures/histories'}`,
    'Name the folder of a fidelity, or of a run with --subject swarm.',
  );
}

async function judgeKept(
  kept: readonly RealRun[],
  { draws }: Options,
  tally: Tally,
  isOver: () => boolean,
): Promise<void> {
  for (const run of kept) {
    if (isOver()) return;
    tally.add(run, await drawsOf(run.scenario, draws));
  }
}

/** All is predicted before the first lab comes up: a prediction is made beforehand, and a simulation takes a core that labs need. */
async function playDrawn(
  { runs, seed, draws, engine, alone }: Options,
  folder: string,
  tally: Tally,
  isOver: () => boolean,
): Promise<void> {
  const scenarios = Array.from({ length: runs }, (_, index) =>
    drawScenario(`${seed}-${index + 1}`, `drawn-${index + 1}`),
  );
  progress(`predicting ${runs} outage(s) of seed ${seed}, ${draws} draw(s) each`);
  const predicted = new Map<Scenario, Awaited<ReturnType<typeof drawsOf>>>();
  for (const scenario of scenarios) {
    if (isOver()) return;
    predicted.set(scenario, await drawsOf(scenario, draws));
  }
  progress(`playing them to real Swarm; the report grows in ${relative(process.cwd(), folder)}`);
  const facts = await playReal(scenarios, {
    ...{ engine, folder, alone, isOver },
    ended: (run) => {
      tally.add(run, predicted.get(run.scenario) ?? []);
    },
  });
  tally.tell(facts);
}

/** Judges runs as they end, and writes the report anew after each. */
class Tally {
  readonly runs: FidelityRun[] = [];
  readonly #options: Options;
  readonly #folder: string;
  readonly #begun = new Date();
  #facts: Readonly<Record<string, string>>;

  constructor(options: Options, folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.#facts = { engine: options.engine, code: codeVersion() };
  }

  add({ scenario, records }: RealRun, draws: readonly (readonly HistoryRecord[])[]): void {
    const run = judgeFidelity(scenario, records, draws);
    this.runs.push(run);
    if (run.aspects.some(({ right }) => !right)) this.#keepMiss(scenario, run);
    this.#write();
    const wrong = run.aspects.filter(({ right }) => !right).map(({ aspect }) => aspect);
    const how = run.doubt === '' ? wrong.join(', ') || 'as predicted' : `not judged: ${run.doubt}`;
    const strained = run.strain === '' ? '' : ' (the machine did not keep up)';
    progress(
      `${this.runs.length}: ${run.scenario}: ${wrong.length === 0 ? how : `not as predicted: ${how}`}${strained}`,
    );
  }

  /** Facts of the host, known when it was used. */
  tell(facts: Readonly<Record<string, string>>): void {
    this.#facts = { ...this.#facts, ...facts };
    this.#write();
  }

  report(): FidelityReport {
    const { seed, draws, recorded, from } = this.#options;
    return {
      begun: this.#begun.toISOString(),
      seconds: Math.round((Date.now() - this.#begun.getTime()) / 1000),
      seed: recorded ? 'the recorded histories' : (from ?? seed),
      ...{ draws, facts: this.#facts },
      rates: ratesOf(this.runs.filter(({ strain }) => strain === '')),
      ratesWithStrained: ratesOf(this.runs),
      phases: phasesSeen(this.runs),
      runs: this.runs,
    };
  }

  #write(): void {
    const report = this.report();
    writeRunFile(this.#folder, 'fidelity.json', `${JSON.stringify(report, null, 2)}\n`);
    writeRunFile(this.#folder, 'fidelity.txt', `${renderFidelity(report).join('\n')}\n`);
  }

  #keepMiss(scenario: Scenario, { aspects }: FidelityRun): void {
    const wrong = aspects.filter(({ right }) => !right);
    const told = wrong.map(({ aspect, possible, text }) => {
      const how = possible ? ', as another draw had it' : '';
      return `# not as predicted: ${aspect}${how}: ${text.replace(/\s+/g, ' ')}\n`;
    });
    mkdirSync(join(this.#folder, 'misses'), { recursive: true });
    const yaml = scenarioYaml({ scenario, leftOut: [] });
    writeRunFile(
      this.#folder,
      join('misses', `${scenario.suite}--${scenario.name}.yaml`),
      `${told.join('')}${yaml}`,
    );
  }
}

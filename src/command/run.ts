import { parseArgs } from 'node:util';
import { SCENARIOS } from '../../suites/scenarios.ts';
import { ENGINE_LINES, type EngineLine } from '../model/engines.ts';
import type { HostFacts } from '../lab/engine/probe-host.ts';
import { SwarmtwinError } from '../model/errors.ts';
import { SUBJECTS, type Subject } from '../model/history.ts';
import { SUITES, type Scenario, type SuiteName } from '../model/scenario.ts';
import type { ReportedScenario } from '../model/timeline.ts';
import { exitCodeOf, exitCodeOfOne } from '../model/verdict.ts';
import { parseScenario } from '../scenario/parse.ts';
import { KeptLabs } from './keep.ts';
import { knownDivergences, recordedDisagreements } from './known-divergences.ts';
import { LiveView } from './live-view.ts';
import { playScenarios } from './play.ts';
import { recordedHistory } from './recorded.ts';
import { readNamed } from './named-file.ts';
import { newRunFolder } from './run-folder.ts';
import { print, progress, sayError } from './say.ts';
import { setUp } from './set-up.ts';
import { wholeNumber } from './whole-number.ts';
import { refuseUnsimulated } from './unsimulated-steps.ts';
import {
  firstLines,
  missingEngine,
  PREDICTED,
  PREDICTION,
  referenceText,
  whyNotPredicted,
} from './without-docker.ts';
import { optionsOf, writeReports } from './write-reports.ts';

/** `drain (drain-pause-active)`. */
const scenariosText = (suite: SuiteName): string =>
  `${suite} (${SCENARIOS.filter((each) => each.suite === suite)
    .map(({ name }) => name)
    .join(', ')})`;

export const RUN_USAGE = `swarmtwin run [SUITE | SUITE/SCENARIO | FILE.yaml …] [--engine 26.1] [--subject swarm,twin] [--repeat 1]

  Plays scenarios to real Swarm and to the twin at the same time and judges them. Without a name: all suites.
  To the simulated twin alone it takes seconds and needs no Docker: swarmtwin run --subject sim --reference recorded
  Suites: ${SUITES.map(scenariosText).join('\n          ')}

  --engine LIST     20.10, 26.1 (default), 28.5, or several: --engine 20.10,26.1,28.5 plays all to one after the other, each beside a twin on
                    the same engine, and the report says what changed between them
  --repeat N        plays every scenario so many times: what holds in one play and fails in another is unstable, and five and more tell whether
                    the subjects take different times
  --behave-like LINE
                    what the twin does where engines differ; as the engine that it is played on unless given (docs/engines.md)
  --subject LIST    swarm,twin (default): real Swarm, the twin on real engines, sim (the twin simulated); all are compared with the first.
                    twin-managers (twin managers, real workers) and twin-agents (real managers, twin workers) tell whose a difference is:
                    --subject swarm,twin,twin-managers,twin-agents
  --reference recorded
                    the first side is what real Swarm was recorded to do (swarmtwin record)
  --keep            plays one scenario after another, up to the first that fails or differs, and leaves its labs standing: it prints the
                    DOCKER_HOST of every node of both sides; swarmtwin lab down takes them down

  Where there is no Docker engine and none can be had, swarm,twin played once becomes a prediction: the simulated twin is held against what real
  Swarm was recorded to do. The first and the last line say so, and the exit code is 2 at best.

  Exit codes: 0 all hold and same, 1 something fails, differs or is unstable, 2 something is inconclusive, 3 it could not run or a lab
  could not be removed whole, 130 interrupted.
`;

/** `npm start`. The answer is the exit code: 0 all hold and same, 1 something fails or differs, 2 something inconclusive. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      engine: { type: 'string', default: '26.1' },
      subject: { type: 'string', default: 'swarm,twin' },
      reference: { type: 'string' },
      repeat: { type: 'string', default: '1' },
      keep: { type: 'boolean', default: false },
      'behave-like': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(RUN_USAGE);
    return 0;
  }
  const engines = enginesOf(values.engine);
  const subjects = subjectsOf(values.subject);
  const scenarios = scenariosNamed(positionals);
  if (subjects.includes('sim')) for (const scenario of scenarios) refuseUnsimulated(scenario);
  const recorded = referenceOf(values.reference, subjects);
  const repeat = wholeNumber('--repeat', values.repeat, 1, MOST_PLAYS);
  if (recorded && repeat > 1)
    throw new SwarmtwinError(
      'bad-usage',
      'what was recorded is one play: its times cannot be spread',
      'Leave --repeat or --reference out.',
    );
  if (values.keep) refuseKeep(engines, subjects, repeat);
  const { keep, 'behave-like': like } = values;
  const behaveLike = like === undefined ? {} : { behaveLike: engineOf(like) };
  const plan = { engines, subjects, recorded, repeat, keep, ...behaveLike };
  if (values.subject === 'swarm,twin' && repeat === 1 && !keep && like === undefined) {
    const missing = await missingEngine();
    if (missing !== null) return predictInstead(scenarios, engines, missing);
  }
  return (await playRun(scenarios, plan)).exitCode;
}

/** Errors: the missing engine itself where nothing can be predicted. */
async function predictInstead(
  scenarios: readonly Scenario[],
  engines: readonly EngineLine[],
  missing: SwarmtwinError,
): Promise<number> {
  const reasons = scenarios.map((scenario) => whyNotPredicted(scenario, engines));
  const open = scenarios.filter((_, at) => reasons[at] === '');
  if (open.length === 0) throw missing;
  print(...firstLines(missing));
  for (const [at, { suite, name }] of scenarios.entries())
    if (reasons[at] !== '') progress(`${suite}/${name} is left out: ${reasons[at] ?? ''}`);
  const { exitCode } = await playRun(open, { engines, subjects: ['sim'], recorded: true });
  print(`this is ${PREDICTION}`);
  return exitCode === 0 ? PREDICTED : exitCode;
}

const MOST_PLAYS = 100;

function refuseKeep(
  engines: readonly EngineLine[],
  subjects: readonly Subject[],
  repeat: number,
): void {
  if (engines.length === 1 && repeat === 1 && subjects.some((subject) => subject !== 'sim')) return;
  throw new SwarmtwinError(
    'bad-usage',
    '--keep keeps the labs of one play on one engine',
    'Leave out --repeat, name one --engine, and name a subject that has a lab: swarm or twin.',
  );
}

/** What a run plays its scenarios to. */
export interface RunPlan {
  /** One after the other. */
  readonly engines: readonly EngineLine[];
  readonly subjects: readonly Subject[];
  /** Whether the first side is what real Swarm was recorded to do. */
  readonly recorded?: boolean;
  /** How often each scenario is played. */
  readonly repeat?: number;
  /** Whether the labs of the first scenario that is not as it should be stay. */
  readonly keep?: boolean;
  /** The line of engines that the twin behaves like where they differ; the one that it is played on unless given. */
  readonly behaveLike?: EngineLine;
}

export interface PlayedRun {
  readonly folder: string;
  readonly exitCode: number;
  /** Why labs could not be removed whole. */
  readonly left: readonly SwarmtwinError[];
}

/** Plays the scenarios and writes the run's folder and its reports. */
export async function playRun(scenarios: readonly Scenario[], plan: RunPlan): Promise<PlayedRun> {
  const { engines, subjects, recorded = false, repeat = 1, behaveLike } = plan;
  const kept = plan.keep === true ? new KeptLabs() : undefined;
  const known = recorded ? recordedDisagreements() : knownDivergences();
  const options = optionsOf({ ...plan, recorded, repeat });
  const reference = recorded ? { reference: referenceText(engines, scenarios) } : {};
  const ready = subjects.some((subject) => subject !== 'sim') ? await setUp(engines) : null;
  const begun = Date.now();
  const folder = newRunFolder(new Date());
  const times = repeat === 1 ? '' : `, each ${repeat} times`;
  progress(
    `playing ${scenarios.length} scenario(s) to ${subjects.join(' and ')}, engine ${engines.join(', then ')}${times}; histories go to ${folder}`,
  );
  const view = new LiveView(scenarios.length * engines.length * repeat);
  const played: ReportedScenario[] = [];
  const left: SwarmtwinError[] = [];
  const onLeft = (error: SwarmtwinError): void => {
    progress(error.message);
    left.push(error);
  };
  try {
    for (const engine of engines)
      played.push(
        ...(await playScenarios(scenarios, {
          ...{ setUp: ready, engine, isOneOfSeveral: engines.length > 1 },
          ...{ repeat, subjects, folder, known, view, options, onLeft },
          ...(kept === undefined ? {} : { kept }),
          ...(behaveLike === undefined ? {} : { behaveLike }),
          ...(recorded ? { reference: (scenario) => recordedHistory(engine, scenario) } : {}),
        })),
      );
    view.close();
    const all = engines.join(', ');
    writeReports(folder, played, {
      begun: new Date(begun).toISOString(),
      seconds: (Date.now() - begun) / 1000,
      facts: {
        ...(ready === null
          ? { engine: `${all}, simulated`, proof: PREDICTION }
          : hostFacts(ready.host, all)),
        ...reference,
      },
      ...(options.length === 0 ? {} : { options }),
    });
    const verdicts = played.map(({ verdict }) => verdict);
    if (kept !== undefined) print(...kept.lines());
    const alone = subjects.length === 1 && !recorded;
    // The reports are worth no less for it, but nobody should find out later.
    const [code = (alone ? exitCodeOfOne : exitCodeOf)(verdicts)] = left.map(sayError);
    return { folder, exitCode: code, left };
  } finally {
    view.close();
  }
}

/** What a reader of the report needs to judge the times, and what this kernel lacks. */
const hostFacts = (host: HostFacts, engine: string): Readonly<Record<string, string>> => ({
  engine,
  'host engine': host.engineVersion,
  kernel: host.kernel,
  cgroup: `v${host.cgroupVersion}`,
  cores: String(host.cores),
  memory: `${Math.round(host.memoryBytes / 2 ** 30)} GiB`,
  IPVS: host.ipvs,
  netem: host.netem,
});

export function engineOf(text: string): EngineLine {
  const engine = ENGINE_LINES.find((line) => line === text);
  if (engine !== undefined) return engine;
  throw new SwarmtwinError(
    'bad-usage',
    `there is no engine ${text}`,
    `Engines are ${ENGINE_LINES.join(', ')}.`,
  );
}

/** In the order of their age, whatever the order in which they are named. */
export function enginesOf(text: string): readonly EngineLine[] {
  const named = text.split(',').map(engineOf);
  return ENGINE_LINES.filter((line) => named.includes(line));
}

export function subjectsOf(text: string): readonly Subject[] {
  const names = text.split(',');
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new SwarmtwinError(
      'bad-usage',
      `the subject ${twice} is named twice`,
      'Its history would be one file: name each subject once.',
    );
  return names.map((name) => {
    const subject = SUBJECTS.find((each) => each === name);
    if (subject !== undefined) return subject;
    throw new SwarmtwinError(
      'bad-usage',
      `there is no subject ${name}`,
      `Subjects are ${SUBJECTS.join(', ')}.`,
    );
  });
}

/** Whom the suites are played to as tests: the environment's SWARMTWIN_SUBJECTS, or real Swarm and the twin. */
export const subjectsAsked = (): readonly Subject[] =>
  subjectsOf(process.env['SWARMTWIN_SUBJECTS'] ?? 'swarm,twin');

function referenceOf(text: string | undefined, subjects: readonly Subject[]): boolean {
  if (text === undefined) return false;
  if (text !== 'recorded')
    throw new SwarmtwinError('bad-usage', `there is no reference ${text}`, 'Write recorded.');
  if (!subjects.includes('swarm')) return true;
  throw new SwarmtwinError(
    'bad-usage',
    'real Swarm is to be played and to be read from a record',
    'Write --subject sim or --subject twin beside --reference recorded.',
  );
}

/** The scenarios that names stand for, each once: suites, single scenarios, YAML files. Errors: `bad-usage`, `bad-scenario`. */
export function scenariosNamed(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return SCENARIOS;
  return [...new Set(names.flatMap(scenariosOfName))];
}

function scenariosOfName(name: string): readonly Scenario[] {
  if (/\.ya?ml$/.test(name)) return [scenarioOfFile(name)];
  const found = SCENARIOS.filter(
    ({ suite, name: own }) => suite === name || `${suite}/${own}` === name || own === name,
  );
  if (found.length > 0) return found;
  const known = SCENARIOS.map((scenario) => `${scenario.suite}/${scenario.name}`).join('\n  ');
  throw new SwarmtwinError(
    'bad-usage',
    `there is no suite or scenario ${name}`,
    `Suites are ${SUITES.join(', ')}; scenarios are\n  ${known}`,
  );
}

function scenarioOfFile(path: string): Scenario {
  const text = readNamed(path, 'Name a scenario file.');
  return { ...parseScenario(text, path).scenario, file: path };
}

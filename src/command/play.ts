import { freemem } from 'node:os';
import type { EngineLine } from '../lab/images/catalogue.ts';
import { createLab } from '../lab/create-lab.ts';
import type { Subject as LabSubject } from '../lab/lab.ts';
import { judgeScenario } from '../checker/judge-scenario.ts';
import { SwarmtwinError } from '../model/errors.ts';
import type { HistoryRecord, Subject } from '../model/history.ts';
import { KIND_OF_MANAGERS } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type { KnownDivergence, ScenarioVerdict } from '../model/verdict.ts';
import { capacityOf, playAll } from '../scenario/pack.ts';
import { playScenario, type PlayedSide, type Side } from '../scenario/play.ts';
import { labTarget } from '../target/lab-target.ts';
import { simulatedTarget } from '../target/simulated-target.ts';
import { withStrain } from '../target/strain.ts';
import type { Target, TargetMaker } from '../target/target.ts';
import type { LiveView } from './live-view.ts';
import { historySink, setAside, writeHistory } from './run-folder.ts';
import { progress } from './say.ts';
import { labBasics, type SetUp } from './set-up.ts';

export interface PlayOptions {
  /** Null where nothing is played to real engines. */
  readonly setUp: SetUp | null;
  readonly engine: EngineLine;
  readonly subjects: readonly Subject[];
  /** What real Swarm did at another time, as the first side of every comparison. */
  readonly reference?: (scenario: Scenario) => readonly HistoryRecord[];
  readonly folder: string;
  readonly known: readonly KnownDivergence[];
  readonly view: LiveView;
}

export interface PlayedScenario {
  readonly scenario: Scenario;
  readonly sides: readonly PlayedSide[];
  readonly verdict: ScenarioVerdict;
}

/**
 * Plays scenarios to all subjects at the same time, as many at once as this machine carries, and judges each as it ends. One that could not be judged (the
 * machine was short of time, say) is played once more, alone; its first histories stay in the run's folder.
 */
export async function playScenarios(
  scenarios: readonly Scenario[],
  options: PlayOptions,
): Promise<readonly PlayedScenario[]> {
  const { setUp, subjects } = options;
  // Simulated nodes weigh nothing beside those of a lab.
  const clusters = subjects.filter((subject) => subject !== 'sim').length;
  const capacity = capacityOf(setUp?.host.cores ?? 1, freemem());
  const simulated = new Map<Scenario, PlayedSide>();
  if (clusters > 0 && subjects.includes('sim'))
    for (const scenario of scenarios) simulated.set(scenario, await simulate(scenario, options));
  const played = await playAll(scenarios, clusters, capacity, (scenario) =>
    playOne(scenario, options, simulated.get(scenario)),
  );
  const settled: PlayedScenario[] = [];
  for (const each of played) {
    const again = clusters > 0 && isOpen(each.verdict, subjects.length);
    if (again) progress(`${nameOf(each.scenario)} is played once more, alone`);
    const former = simulated.get(each.scenario);
    settled.push(again ? await playAgain(each, options, former) : each);
  }
  return settled;
}

/** Before any lab is up: a simulation takes a core for seconds, and those who watch a lab look several times in each. */
async function simulate(scenario: Scenario, { folder }: PlayOptions): Promise<PlayedSide> {
  const sink = historySink(folder, scenario, 'sim');
  const [played] = await playScenario(scenario, [{ subject: 'sim', make: simulatedTarget, sink }]);
  return played ?? { subject: 'sim', records: [] };
}

const nameOf = ({ suite, name }: Scenario): string => `${suite}/${name}`;

/** Nothing failed and nothing differs, but something could not be judged although both sides were played. */
const isOpen = ({ claims, comparison }: ScenarioVerdict, subjects: number): boolean =>
  claims.every(({ verdict }) => verdict !== 'fails') &&
  comparison.sameness !== 'different' &&
  (claims.some(({ verdict }) => verdict === 'inconclusive') ||
    (subjects > 1 && comparison.sameness === 'inconclusive'));

async function playAgain(
  { scenario }: PlayedScenario,
  options: PlayOptions,
  simulated: PlayedSide | undefined,
): Promise<PlayedScenario> {
  const collapsed = collapsedOf(scenario, options.subjects);
  const live = options.subjects.filter(
    (subject) => subject !== 'sim' && !collapsed.includes(subject),
  );
  setAside(options.folder, scenario, live);
  return playOne(scenario, options, simulated);
}

/** `simulated` is the simulation's side where it was played before. */
async function playOne(
  scenario: Scenario,
  options: PlayOptions,
  simulated: PlayedSide | undefined,
): Promise<PlayedScenario> {
  const { view, folder, known, subjects } = options;
  view.begin(scenario);
  const collapsed = collapsedOf(scenario, subjects);
  if (collapsed.length > 0)
    progress(
      `${nameOf(scenario)}: all nodes are managers, so ${collapsed.map((subject) => `${subject} is ${KIND_OF_MANAGERS[subject] ?? ''}`).join(' and ')}, and not played once more`,
    );
  const open = subjects.filter(
    (subject) => subject !== simulated?.subject && !collapsed.includes(subject),
  );
  const sides: Side[] = open.map((subject) => ({
    subject,
    make: subject === 'sim' ? simulatedTarget : labMaker(options, subject),
    sink: historySink(folder, scenario, subject),
  }));
  const recorded = recordedSide(scenario, options);
  const now = await playScenario(scenario, sides, {
    onRecord: (of, subject: Subject, record) => {
      view.record(of, subject, record);
    },
  });
  const all = simulated === undefined ? now : [...now, simulated];
  const played = all.toSorted((a, b) => subjects.indexOf(a.subject) - subjects.indexOf(b.subject));
  const judged = played.map(({ subject, records, error }) => ({
    subject,
    records,
    ...(error === undefined ? {} : { error: `${error.message} ${error.next}` }),
  }));
  const verdict = judgeScenario(scenario, [...recorded, ...judged], known, collapsed);
  view.end(scenario, verdict);
  return { scenario, sides: [...recorded, ...played], verdict };
}

/** The mixed swarms that would have nodes of one kind only, where that kind is played anyway. */
export const collapsedOf = (
  { shape: { workers, spares = 0 } }: Scenario,
  subjects: readonly Subject[],
): readonly Subject[] =>
  subjects.filter((subject) => {
    const kind = KIND_OF_MANAGERS[subject];
    return kind !== undefined && workers + spares === 0 && subjects.includes(kind);
  });

function recordedSide(
  scenario: Scenario,
  options: PlayOptions,
): readonly Pick<PlayedSide, 'subject' | 'records'>[] {
  if (options.reference === undefined) return [];
  const records = options.reference(scenario);
  writeHistory(options.folder, scenario, 'swarm', records);
  return [{ subject: 'swarm', records }];
}

/** Bringing nodes up takes all cores for some seconds, and would make the times of whatever is being played meanwhile worthless. */
const LABS_COMING_UP = 2;

/** Lets so many works run at a time, in the order they came. */
class Turnstile {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

const comingUp = new Turnstile(LABS_COMING_UP);

/** Labs on real engines, few of them coming up at a time. */
export function labMaker(
  options: Pick<PlayOptions, 'setUp' | 'engine'>,
  subject: LabSubject,
): TargetMaker {
  return (scenario) => comingUp.pass(() => makeTarget(scenario, options, subject));
}

async function makeTarget(
  scenario: Scenario,
  options: Pick<PlayOptions, 'setUp' | 'engine'>,
  subject: LabSubject,
): Promise<Target> {
  const { managers, workers, spares = 0 } = scenario.shape;
  const { setUp, engine } = options;
  if (setUp === null)
    throw new SwarmtwinError('internal', 'a lab without a set-up', 'Report this as a fault.');
  const lab = await createLab({
    ...labBasics(setUp, engine),
    subject,
    managers,
    workers,
    spares,
  });
  try {
    await lab.formSwarm();
    return withStrain(await labTarget(lab));
  } catch (caught) {
    await lab.down();
    throw SwarmtwinError.from(
      caught,
      'lab-failed',
      `forming a ${subject} of ${managers} managers and ${workers} workers`,
      'Look at the nodes of a lab of your own: swarmtwin lab up.',
    );
  }
}

import { freemem } from 'node:os';
import type { EngineLine } from '../model/engines.ts';
import { createLab } from '../lab/create-lab.ts';
import type { Subject as LabSubject } from '../lab/lab.ts';
import { isOpen } from '../checker/settle.ts';
import { SwarmtwinError } from '../model/errors.ts';
import type { HistoryRecord, Subject } from '../model/history.ts';
import { KIND_OF_MANAGERS } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ReportedScenario } from '../model/timeline.ts';
import type { KnownDivergence } from '../model/verdict.ts';
import { capacityOf, playAll, type Packed } from '../scenario/pack.ts';
import { playScenario, type PlayedSide, type Side } from '../scenario/play.ts';
import { notPlayedOn, unplayableOn } from '../scenario/unplayable.ts';
import { labTarget } from '../target/lab-target.ts';
import { simulatedTarget } from '../target/simulated-target.ts';
import { withStrain } from '../target/strain.ts';
import type { Target, TargetMaker } from '../target/target.ts';
import { judgePlay, reportPlays, type JudgedPlay } from './judged-play.ts';
import { isWrong, type KeptLabs } from './keep.ts';
import type { LiveView } from './live-view.ts';
import { historyPath, historySink, writeHistory } from './run-folder.ts';
import { progress } from './say.ts';
import { labBasics, type SetUp } from './set-up.ts';

export interface PlayOptions {
  /** Null where nothing is played to real engines. */
  readonly setUp: SetUp | null;
  readonly engine: EngineLine;
  /** Whether the run has other engines too, so that this one has to be named. */
  readonly isOneOfSeveral?: boolean;
  /** How often each scenario is played; once unless given. */
  readonly repeat?: number;
  readonly subjects: readonly Subject[];
  /** The line of engines that the twin behaves like where they differ; the one that it is played on unless given. */
  readonly behaveLike?: EngineLine;
  /** What real Swarm did at another time, as the first side of every comparison. */
  readonly reference?: (scenario: Scenario) => readonly HistoryRecord[];
  readonly folder: string;
  readonly known: readonly KnownDivergence[];
  readonly view: LiveView;
  /** Of the run, for the command that plays a scenario again. */
  readonly options: readonly string[];
  /** Told of a lab that could not be taken down whole. */
  readonly onLeft: (error: SwarmtwinError) => void;
  /** Where labs are to stand after the first scenario that is not as it should be. */
  readonly kept?: KeptLabs;
}

/** How often what could not be judged is played again: whatever it is that such a machine cannot show stays open, as often as it is played. */
const MOST_AGAIN = 2;

/**
 * Plays scenarios to all subjects at the same time, as many at once as this machine carries, and judges each as it ends. One that could not be judged (the
 * machine was short of time, say) is played again, alone, and all its plays count; what failed is not played again.
 */
export async function playScenarios(
  scenarios: readonly Scenario[],
  options: PlayOptions,
): Promise<readonly ReportedScenario[]> {
  const { setUp, subjects, repeat = 1, kept } = options;
  if (kept !== undefined) return playUntilWrong(scenarios, options, kept);
  // Simulated nodes weigh nothing beside those of a lab.
  const clusters = subjects.filter((subject) => subject !== 'sim').length;
  const capacity = capacityOf(setUp?.host.cores ?? 1, freemem());
  const turns: Turn[] = [];
  for (let play = 1; play <= repeat; play += 1)
    for (const scenario of scenarios) turns.push(await turnOf(scenario, play, clusters, options));
  const played = await playAll(turns, clusters, capacity, (turn) => playOne(turn, options));
  const settled: ReportedScenario[] = [];
  for (const scenario of scenarios) {
    const plays = played.filter((_, at) => turns[at]?.of === scenario);
    let reported = reportPlays(plays);
    for (let again = 1; again <= MOST_AGAIN; again += 1) {
      if (clusters === 0 || !isOpen(reported.verdict, subjects.length)) break;
      progress(`${nameOf(scenario)} could not be judged: it is played once more, alone`);
      plays.push(await playOne(await turnOf(scenario, repeat + again, clusters, options), options));
      reported = reportPlays(plays);
    }
    settled.push(reported);
  }
  return settled;
}

/** One after another, each once, and no further than to the first that is not as it should be: its labs stand. */
async function playUntilWrong(
  scenarios: readonly Scenario[],
  options: PlayOptions,
  kept: KeptLabs,
): Promise<readonly ReportedScenario[]> {
  const played: ReportedScenario[] = [];
  const clusters = options.subjects.filter((subject) => subject !== 'sim').length;
  for (const scenario of scenarios) {
    const reported = reportPlays([
      await playOne(await turnOf(scenario, 1, clusters, options), options),
    ]);
    played.push(reported);
    if (isWrong(reported.verdict)) {
      const left = scenarios.length - played.length;
      if (left > 0) progress(`${left} more scenario(s) not played, since this one differs`);
      return played;
    }
    await kept.release();
  }
  return played;
}

/** One of a scenario's plays. */
interface Turn extends Packed {
  readonly of: Scenario;
  readonly play: number;
  /** The same with the play's own dice. */
  readonly scenario: Scenario;
  /** The simulation's side where it was played before. */
  readonly simulated?: PlayedSide;
}

/** A simulation that labs are compared with runs before any is up: it takes a core for seconds, and those who watch a lab look several times in each. */
async function turnOf(
  of: Scenario,
  play: number,
  clusters: number,
  options: PlayOptions,
): Promise<Turn> {
  const scenario = play === 1 ? of : { ...of, seed: `${of.seed}/${play}` };
  const turn = { of, play, scenario, shape: of.shape, expectedS: of.expectedS };
  if (clusters === 0 || !options.subjects.includes('sim')) return turn;
  if (unplayableOn(of, 'sim') !== null) return turn;
  const sink = (): void => undefined;
  const make = simulationOf(options);
  const [played] = await playScenario(scenario, [{ subject: 'sim', make, sink }]);
  return { ...turn, simulated: played ?? { subject: 'sim', records: [] } };
}

const simulationOf =
  ({ engine, behaveLike = engine }: PlayOptions): TargetMaker =>
  (scenario) =>
    simulatedTarget(scenario, behaveLike);

const nameOf = ({ suite, name }: Scenario): string => `${suite}/${name}`;

async function playOne(turn: Turn, options: PlayOptions): Promise<JudgedPlay> {
  const { scenario, play, simulated } = turn;
  const { view, folder, known, subjects, engine, isOneOfSeveral = false } = options;
  const key = { scenario, play, ...(isOneOfSeveral ? { line: engine } : {}) };
  const shown = view.begin(key);
  const collapsed = collapsedOf(scenario, subjects);
  if (collapsed.length > 0)
    progress(
      `${nameOf(scenario)}: all nodes are managers, so ${collapsed.map((subject) => `${subject} is ${KIND_OF_MANAGERS[subject] ?? ''}`).join(' and ')}, and not played once more`,
    );
  const notPlayed = notPlayedOn(scenario, subjects);
  for (const [subject, reason] of Object.entries(notPlayed))
    progress(`${nameOf(scenario)}: not played on ${subject}: ${reason}`);
  const open = subjects.filter(
    (subject) =>
      subject !== simulated?.subject &&
      !collapsed.includes(subject) &&
      notPlayed[subject] === undefined,
  );
  const sides: Side[] = open.map((subject) => ({
    subject,
    make: subject === 'sim' ? simulationOf(options) : labMaker(options, subject),
    sink: historySink(folder, { ...key, subject }),
  }));
  const before = [
    ...recordedSide(scenario, options),
    ...(simulated === undefined ? [] : [simulated]),
  ];
  for (const { subject, records } of before) writeHistory(folder, { ...key, subject }, records);
  const now = await playScenario(scenario, sides, {
    onRecord: (_, subject, record) => {
      view.record(shown, subject, record);
    },
  });
  for (const { left } of now) if (left !== undefined) options.onLeft(left);
  const played = inOrder([...before, ...now], subjects);
  const judged = judgePlay(scenario, {
    ...{ known, collapsed, notPlayed, options: options.options },
    ...(key.line === undefined ? {} : { line: key.line }),
    sides: played.map(({ subject, records, error }) => ({
      ...{ subject, records },
      ...(error === undefined ? {} : { error: `${error.message} ${error.next}` }),
    })),
    histories: played.map(({ subject }) => ({ subject, path: historyPath({ ...key, subject }) })),
  });
  view.end(shown, judged.verdict);
  return judged;
}

/** What was recorded of real Swarm comes first, whoever else was asked for. */
const inOrder = (
  sides: readonly PlayedSide[],
  subjects: readonly Subject[],
): readonly PlayedSide[] =>
  sides.toSorted((a, b) => subjects.indexOf(a.subject) - subjects.indexOf(b.subject));

/** The mixed swarms that would have nodes of one kind only, where that kind is played anyway. */
export const collapsedOf = (
  { shape: { workers, spares = 0 } }: Scenario,
  subjects: readonly Subject[],
): readonly Subject[] =>
  subjects.filter((subject) => {
    const kind = KIND_OF_MANAGERS[subject];
    return kind !== undefined && workers + spares === 0 && subjects.includes(kind);
  });

const recordedSide = (scenario: Scenario, { reference }: PlayOptions): readonly PlayedSide[] =>
  reference === undefined ? [] : [{ subject: 'swarm', records: reference(scenario) }];

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

type LabPlan = Pick<PlayOptions, 'setUp' | 'engine' | 'kept' | 'behaveLike'>;

/** Labs on real engines, few of them coming up at a time. */
export function labMaker(options: LabPlan, subject: LabSubject): TargetMaker {
  return (scenario) => comingUp.pass(() => makeTarget(scenario, options, subject));
}

async function makeTarget(
  scenario: Scenario,
  options: LabPlan,
  subject: LabSubject,
): Promise<Target> {
  const { managers, workers, spares = 0 } = scenario.shape;
  const { setUp, engine, kept, behaveLike } = options;
  if (setUp === null)
    throw new SwarmtwinError('internal', 'a lab without a set-up', 'Report this as a fault.');
  const lab = await createLab({
    ...labBasics(setUp, engine),
    subject,
    managers,
    workers,
    spares,
    engineLabels: true,
    ...(kept === undefined ? {} : { kept: true, name: await kept.nameFor(scenario, subject) }),
    // Real Swarm's nodes do not look at it.
    ...(behaveLike === undefined
      ? {}
      : { nodeEnvironment: { SWARMTWIN_ARGS: `--behave-like ${behaveLike}` } }),
  });
  try {
    await lab.formSwarm();
    return withStrain(await labTarget(lab, () => kept?.hold(lab) ?? lab.down()));
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

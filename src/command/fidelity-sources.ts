/** Both sides of a prediction: the simulator's draws, and what real Swarm did, in a lab now or in a history of before. */
import { freemem } from 'node:os';
import { SCENARIOS } from '../../suites/scenarios.ts';
import type { EngineLine } from '../model/engines.ts';
import type { HistoryRecord } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import { capacityOf, playAll } from '../scenario/pack.ts';
import { playScenario } from '../scenario/play.ts';
import { unplayableOn } from '../scenario/unplayable.ts';
import { runScenario } from '../scenario/run-scenario.ts';
import { simulatedTarget } from '../target/simulated-target.ts';
import { labMaker } from './play.ts';
import { headerOf } from './history-file.ts';
import { recordedHistory } from './recorded.ts';
import { historySink, readHistories } from './run-folder.ts';
import { progress } from './say.ts';
import { setUp } from './set-up.ts';

/** A scenario and what real Swarm did in it. */
export interface RealRun {
  readonly scenario: Scenario;
  readonly records: readonly HistoryRecord[];
}

/** The simulator's plays of a scenario: the first with its own seed, which is the prediction, the others with other dice. */
export async function drawsOf(
  scenario: Scenario,
  count: number,
): Promise<readonly (readonly HistoryRecord[])[]> {
  const draws: (readonly HistoryRecord[])[] = [];
  for (let n = 1; n <= count; n += 1) {
    const seed = n === 1 ? scenario.seed : `${scenario.seed}/${n}`;
    const target = await simulatedTarget({ ...scenario, seed });
    try {
      draws.push(await runScenario(scenario, target, { sink: () => undefined }));
    } finally {
      await target.stop();
    }
  }
  return draws;
}

/** The suites' scenarios as they were recorded. */
export const recordedRuns = (engine: EngineLine): readonly RealRun[] =>
  SCENARIOS.filter((scenario) => unplayableOn(scenario, 'sim') === null).map((scenario) => ({
    scenario,
    records: recordedHistory(engine, scenario),
  }));

/** The runs of real Swarm in a folder under `reports`. Errors: `bad-history`. */
export function keptRuns(folder: string): readonly RealRun[] {
  return [...readHistories(folder)].flatMap(([name, sides]): readonly RealRun[] => {
    const records = sides.find(({ subject }) => subject === 'swarm')?.records ?? [];
    if (records.length === 0) return [];
    return [{ scenario: headerOf(records, name).scenario, records }];
  });
}

export interface LabOptions {
  readonly engine: EngineLine;
  readonly folder: string;
  /** One lab after the other, however much the machine carries. */
  readonly alone: boolean;
  /** Asked before each lab is made. */
  readonly isOver: () => boolean;
  readonly ended: (run: RealRun) => void;
}

/** Plays scenarios to real Swarm, each in a lab of its own; gives what is known of the host. One whose lab fails comes without a history. */
export async function playReal(
  scenarios: readonly Scenario[],
  { engine, folder, alone, isOver, ended }: LabOptions,
): Promise<Readonly<Record<string, string>>> {
  const ready = await setUp([engine]);
  const make = labMaker({ setUp: ready, engine }, 'swarm');
  const capacity = alone ? { nodes: 1 } : capacityOf(ready.host.cores, freemem());
  await playAll(scenarios, 1, capacity, async (scenario) => {
    if (isOver()) return;
    progress(`${scenario.name}: ${scenario.title}`);
    const sink = historySink(folder, { scenario, subject: 'swarm' });
    const [side] = await playScenario(scenario, [{ subject: 'swarm', make, sink }]);
    if (side?.error !== undefined)
      progress(`${scenario.name}: ${side.error.message} ${side.error.next}`);
    ended({ scenario, records: side?.records ?? [] });
  });
  const { host } = ready;
  return { engine, kernel: host.kernel, cores: String(host.cores) };
}

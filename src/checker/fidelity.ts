/** Holds predictions against what real Swarm did in the same scenario: what was right, what was possible, and how often. */
import {
  ASPECTS,
  type Aspect,
  type AspectVerdict,
  type FidelityRun,
  type Phase,
  type PhaseVerdict,
} from '../model/fidelity.ts';
import type { HistoryRecord } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Difference } from '../model/verdict.ts';
import { canonicalOf, type Canonical } from './canonical.ts';
import { isInRange, phasesOfOutage } from './fidelity-phases.ts';
import { doubtOf } from './judge.ts';
import { placementDifference } from './fidelity-placement.ts';
import { pairNodes } from './node-fates.ts';
import { differencesOf } from './sameness.ts';
import { strainOf } from './strain.ts';
import { tellStory, type Story } from './story.ts';

/**
 * `draws` are the simulator's plays with different dice, the prediction first. A run of real Swarm that is not whole is not judged; one during which the
 * machine did not keep up is, and is marked, whatever it shows: to leave out only what differs would flatter.
 */
export function judgeFidelity(
  scenario: Pick<Scenario, 'name' | 'title' | 'seed'>,
  real: readonly HistoryRecord[],
  draws: readonly (readonly HistoryRecord[])[],
): FidelityRun {
  const run = { scenario: scenario.name, title: scenario.title, seed: scenario.seed };
  const nothing = { strain: '', aspects: [], itself: [], phases: [] };
  const doubted = (doubt: string): FidelityRun => ({ ...run, doubt, ...nothing });
  const story = tellStory(real);
  if (story === null) return doubted('real Swarm has no history');
  const doubt = doubtOf(story)?.reason;
  if (doubt !== undefined) return doubted(doubt);
  const predictions = draws.map((records) => againstReal(story, records));
  const [first] = predictions;
  if (first === undefined) return doubted('nothing was predicted');
  return {
    ...{ ...run, doubt: '', strain: strainOf(story)?.reason ?? '' },
    ...{ aspects: verdictsOf(predictions), itself: againstItself(draws), phases: first.phases },
  };
}

const verdictsOf = (predictions: readonly Prediction[]): readonly AspectVerdict[] =>
  ASPECTS.map((aspect) => {
    const text = predictions[0]?.wrong[aspect] ?? '';
    const possible = predictions.some(({ wrong }) => wrong[aspect] === '');
    return { aspect, right: text === '', possible, text };
  });

function againstItself(draws: readonly (readonly HistoryRecord[])[]): readonly AspectVerdict[] {
  const last = tellStory(draws.at(-1) ?? []);
  if (last === null || draws.length < 2 || doubtOf(last) !== null) return [];
  return verdictsOf(draws.slice(0, -1).map((records) => againstReal(last, records)));
}

interface Prediction {
  /** Where it parts from real Swarm, '' where it does not. */
  readonly wrong: Readonly<Record<Aspect, string>>;
  readonly phases: readonly PhaseVerdict[];
}

function againstReal(real: Story, records: readonly HistoryRecord[]): Prediction {
  const story = tellStory(records);
  const doubt = story === null ? 'no history' : doubtOf(story)?.reason;
  if (story === null || doubt !== undefined) {
    const text = `the simulation was not played to its end: ${doubt ?? ''}`;
    return {
      wrong: { end: text, placement: text, order: text, answers: text, times: text },
      phases: [],
    };
  }
  const differences = differencesOf(apart(canonicalOf(real)), apart(renamed(real, story)));
  const phases = pairPhases(phasesOfOutage(real), phasesOfOutage(story));
  const firstOf = (isMine: (field: string) => boolean): string =>
    differences.filter(({ field }) => isMine(field)).map(differenceText)[0] ?? '';
  return {
    phases,
    wrong: {
      end: firstOf((field) => field.startsWith('end.') && !/^end\.(placement|tasks)\./.test(field)),
      placement: placementDifference(real, story),
      order: firstOf((field) => /^(services|nodes|control)\./.test(field)),
      answers: firstOf((field) => /^(operations|answers)\./.test(field)),
      times: firstOf((field) => field.startsWith('steps.')) || phaseText(phases),
    },
  };
}

const differenceText = ({ field, left, right }: Difference): string =>
  `${field}: real ${left} | simulated ${right}`;

/**
 * Every task by itself. Whether the slot that an update took first is also the one that was on the lost node is a tie of ties, which no number of draws
 * exhausts; what each task went through, and how many went through it, is not.
 */
const apart = (canonical: Canonical): Canonical => ({
  ...canonical,
  slots: new Map(
    [...canonical.slots].map(([service, slots]) => [service, slots.flat().map((task) => [task])]),
  ),
});

/** The canonical form with the other's names of nodes, each for the one with the same fate. */
function renamed(real: Story, story: Story): Canonical {
  const names = pairNodes(real, story);
  const canonical = canonicalOf(story);
  const under = <T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map(
      [...map].map(([field, value]) => [
        field.replace(
          /^(nodes|control)\.(n\d+)/,
          (_, prefix: string, name: string) => `${prefix}.${names.get(name) ?? name}`,
        ),
        value,
      ]),
    );
  return { ...canonical, sequences: under(canonical.sequences), end: under(canonical.end) };
}

function pairPhases(real: readonly Phase[], simulated: readonly Phase[]): readonly PhaseVerdict[] {
  const key = ({ fault, name }: Phase): string => `${fault} ${name}`;
  const [mine, theirs] = [real, simulated].map(
    (phases) => new Map(phases.map((each) => [key(each), each])),
  );
  return [...new Set([...real, ...simulated].map(key))].flatMap((each): readonly PhaseVerdict[] => {
    const [a, b] = [mine?.get(each), theirs?.get(each)];
    const phase = a ?? b;
    if (phase === undefined) return [];
    const { name, fault, lowMs, highMs, formula } = phase;
    return [
      {
        ...{ name, fault, lowMs, highMs, formula },
        realMs: a?.ms ?? null,
        simulatedMs: b?.ms ?? null,
      },
    ];
  });
}

function phaseText(phases: readonly PhaseVerdict[]): string {
  const wrong = phases.find(
    (each) => !isInRange(each.realMs, each) || !isInRange(each.simulatedMs, each),
  );
  if (wrong === undefined) return '';
  const seconds = (ms: number | null): string =>
    ms === null ? 'never' : `${(ms / 1000).toFixed(1)} s`;
  return `${wrong.fault}, ${wrong.name}: real ${seconds(wrong.realMs)} | simulated ${seconds(wrong.simulatedMs)}; ${wrong.formula}`;
}

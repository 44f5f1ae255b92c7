/** What many judged predictions come to: how often each aspect was right, and what was seen of each phase. */
import {
  ASPECTS,
  PHASES,
  type Aspect,
  type AspectRate,
  type AspectVerdict,
  type FidelityRun,
  type PhaseSummary,
  type PhaseVerdict,
  type Rate,
  type Spread,
} from '../model/fidelity.ts';
import { isInRange } from './fidelity-phases.ts';
import { wilson } from './interval.ts';

/** The rates of each aspect, and of all of them at once, over the runs that could be judged. Which of them count is the caller's choice. */
export function ratesOf(runs: readonly FidelityRun[]): readonly AspectRate[] {
  const real = runs.filter(({ doubt }) => doubt === '').map(({ aspects }) => aspects);
  const itself = runs.map((run) => run.itself).filter((verdicts) => verdicts.length > 0);
  return [...ASPECTS, 'all' as const].map((aspect) => ({
    aspect,
    ...ratesOn(real, aspect),
    itself: ratesOn(itself, aspect),
  }));
}

type Verdicts = readonly AspectVerdict[];

function ratesOn(
  runs: readonly Verdicts[],
  aspect: Aspect | 'all',
): Pick<AspectRate, 'predicted' | 'possible'> {
  const about = (verdicts: Verdicts): Verdicts =>
    verdicts.filter((each) => aspect === 'all' || each.aspect === aspect);
  const rate = (is: (verdict: AspectVerdict) => boolean): Rate =>
    wilson(runs.filter((verdicts) => about(verdicts).every(is)).length, runs.length);
  return { predicted: rate(({ right }) => right), possible: rate(({ possible }) => possible) };
}

/** What was seen of each phase, real and predicted. */
export function phasesSeen(runs: readonly FidelityRun[]): readonly PhaseSummary[] {
  const all = runs.flatMap(({ phases }) => phases);
  return PHASES.flatMap((name): readonly PhaseSummary[] => {
    const mine = all.filter((each) => each.name === name);
    const [first] = mine;
    if (first === undefined) return [];
    const within = (ms: (each: PhaseVerdict) => number | null): Rate => {
      const seen = mine.filter((each) => ms(each) !== null);
      return wilson(seen.filter((each) => isInRange(ms(each), each)).length, seen.length);
    };
    return [
      {
        ...{ name, formula: first.formula },
        real: spreadOf(mine.flatMap(({ realMs }) => realMs ?? [])),
        simulated: spreadOf(mine.flatMap(({ simulatedMs }) => simulatedMs ?? [])),
        realInRange: within(({ realMs }) => realMs),
        simulatedInRange: within(({ simulatedMs }) => simulatedMs),
      },
    ];
  });
}

function spreadOf(times: readonly number[]): Spread | null {
  const sorted = times.toSorted((a, b) => a - b);
  const [leastMs, mostMs] = [sorted[0], sorted.at(-1)];
  const above = sorted[Math.floor(sorted.length / 2)];
  const below = sorted[Math.ceil(sorted.length / 2) - 1];
  if (leastMs === undefined || mostMs === undefined || above === undefined || below === undefined)
    return null;
  return { leastMs, medianMs: (above + below) / 2, mostMs };
}

/** A run that no draw of the simulator foresaw in some respect. */
export const isMiss = (run: FidelityRun): boolean => run.aspects.some(({ possible }) => !possible);

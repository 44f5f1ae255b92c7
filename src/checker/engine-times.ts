/** Whether real Swarm of one line of engines took other times than that of the line before it; told only where a scenario was played several times on both. */
import type { EngineLine } from '../model/engines.ts';
import type { EngineTime, ScenarioVerdict, Spread } from '../model/verdict.ts';
import { rankTest } from './rank-test.ts';

/** One scenario on one line of engines. */
export interface TimedSide {
  readonly line: EngineLine;
  readonly verdict: Pick<ScenarioVerdict, 'suite' | 'scenario' | 'spreads'>;
}

/** The times of real Swarm that were measured on both, each with the rank test of the later line against the earlier. */
export function timesBetween(before: TimedSide, after: TimedSide): readonly EngineTime[] {
  const { suite, scenario, spreads = [] } = after.verdict;
  return spreads.flatMap((spread) => {
    const now = realTimes(spread);
    const was = realTimes(
      before.verdict.spreads?.find(
        ({ name, fault }) => name === spread.name && fault === spread.fault,
      ),
    );
    if (now.length === 0 || was.length === 0) return [];
    return [
      {
        ...{ scenario: `${suite}/${scenario}`, from: before.line, to: after.line },
        ...{ name: spread.name, fault: spread.fault },
        ...{ beforeMs: was, afterMs: now, test: rankTest(was, now) },
      },
    ];
  });
}

const realTimes = (spread: Spread | undefined): readonly number[] =>
  spread?.sides.find(({ subject }) => subject === 'swarm')?.ms ?? [];

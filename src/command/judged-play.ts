/** What is kept of a play once it is judged: of a run with hundreds of histories the records themselves do not fit into memory. */
import { judgeScenario, type Absent, type JudgedSide } from '../checker/judge-scenario.ts';
import { partsOf } from '../checker/page-parts.ts';
import { settle } from '../checker/settle.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ReportedScenario } from '../model/timeline.ts';
import type { KnownDivergence, Play, ScenarioVerdict } from '../model/verdict.ts';
import type { EngineLine } from '../model/engines.ts';

/** One play of a scenario, judged by itself. */
export interface JudgedPlay {
  readonly verdict: ScenarioVerdict;
  readonly reported: ReportedScenario;
  readonly histories: Play['histories'];
}

export interface PlayedSides extends Absent {
  readonly sides: readonly JudgedSide[];
  readonly histories: Play['histories'];
  readonly known: readonly KnownDivergence[];
  /** In a run with several engines. */
  readonly line?: EngineLine;
  /** Of the run, for the command that plays it again. */
  readonly options?: readonly string[];
}

export function judgePlay(scenario: Scenario, played: PlayedSides): JudgedPlay {
  const { sides, histories, known, line, options = [] } = played;
  const verdict = {
    ...judgeScenario(scenario, sides, known, played),
    ...(line === undefined ? {} : { line }),
    ...(options.length === 0 ? {} : { options }),
  };
  const parts = partsOf(
    verdict,
    sides.map(({ records }) => records),
  );
  return { verdict, histories, reported: { verdict, seed: scenario.seed, ...parts } };
}

/** All plays of a scenario as what the report says of it. */
export function reportPlays(plays: readonly JudgedPlay[]): ReportedScenario {
  const { verdict, shown } = settle(plays);
  const [first] = plays;
  if (first === undefined) throw new Error('a scenario without a play is in no report');
  return { ...(plays[shown] ?? first).reported, verdict };
}

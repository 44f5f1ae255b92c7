/** A scenario played and judged, for somebody's own tests. */
import { labMaker } from '../command/play.ts';
import { engineOf, subjectsOf } from '../command/run.ts';
import { setUp } from '../command/set-up.ts';
import { refuseUnsimulated } from '../command/unsimulated-steps.ts';
import { judgeScenario } from '../checker/judge-scenario.ts';
import type { EngineLine } from '../model/engines.ts';
import { claimText } from '../model/claim-texts.ts';
import type { HistoryRecord, Subject } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ClaimVerdict, ScenarioVerdict } from '../model/verdict.ts';
import { parseScenario } from '../scenario/parse.ts';
import { playScenario } from '../scenario/play.ts';
import { notPlayedOn } from '../scenario/unplayable.ts';
import { simulatedTarget } from '../target/simulated-target.ts';

export interface PlayChoice {
  /** `['swarm', 'twin']` unless given. With `['sim']` alone it takes seconds and needs no Docker. */
  readonly subjects?: readonly Subject[];
  /** 26.1 unless given. */
  readonly engine?: EngineLine;
}

export interface Played {
  readonly verdict: ScenarioVerdict;
  /** By subject. */
  readonly histories: ReadonlyMap<Subject, readonly HistoryRecord[]>;
}

/** Plays a scenario, a value or the text of a YAML file. Errors: `bad-usage`, `bad-scenario` with line and column, `no-engine`, `image-failed`. */
export async function playAndJudge(
  what: Scenario | string,
  { subjects = ['swarm', 'twin'], engine = '26.1' }: PlayChoice = {},
): Promise<Played> {
  const { scenario, places } =
    typeof what === 'string' ? parseScenario(what, 'scenario') : { scenario: what, places: [] };
  // Who writes JavaScript is told here what the compiler tells others.
  subjectsOf(subjects.join());
  engineOf(engine);
  if (subjects.includes('sim')) refuseUnsimulated(scenario, places);
  const notPlayed = notPlayedOn(scenario, subjects);
  const open = subjects.filter((subject) => notPlayed[subject] === undefined);
  const isLive = open.some((subject) => subject !== 'sim');
  const options = { setUp: isLive ? await setUp([engine]) : null, engine };
  const sides = await playScenario(
    scenario,
    open.map((subject) => ({
      subject,
      make:
        subject === 'sim' ? (each) => simulatedTarget(each, engine) : labMaker(options, subject),
      sink: () => undefined,
    })),
  );
  const judged = sides.map(({ subject, records, error }) => ({
    ...{ subject, records },
    ...(error === undefined ? {} : { error: `${error.message} ${error.next}` }),
  }));
  return {
    verdict: judgeScenario(scenario, judged, [], { notPlayed }),
    histories: new Map(sides.map(({ subject, records }) => [subject, records])),
  };
}

/** A claim with its sentence. */
export interface ToldClaim extends ClaimVerdict {
  readonly text: string;
}

/** The claims of what was played, one for each subject. */
export const claimsOf = ({ verdict }: Played): readonly ToldClaim[] =>
  verdict.claims.map((claim) => ({ ...claim, text: claimText(claim.id) }));

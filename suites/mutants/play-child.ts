/** Plays scenarios of the suites to the simulated twin and prints the verdicts on their claims, a line of JSON for each scenario. Arguments: their names. The mutant, if any, is in already. */
import { illegalSteps } from '../../src/checker/illegal-steps.ts';
import { judgeClaims } from '../../src/checker/judge.ts';
import { messageOf } from '../../src/model/errors.ts';
import type { ClaimId, Scenario } from '../../src/model/scenario.ts';
import type { SettledVerdict, StepRule } from '../../src/model/verdict.ts';
import { runScenario } from '../../src/scenario/run-scenario.ts';
import { simulatedTarget } from '../../src/target/simulated-target.ts';
import { SCENARIOS } from '../scenarios.ts';

export interface Judged {
  readonly claim: ClaimId;
  readonly verdict: SettledVerdict;
  readonly reason: string;
}

export interface Walked {
  readonly rule: StepRule;
  readonly text: string;
}

/** One scenario, played and judged. */
export interface Played {
  readonly scenario: string;
  readonly claims: readonly Judged[];
  /** The steps that no task may take. */
  readonly steps: readonly Walked[];
  /** Why it could not be played to its end; `''` when it was. */
  readonly broke: string;
}

async function play(scenario: Scenario): Promise<Played> {
  const { name } = scenario;
  try {
    const target = await simulatedTarget(scenario);
    const records = await runScenario(scenario, target, { sink: () => undefined });
    await target.stop();
    const claims = judgeClaims(records).map(({ id: claim, verdict, reason }) => ({
      ...{ claim, verdict, reason },
    }));
    const steps = illegalSteps(records).map(({ rule, text }) => ({ rule, text }));
    const end = records.at(-1);
    return { scenario: name, claims, steps, broke: end?.type === 'end' ? end.text : 'no end' };
  } catch (caught) {
    return { scenario: name, claims: [], steps: [], broke: messageOf(caught) };
  }
}

for (const name of process.argv.slice(2)) {
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  process.stdout.write(`${JSON.stringify(await play(scenario))}\n`);
}

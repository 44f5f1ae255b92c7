/**
 * Where there is no Docker the simulated twin is held against what real Swarm was recorded to do. That is a prediction and proves nothing on Docker, which the
 * first and the last line say.
 */
import { messageOf, SwarmtwinError } from '../model/errors.ts';
import type { Scenario } from '../model/scenario.ts';
import { headerOf } from './history-file.ts';
import { recordedHistory } from './recorded.ts';
import { findEngine } from './set-up.ts';
import { refuseUnsimulated } from './unsimulated-steps.ts';
import type { EngineLine } from '../model/engines.ts';

export const PREDICTION = 'a prediction by simulation: nothing was proved on Docker';

/** Nothing failed, and nothing was proved either: a CI that has lost its Docker must not turn green. */
export const PREDICTED = 2;

/** Why there is no Docker engine; null where there is one by now. One that DOCKER_HOST names and that does not answer is a mistake. Errors: as of the engine. */
export async function missingEngine(): Promise<SwarmtwinError | null> {
  try {
    await findEngine();
    return null;
  } catch (caught) {
    const isMissing = SwarmtwinError.from(caught, 'internal', '', '').code === 'no-engine';
    if (!isMissing || process.env['DOCKER_HOST'] !== undefined) throw caught;
    return caught as SwarmtwinError;
  }
}

/** What is said first. */
export const firstLines = ({ message, next }: SwarmtwinError): readonly string[] => [
  `this is ${PREDICTION}, since there is no Docker engine here; the simulated twin is held against what real Swarm was recorded to do`,
  `${message}. ${next}`,
];

/** Why a scenario cannot be held against a recording of each of the engines; '' where it can. */
export function whyNotPredicted(scenario: Scenario, engines: readonly EngineLine[]): string {
  try {
    refuseUnsimulated(scenario);
    for (const engine of engines) recordedHistory(engine, scenario);
    return '';
  } catch (caught) {
    return messageOf(caught);
  }
}

/** Whose records a comparison with recorded histories is with: engines, kernels and days. Errors: `bad-history` where one is missing. */
export function referenceText(
  engines: readonly EngineLine[],
  scenarios: readonly Scenario[],
): string {
  const headers = engines.flatMap((engine) =>
    scenarios.map((scenario) => headerOf(recordedHistory(engine, scenario), scenario.name)),
  );
  const all = (texts: readonly string[]): string => [...new Set(texts)].sort().join(', ');
  const days = all(headers.map(({ startedAt }) => new Date(startedAt).toISOString().slice(0, 10)));
  const hosts = headers.map(
    ({ host }) => `${host['kernel'] ?? '?'} (${host['cores'] ?? '?'} cores)`,
  );
  return `recorded: ${all(headers.map(({ engine }) => engine))} on kernel ${all(hosts)}, ${days}`;
}

import { SwarmtwinError } from '../model/errors.ts';
import type { Scenario } from '../model/scenario.ts';
import { stepTitle } from '../scenario/step-title.ts';
import { unplayableOn } from '../scenario/unplayable.ts';
import { unsimulated } from '../simulator/unsimulated.ts';

/** Refuses a scenario that asks of its nodes what simulated ones do not have. @throws SwarmtwinError `bad-scenario` with the step and the reason */
export function refuseUnplayable(scenario: Scenario): void {
  const reason = unplayableOn(scenario, 'sim');
  if (reason === null) return;
  throw new SwarmtwinError(
    'bad-scenario',
    `${scenario.suite}/${scenario.name} cannot be simulated: ${reason}`,
    'Play it on Docker: swarmtwin run --subject swarm,twin.',
  );
}

/**
 * Refuses a scenario with a fault that no simulation has, before any of it is played. `places` are those of its steps, where it comes from a file.
 * @throws SwarmtwinError `bad-scenario` with a line for each such step: what cannot, and why
 */
export function refuseUnsimulated(scenario: Scenario, places: readonly string[] = []): void {
  const lines = scenario.steps.flatMap((step, index) => {
    const refused = step.do === 'inject' ? unsimulated(step.fault) : null;
    if (refused === null) return [];
    const place = places[index] ?? `${scenario.suite}/${scenario.name}, step ${index + 1}`;
    return [`${place}: '${stepTitle(step)}' cannot be simulated: ${refused.what}: ${refused.why}`];
  });
  if (lines.length > 0)
    throw new SwarmtwinError(
      'bad-scenario',
      lines.join('\n'),
      'Play the scenario on Docker (swarmtwin run --subject swarm,twin), or leave these steps out.',
    );
}

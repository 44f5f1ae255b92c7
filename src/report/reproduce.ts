/** The one command that plays a scenario again. */
import type { ScenarioVerdict } from '../model/verdict.ts';

/** `npx swarmtwin run SUITE/SCENARIO …`, with the engine and the subjects that it was played on. */
export function commandOf(verdict: ScenarioVerdict): string {
  const subjects = [
    ...new Set([
      ...verdict.claims.map(({ subject }) => subject),
      ...Object.keys(verdict.collapsed ?? {}),
    ]),
  ];
  const line = /^\d+\.\d+/.exec(verdict.engine)?.[0];
  const simulated = subjects.includes('sim') && subjects.includes('swarm');
  const named = simulated ? subjects.filter((subject) => subject !== 'swarm') : subjects;
  return [
    `npx swarmtwin run ${verdict.file ?? `${verdict.suite}/${verdict.scenario}`}`,
    ...(line === undefined ? [] : [`--engine ${line}`]),
    ...(named.length === 0 || named.join() === 'swarm,twin' ? [] : [`--subject ${named.join()}`]),
    ...(simulated ? ['--reference recorded'] : []),
  ].join(' ');
}

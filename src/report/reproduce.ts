/** The one command that plays a scenario again. */
import { notPlayedOn, type ScenarioVerdict } from '../model/verdict.ts';

/** The option of a run whose first side is what real Swarm was recorded to do at another time. */
export const RECORDED = '--reference recorded';

/** `npx swarmtwin run SUITE/SCENARIO …`, with the engine and the subjects that it was played on, and the run's own options. */
export function commandOf(verdict: ScenarioVerdict): string {
  const subjects = [
    ...new Set([
      ...verdict.claims.map(({ subject }) => subject),
      ...Object.keys(verdict.collapsed ?? {}),
      ...notPlayedOn(verdict).map(([subject]) => subject),
    ]),
  ];
  const { options = [] } = verdict;
  const line = verdict.line ?? /^\d+\.\d+/.exec(verdict.engine)?.[0];
  const isRecorded = options.includes(RECORDED);
  const named = isRecorded ? subjects.filter((subject) => subject !== 'swarm') : subjects;
  return [
    `npx swarmtwin run ${verdict.file ?? `${verdict.suite}/${verdict.scenario}`}`,
    ...(line === undefined ? [] : [`--engine ${line}`]),
    ...(named.length === 0 || named.join() === 'swarm,twin' ? [] : [`--subject ${named.join()}`]),
    ...options,
  ].join(' ');
}

/** When containers really ran, as far as a history tells: a node that is killed takes its containers with it, though nobody sees them end. */
import type { NodeName } from '../model/fault.ts';
import type { FaultSpan, Story } from './story.ts';

/** A stretch in which a container ran and could do its work. */
export interface ContainerRun {
  readonly service: string;
  /** The slot's number, or the node of a global service's task. */
  readonly place: string;
  readonly task: string;
  readonly node: NodeName;
  readonly fromMs: number;
  readonly toMs: number;
}

/** In the order of their beginning. */
export function containerRuns(story: Story): readonly ContainerRun[] {
  const places = new Map(story.tasks.map((life) => [life.id, life.place]));
  return story.containers
    .flatMap(({ task, service, node, sightings }) =>
      sightings.flatMap((seen, index) => {
        if (seen.state !== 'running') return [];
        const toMs = sightings[index + 1]?.atMs ?? story.endMs;
        const place = places.get(task) ?? node;
        return cutAway({ service, place, task, node, fromMs: seen.atMs, toMs }, story);
      }),
    )
    .filter((run) => run.toMs > run.fromMs)
    .sort((a, b) => a.fromMs - b.fromMs);
}

/** What the faults on its node leave of a run. */
function cutAway(run: ContainerRun, story: Story): readonly ContainerRun[] {
  const faults = story.faults.filter((span) => span.nodes.includes(run.node));
  const end = Math.min(
    run.toMs,
    ...faults
      .filter((span) => isDeath(span) && span.beginMs >= run.fromMs)
      .map(({ beginMs }) => beginMs),
  );
  return faults
    .filter(isSilence)
    .reduce<readonly ContainerRun[]>(
      (runs, span) => runs.flatMap((each) => without(each, span)),
      [{ ...run, toMs: end }],
    );
}

const without = (run: ContainerRun, { beginMs, healedMs }: FaultSpan): readonly ContainerRun[] =>
  [
    { ...run, toMs: Math.min(run.toMs, beginMs) },
    { ...run, fromMs: Math.max(run.fromMs, healedMs) },
  ].filter((each) => each.toMs > each.fromMs);

/** Its containers end with the node. */
const isDeath = ({ fault }: FaultSpan): boolean => fault.kind === 'kill' || fault.kind === 'stop';
/** They go on afterwards. */
const isSilence = ({ fault }: FaultSpan): boolean =>
  fault.kind === 'pause' || fault.kind === 'unplug';

export const runsAtMoment = (
  runs: readonly ContainerRun[],
  atMs: number,
): readonly ContainerRun[] => runs.filter((run) => run.fromMs <= atMs && atMs < run.toMs);

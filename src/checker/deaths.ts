/** Tasks that died because the scenario made them die: by a fault on their container or node, or by a stop behind the swarm's back. */
import { isInstant } from '../model/history.ts';
import type { Story } from './story.ts';
import { runningAt } from './task-lives.ts';
import type { TaskLife } from './task-lives.ts';

export interface Death {
  readonly task: TaskLife;
  readonly container: string;
  readonly atMs: number;
  /** Killed, and not asked to stop. */
  readonly hard: boolean;
  /** Of its container alone, its node staying up. */
  readonly alone: boolean;
  /** The record that shows how. */
  readonly n: number | undefined;
}

/** Asked for each task again. */
const known = new WeakMap<Story, readonly Death[]>();

export function deathsOf(story: Story): readonly Death[] {
  const deaths =
    known.get(story) ??
    [...byContainerFault(story), ...byStop(story), ...byNodeFault(story)].sort(
      (a, b) => a.atMs - b.atMs,
    );
  known.set(story, deaths);
  return deaths;
}

const taskOfContainer = (story: Story, container: string): TaskLife | undefined =>
  story.tasks.find(
    (life) => life.id === container || life.sightings.some((seen) => seen.container === container),
  );

function byContainerFault(story: Story): Death[] {
  return story.faults.flatMap(({ fault, beginMs, records }) => {
    if (!isInstant(fault) || !('container' in fault)) return [];
    const { container } = fault;
    const task = taskOfContainer(story, container);
    const how = { atMs: beginMs, hard: true, alone: true, n: records[0] };
    return task === undefined ? [] : [{ task, container, ...how }];
  });
}

function byStop(story: Story): Death[] {
  return story.operations.flatMap((operation) => {
    const container = /^\/containers\/([^/]+)\/stop/.exec(operation.path)?.[1];
    if (container === undefined || operation.outcome !== 'ok') return [];
    const task = taskOfContainer(story, container);
    const how = { atMs: operation.invokedMs, hard: false, alone: true, n: operation.records[0] };
    return task === undefined ? [] : [{ task, container, ...how }];
  });
}

function byNodeFault(story: Story): Death[] {
  return story.faults.flatMap(({ fault, beginMs, records }) => {
    if (fault.kind !== 'kill' && fault.kind !== 'stop') return [];
    return runningAt(story, beginMs)
      .filter((task) => task.node === fault.node)
      .map((task) => ({
        task,
        container: task.sightings.findLast((seen) => seen.container !== '')?.container ?? '',
        atMs: beginMs,
        hard: fault.kind === 'kill',
        alone: false,
        n: records[0],
      }));
  });
}

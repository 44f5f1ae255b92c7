/** Times in which nobody asked for anything, and what was placed where. */
import type { NodeName } from '../model/fault.ts';
import { replicasOf } from './operations.ts';
import type { Operation } from './operations.ts';
import type { Story } from './story.ts';
import { formAt } from './story.ts';
import { isReplicated, liveAt, runningAt, taskAt } from './task-lives.ts';
import type { TaskLife } from './task-lives.ts';

/** Operations that place, move or remove tasks. */
export const placing = (story: Story): readonly Operation[] =>
  story.operations.filter(
    (operation) => operation.write && !['set-swarm', 'container', 'other'].includes(operation.kind),
  );

/** From a moment until the next request or fault that may place or move a task, or the end. */
export function quietUntil(story: Story, fromMs: number): number {
  const next = [
    ...placing(story).map((operation) => operation.invokedMs),
    ...story.faults.map((fault) => fault.beginMs),
  ].filter((atMs) => atMs > fromMs);
  return Math.min(story.endMs, ...next);
}

/** The moment at which the work that an operation asked for is done, as far as the history shows. */
export const settledMs = (story: Story, operation: Operation): number =>
  Math.min(
    story.endMs,
    ...story.operations
      .filter(
        (other) =>
          other.invokedMs > operation.completedMs &&
          other.write &&
          (other.about === operation.about || other.kind === 'set-node'),
      )
      .map((other) => other.invokedMs),
  );

/** Replicated tasks that were put on a node in a stretch of time. */
export const placedOn = (
  story: Story,
  node: NodeName,
  fromMs: number,
  toMs: number,
): readonly TaskLife[] =>
  story.tasks.filter(
    (life) =>
      isReplicated(life) && life.node === node && life.createdMs > fromMs && life.createdMs < toMs,
  );

/** Replicated tasks that ran on healthy ground at a moment and were shut down before another, without cause. */
export const movedBetween = (story: Story, fromMs: number, toMs: number): readonly TaskLife[] =>
  runningAt(story, fromMs).filter(
    (life) => isReplicated(life) && !liveAt(story, toMs, life.service).includes(life),
  );

/** How many live tasks of a service each of the nodes has. */
export function spreadAt(
  story: Story,
  service: string,
  atMs: number,
  nodes: readonly NodeName[],
): ReadonlyMap<NodeName, number> {
  const live = liveAt(story, atMs, service);
  return new Map(
    nodes.map((node) => [node, live.filter((life) => taskAt(life, atMs)?.node === node).length]),
  );
}

export const spreadText = (spread: ReadonlyMap<NodeName, number>): string =>
  [...spread].map(([node, count]) => `${node}: ${count}`).join(', ');

/** Whether the counts differ by one at most. */
export const isBalanced = (spread: ReadonlyMap<NodeName, number>): boolean =>
  Math.max(...spread.values()) - Math.min(...spread.values()) <= 1;

/** By how many replicas an update changes its service. */
export function scaleOf(story: Story, operation: Operation): number {
  if (operation.kind !== 'update' || operation.outcome !== 'ok') return 0;
  const before = replicasOf(formAt(story.services.get(operation.about), operation.invokedMs)?.spec);
  const after = replicasOf(operation.spec);
  return before === null || after === null ? 0 : after - before;
}

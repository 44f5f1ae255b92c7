/** What a job lacks and has too much of, seen on the committed state (SwarmKit: the reconcilers of replicated and global jobs). */
import type { NodeId } from '../../model/ids.ts';
import type { Node, Service, Task } from '../../model/objects.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import { matchesConstraints, placementConstraints } from '../constraint.ts';
import type { Reader } from '../tables.ts';
import { isInvalidNode } from './slot.ts';
import { NO_NODE, type Place } from './task-factory.ts';

export interface JobNeeds {
  readonly missing: readonly Place[];
  /** Tasks of this iteration that ended otherwise than well and were not replaced yet. */
  readonly toRestart: readonly Task[];
  /** Tasks of earlier iterations. */
  readonly toRemove: readonly Task[];
  readonly toShutDown: readonly Task[];
}

/** Tasks that are missing at a time; the rest is seen when these are there. */
export const MOST_AT_ONCE = 10_000;

/** Meant to complete, or on its way to be. */
export const isWanted = (task: Task): boolean => compareStates(task.desiredState, 'complete') <= 0;

const hasFailed = (task: Task): boolean => compareStates(task.status.state, 'complete') > 0;

/**
 * As many tasks at a time as the job allows, until as many have completed as it wants. The slots are 0 and up, and each completes once. Of earlier iterations
 * only what has not ended is removed.
 */
export function needsOfReplicatedJob(service: Service, tasks: readonly Task[]): JobNeeds {
  const { present, earlier } = byIteration(service, tasks);
  const completed = present.filter((task) => task.status.state === 'complete');
  const active = present.filter((task) => task.status.state !== 'complete' && isWanted(task));
  const { MaxConcurrent = 1, TotalCompletions = MaxConcurrent } =
    service.spec.Mode.ReplicatedJob ?? {};
  const left = TotalCompletions - completed.length - active.length;
  const count = Math.min(MaxConcurrent - active.length, left);
  const taken = new Set([...completed, ...active].map((task) => task.slot));
  return {
    missing: freeSlots(taken, Math.min(count, MOST_AT_ONCE)).map((slot) => ({
      slot,
      nodeId: NO_NODE,
    })),
    toRestart: active.filter(hasFailed),
    toRemove: earlier.filter((task) => !isTerminal(task.status.state)),
    toShutDown: [],
  };
}

function freeSlots(taken: ReadonlySet<number>, count: number): readonly number[] {
  const slots: number[] = [];
  for (let slot = 0; slots.length < count; slot += 1) if (!taken.has(slot)) slots.push(slot);
  return slots;
}

/**
 * One task on each node that is ready, active and fits. A task that runs on a node that is down or drained is to shut down; everything of
 * earlier iterations is removed, ended or not.
 */
export function needsOfGlobalJob(
  service: Service,
  tasks: readonly Task[],
  nodes: readonly Node[],
): JobNeeds {
  const constraints = placementConstraints(service.spec.TaskTemplate.Placement);
  const fitting = nodes.filter((node) => matchesConstraints(constraints, node));
  const { present, earlier } = byIteration(service, tasks);
  const wanted = present.filter(isWanted);
  const served = new Set<NodeId>(wanted.map((task) => task.nodeId));
  const left = new Set<NodeId>(fitting.filter(isInvalidNode).map((node) => node.id));
  return {
    missing: fitting
      .filter((node) => isCandidate(node) && !served.has(node.id))
      .map((node) => ({ slot: 0, nodeId: node.id })),
    toRestart: wanted.filter(hasFailed),
    toRemove: earlier,
    toShutDown: wanted.filter((task) => left.has(task.nodeId) && !isTerminal(task.status.state)),
  };
}

/** Stricter than for global services: a paused node, and one in an unknown state, gets no task. */
const isCandidate = (node: Node): boolean =>
  node.spec.Availability === 'active' && node.status.state === 'ready';

/**
 * What a new leader finds of a global job on nodes that are down, drained or gone is to shut down, even where it has completed (SwarmKit: FixTask of global
 * jobs).
 */
export const strandedTasks = (read: Reader, service: Service): readonly Task[] =>
  read
    .tasksOfService(service.id)
    .filter((task) => isWanted(task) && isInvalidNode(read.get('node', task.nodeId)));

function byIteration(
  service: Service,
  tasks: readonly Task[],
): { readonly present: readonly Task[]; readonly earlier: readonly Task[] } {
  const iteration = service.jobStatus?.iteration ?? 0;
  return {
    present: tasks.filter((task) => task.jobIteration === iteration),
    earlier: tasks.filter(
      (task) => task.jobIteration !== undefined && task.jobIteration !== iteration,
    ),
  };
}

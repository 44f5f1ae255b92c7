/** Tasks that nobody replaces, as Swarm has it: they ended, and their restart policy leaves it at that. */
import type { Task } from '../../model/objects.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import { newestTask } from '../../swarm/orchestrator/slot.ts';

/** Whether nothing is to run in the slot of these tasks, and nobody but an update fills it again. */
export function isGivenUp(tasks: readonly Task[]): boolean {
  const newest = newestTask(tasks);
  return !tasks.some(isLive) && newest !== undefined && isNotReplaced(newest);
}

/** To run, now or later; a job's task is to complete. */
export const isLive = ({ desiredState, jobIteration }: Task): boolean =>
  compareStates(desiredState, jobIteration === undefined ? 'running' : 'complete') <= 0;

/** It ended, or was given up with its node, and its restart policy leaves it at that. */
export function isNotReplaced(task: Task): boolean {
  const { Condition = 'any', MaxAttempts = 0 } = task.spec.RestartPolicy ?? {};
  if (Condition === 'none' || MaxAttempts > 0)
    return !isLive(task) || isTerminal(task.status.state);
  return Condition === 'on-failure' && task.status.state === 'complete';
}

import type { Node, Service, Task } from '../../model/objects.ts';
import { compareStates } from '../../model/task-state.ts';
import { isPerNode } from './service-mode.ts';

/**
 * The tasks that occupy one place of a service: a slot number, or a node where the service is global. It is one task, but for the moments
 * of an update in which the old and the new one are both there.
 */
export type Slot = readonly Task[];

/** Names the slot within its service: restart history and task history are kept by it. */
export const slotKey = (service: Service, task: Task): string =>
  isPerNode(service) ? task.nodeId : String(task.slot);

/** Groups tasks of one service by slot, both in the order of the list. */
export function groupBySlot(service: Service, tasks: readonly Task[]): Map<string, Task[]> {
  const slots = new Map<string, Task[]>();
  for (const task of tasks) {
    const key = slotKey(service, task);
    const slot = slots.get(key);
    if (slot === undefined) slots.set(key, [task]);
    else slot.push(task);
  }
  return slots;
}

/** Whether the task is still meant to run: desired state running or before. */
export const isRunnable = (task: Task): boolean => compareStates(task.desiredState, 'running') <= 0;

/** When the task's state was reached; the leader's clock is trusted over the agent's (SwarmKit: TasksByTimestamp). */
export const taskTime = (task: Task): number => task.status.appliedAt ?? task.status.timestamp;

/** The task of the slot that changed last; the first one of a tie. */
export function newestTask(tasks: readonly Task[]): Task | undefined {
  let newest: Task | undefined;
  for (const task of tasks)
    if (newest === undefined || taskTime(task) > taskTime(newest)) newest = task;
  return newest;
}

/** A node that no task should be on: gone, down or drained. `unknown`, `disconnected` and paused nodes keep theirs. */
export const isInvalidNode = (node: Node | undefined): boolean =>
  node === undefined || node.status.state === 'down' || node.spec.Availability === 'drain';

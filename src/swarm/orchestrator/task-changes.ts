import type { Task } from '../../model/objects.ts';
import { compareStates, type TaskState } from '../../model/task-state.ts';
import type { Reader } from '../tables.ts';
import type { Change } from './loop-writes.ts';

/** Raises a task's desired state; one that is gone or further already stays as it is, since desired states never go back. */
export const raiseDesired =
  (taskId: string, desiredState: TaskState): Change =>
  (transaction) => {
    const task = transaction.get('task', taskId);
    if (task === undefined || compareStates(task.desiredState, desiredState) >= 0) return;
    transaction.update('task', { ...task, desiredState });
  };

export const removeTask =
  (taskId: string): Change =>
  (transaction) => {
    transaction.remove('task', taskId);
  };

/** After a service is gone: every task of it, history too, is to stop and vanish (SwarmKit: SetServiceTasksRemove). */
export const removeServiceTasks = (reader: Reader, serviceId: string): readonly Change[] =>
  reader.tasksOfService(serviceId).map((task: Task) => raiseDesired(task.id, 'remove'));

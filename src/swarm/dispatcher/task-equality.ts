import type { Task, TaskStatus } from '../../model/objects.ts';

/** Whether two tasks are the same to an agent: everything but status and meta (SwarmKit: equality.TasksEqualStable). */
export const sameAssignment = (one: Task, other: Task): boolean =>
  sameMembers(one, other, ['status', 'meta']);

/** Whether a report says what is known already. When and by whom it was taken in is the manager's own note. */
export const sameReport = (one: TaskStatus, other: TaskStatus): boolean =>
  sameMembers(one, other, ['appliedAt', 'appliedBy']);

/** Deep equality of plain data; a member that is undefined equals one that is not there. */
export function sameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return false;
  return Array.isArray(one) === Array.isArray(other) && sameMembers(one, other, []);
}

function sameMembers(one: object, other: object, except: readonly string[]): boolean {
  const [left, right] = [one as Record<string, unknown>, other as Record<string, unknown>];
  const differs = (key: string): boolean =>
    !except.includes(key) && !sameValue(left[key], right[key]);
  for (const key of Object.keys(left)) if (differs(key)) return false;
  for (const key of Object.keys(right)) if (left[key] === undefined && differs(key)) return false;
  return true;
}

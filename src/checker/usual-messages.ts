import type { TaskState } from '../model/task-state.ts';

/** What a task says in each state when nothing is odd (SwarmKit: the allocator's, scheduler's and agent's texts). */
export const USUAL_MESSAGES: Readonly<Partial<Record<TaskState, readonly string[]>>> = {
  new: ['created'],
  pending: ['pending task scheduling'],
  assigned: [
    'scheduler assigned task to node',
    'scheduler confirmed task can run on preassigned node',
  ],
  accepted: ['accepted'],
  preparing: ['preparing'],
  ready: ['prepared'],
  starting: ['starting'],
  running: ['started'],
  failed: ['started'],
  complete: ['finished'],
  shutdown: ['shutdown'],
};

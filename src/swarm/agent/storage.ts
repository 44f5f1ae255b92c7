import type { Task, TaskStatus } from '../../model/objects.ts';

/** A task as the agent last knew it. Its status is the agent's own, which is ahead of the manager's copy in `task.status`. */
export interface StoredTask {
  readonly task: Task;
  readonly status: TaskStatus;
  /** False once the manager has withdrawn the task while its container is still to be removed. */
  readonly assigned: boolean;
}

/**
 * The agent's own record of its tasks, so that a daemon that was killed finds its containers again (SwarmKit: agent/storage.go, worker/tasks.db). One that
 * was stopped leaves none behind. Synchronous; a write is durable, or at least ordered, when the call returns.
 */
export interface AgentStorage {
  load(): { readonly tasks: readonly StoredTask[] };
  saveTask(stored: StoredTask): void;
  removeTask(id: Task['id']): void;
}

/** For simulations and tests: survives the agent, not the process. */
export class MemoryAgentStorage implements AgentStorage {
  readonly #tasks = new Map<string, StoredTask>();

  load(): { readonly tasks: readonly StoredTask[] } {
    return { tasks: [...this.#tasks.values()] };
  }

  task(id: Task['id']): StoredTask | undefined {
    return this.#tasks.get(id);
  }

  saveTask(stored: StoredTask): void {
    this.#tasks.set(stored.task.id, stored);
  }

  removeTask(id: Task['id']): void {
    this.#tasks.delete(id);
  }
}

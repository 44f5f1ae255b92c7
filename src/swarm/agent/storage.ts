import type { Task, TaskStatus } from '../../model/objects.ts';

/** A task as the agent last knew it. Its status is the agent's own, which is ahead of the manager's copy in `task.status`. */
export interface StoredTask {
  readonly task: Task;
  readonly status: TaskStatus;
  /** False once the manager has withdrawn the task while its container is still to be removed. */
  readonly assigned: boolean;
}

/** What an agent left behind. */
export interface StoredLife {
  readonly tasks: readonly StoredTask[];
  /** It was stopped; it was not killed. */
  readonly endedInOrder: boolean;
}

/**
 * The agent's own record of its tasks, so that a restarted daemon finds its containers again (SwarmKit: agent/storage.go, worker/tasks.db).
 * Synchronous; a write is durable, or at least ordered, when the call returns.
 */
export interface AgentStorage {
  load(): StoredLife;
  saveTask(stored: StoredTask): void;
  removeTask(id: Task['id']): void;
  /** Notes whether this agent ended in good order; `load` gives what the life before noted, and forgets it. */
  saveEnd(inOrder: boolean): void;
}

/** For simulations and tests: survives the agent, not the process. */
export class MemoryAgentStorage implements AgentStorage {
  readonly #tasks = new Map<string, StoredTask>();
  #endedInOrder = false;

  load(): StoredLife {
    const endedInOrder = this.#endedInOrder;
    this.#endedInOrder = false;
    return { tasks: [...this.#tasks.values()], endedInOrder };
  }

  saveEnd(inOrder: boolean): void {
    this.#endedInOrder = inOrder;
  }

  saveTask(stored: StoredTask): void {
    this.#tasks.set(stored.task.id, stored);
  }

  removeTask(id: Task['id']): void {
    this.#tasks.delete(id);
  }
}

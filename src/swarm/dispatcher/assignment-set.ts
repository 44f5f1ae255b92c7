import type { Task } from '../../model/objects.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import type { Assignment } from '../session.ts';
import type { Reader } from '../tables.ts';
import { withNetworks } from '../task-networks.ts';
import { sameAssignment } from './task-equality.ts';

type DependencyKind = 'secret' | 'config';

interface Dependency {
  readonly kind: DependencyKind;
  readonly id: string;
}

/**
 * What one agent has been told, and the changes that it has not been told yet. Only tasks that are assigned count. A secret or config is there while a task
 * that has not ended uses it, and goes with the last of them.
 */
export class AssignmentSet {
  readonly #reader: Reader;
  readonly #tasks = new Map<string, Task>();
  /** The tasks that use it, by `secret/<id>` or `config/<id>`. */
  readonly #users = new Map<string, Set<string>>();
  #changes = new Map<string, Assignment>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** True when the agent must be told. An agent knows its own reports, so a new status alone is told only up to assigned. */
  update(task: Task): boolean {
    if (compareStates(task.status.state, 'assigned') < 0) return false;
    const known = this.#tasks.get(task.id);
    const ended = isTerminal(task.status.state);
    this.#tasks.set(task.id, task);
    if (
      known !== undefined &&
      compareStates(task.status.state, 'assigned') > 0 &&
      sameAssignment(known, task)
    )
      return ended && this.#release(task);
    if (known === undefined && !ended) this.#use(task);
    const told = withNetworks(this.#reader, task);
    this.#changes.set(`task/${task.id}`, { kind: 'task', action: 'update', task: told });
    return true;
  }

  /** True when the agent must be told. */
  remove(task: Task): boolean {
    if (!this.#tasks.delete(task.id)) return false;
    this.#changes.set(`task/${task.id}`, { kind: 'task', action: 'remove', id: task.id });
    this.#release(task);
    return true;
  }

  /** Hands out the changes since the last time; what tasks depend on comes before them. */
  takeChanges(): readonly Assignment[] {
    const changes = [...this.#changes.values()];
    this.#changes = new Map();
    return [
      ...changes.filter((change) => change.kind !== 'task'),
      ...changes.filter((change) => change.kind === 'task'),
    ];
  }

  #use(task: Task): void {
    for (const { kind, id } of dependenciesOf(task)) {
      const key = `${kind}/${id}`;
      const users = this.#users.get(key) ?? new Set<string>();
      if (users.size === 0) this.#give(key, kind, id);
      users.add(task.id);
      this.#users.set(key, users);
    }
  }

  #give(key: string, kind: DependencyKind, id: string): void {
    if (kind === 'secret') {
      const secret = this.#reader.get('secret', id);
      if (secret !== undefined) this.#changes.set(key, { kind, action: 'update', secret });
    } else {
      const config = this.#reader.get('config', id);
      if (config !== undefined) this.#changes.set(key, { kind, action: 'update', config });
    }
  }

  #release(task: Task): boolean {
    let released = false;
    for (const { kind, id } of dependenciesOf(task)) {
      const key = `${kind}/${id}`;
      const users = this.#users.get(key);
      if (users?.delete(task.id) !== true || users.size > 0) continue;
      this.#users.delete(key);
      this.#changes.set(key, { kind, action: 'remove', id });
      released = true;
    }
    return released;
  }
}

function dependenciesOf(task: Task): readonly Dependency[] {
  const container = task.spec.ContainerSpec;
  return [
    ...(container?.Secrets ?? []).map(({ SecretID }): Dependency => ({
      kind: 'secret',
      id: SecretID,
    })),
    ...(container?.Configs ?? []).map(({ ConfigID }): Dependency => ({
      kind: 'config',
      id: ConfigID,
    })),
  ];
}

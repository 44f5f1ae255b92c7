import { KINDS, type Kind, type StoreAction, type Tables, type Task } from '../model/objects.ts';
import type { StoreEvent } from './store-watch.ts';

/** What can be read, of the committed state or from inside a transaction. Results are in insertion order unless said otherwise. */
export interface Reader {
  get<K extends Kind>(kind: K, id: string): Tables[K] | undefined;
  all<K extends Kind>(kind: K): readonly Tables[K][];
  tasksOfService(serviceId: string): readonly Task[];
  tasksOfNode(nodeId: string): readonly Task[];
}

/** The whole state as plain data, in a snapshot. */
export type TablesData = { readonly [K in Kind]: readonly Tables[K][] };

/** The committed tables with the two indexes that every loop asks for: tasks by service and tasks by node. */
export class CommittedTables implements Reader {
  readonly #tables = new Map<Kind, Map<string, Tables[Kind]>>(
    KINDS.map((kind) => [kind, new Map()]),
  );
  readonly #byService = new Map<string, Map<string, Task>>();
  readonly #byNode = new Map<string, Map<string, Task>>();

  get<K extends Kind>(kind: K, id: string): Tables[K] | undefined {
    return this.#table(kind).get(id);
  }

  all<K extends Kind>(kind: K): readonly Tables[K][] {
    return [...this.#table(kind).values()];
  }

  tasksOfService(serviceId: string): readonly Task[] {
    return [...(this.#byService.get(serviceId)?.values() ?? [])];
  }

  tasksOfNode(nodeId: string): readonly Task[] {
    return [...(this.#byNode.get(nodeId)?.values() ?? [])];
  }

  /** Applies one action; `null` when it changes nothing (a removal of what is not there). */
  apply(action: StoreAction): StoreEvent | null {
    const table = this.#table<Kind>(action.kind);
    if (action.action === 'remove') {
      const object = table.get(action.id);
      if (object === undefined) return null;
      table.delete(action.id);
      if (action.kind === 'task') this.#unindex(object as Task);
      return { kind: action.kind, action: 'remove', object } as StoreEvent;
    }
    const previous = table.get(action.object.id);
    table.set(action.object.id, action.object);
    if (action.kind === 'task') {
      if (previous !== undefined) this.#unindex(previous as Task, action.object);
      this.#index(action.object);
    }
    const event = previous === undefined ? { action: 'create' } : { action: 'update', previous };
    return { kind: action.kind, object: action.object, ...event } as StoreEvent;
  }

  data(): TablesData {
    return Object.fromEntries(KINDS.map((kind) => [kind, this.all(kind)])) as unknown as TablesData;
  }

  /** Forgets everything and takes the snapshot's state. */
  restore(data: TablesData): void {
    for (const table of this.#tables.values()) table.clear();
    this.#byService.clear();
    this.#byNode.clear();
    for (const kind of KINDS) {
      for (const object of data[kind])
        this.apply({ kind, action: 'create', object } as StoreAction);
    }
  }

  #table<K extends Kind>(kind: K): Map<string, Tables[K]> {
    return this.#tables.get(kind) as Map<string, Tables[K]>;
  }

  #index(task: Task): void {
    entry(this.#byService, task.serviceId).set(task.id, task);
    if (task.nodeId !== '') entry(this.#byNode, task.nodeId).set(task.id, task);
  }

  // A task that stays under the same key keeps its place in the index, so that iteration order is insertion order.
  #unindex(task: Task, next?: Task): void {
    if (next?.serviceId !== task.serviceId) drop(this.#byService, task.serviceId, task.id);
    if (next?.nodeId !== task.nodeId) drop(this.#byNode, task.nodeId, task.id);
  }
}

function entry(index: Map<string, Map<string, Task>>, key: string): Map<string, Task> {
  let tasks = index.get(key);
  if (tasks === undefined) {
    tasks = new Map();
    index.set(key, tasks);
  }
  return tasks;
}

function drop(index: Map<string, Map<string, Task>>, key: string, id: string): void {
  const tasks = index.get(key);
  tasks?.delete(id);
  if (tasks?.size === 0) index.delete(key);
}

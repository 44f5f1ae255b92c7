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
  readonly #tables = new Map<Kind, Rows<Tables[Kind]>>(KINDS.map((kind) => [kind, new Rows()]));
  readonly #byService = new Map<string, Rows<Task>>();
  readonly #byNode = new Map<string, Rows<Task>>();

  get<K extends Kind>(kind: K, id: string): Tables[K] | undefined {
    return this.#table(kind).get(id)?.object;
  }

  all<K extends Kind>(kind: K): readonly Tables[K][] {
    return this.#table(kind).objects();
  }

  tasksOfService(serviceId: string): readonly Task[] {
    return this.#byService.get(serviceId)?.objects() ?? [];
  }

  tasksOfNode(nodeId: string): readonly Task[] {
    return this.#byNode.get(nodeId)?.objects() ?? [];
  }

  /** Applies one action; `null` when it changes nothing (a removal of what is not there). */
  apply(action: StoreAction): StoreEvent | null {
    const { kind } = action;
    const table = this.#table<Kind>(kind);
    const row = table.get(action.action === 'remove' ? action.id : action.object.id);
    if (action.action === 'remove') {
      if (row === undefined) return null;
      table.remove(row);
      if (kind === 'task') this.#unindex(row as Row<Task>);
      return { kind, action: 'remove', object: row.object } as StoreEvent;
    }
    const { object } = action;
    if (row === undefined) {
      const added: Row<Tables[Kind]> = { object };
      table.add(added);
      if (kind === 'task') this.#index(added as Row<Task>);
      return { kind, action: 'create', object } as StoreEvent;
    }
    const previous = row.object;
    row.object = object;
    table.changed();
    if (kind === 'task') this.#reindex(row as Row<Task>, previous as Task);
    return { kind, action: 'update', object, previous } as StoreEvent;
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

  #table<K extends Kind>(kind: K): Rows<Tables[K]> {
    return this.#tables.get(kind) as Rows<Tables[K]>;
  }

  #index(row: Row<Task>): void {
    const { serviceId, nodeId } = row.object;
    entry(this.#byService, serviceId).add(row);
    if (nodeId !== '') entry(this.#byNode, nodeId).add(row);
  }

  #unindex(row: Row<Task>): void {
    drop(this.#byService, row.object.serviceId, row);
    drop(this.#byNode, row.object.nodeId, row);
  }

  // A task that stays under the same key keeps its place in the index, so that iteration order is insertion order.
  #reindex(row: Row<Task>, previous: Task): void {
    const { serviceId, nodeId } = row.object;
    if (previous.serviceId === serviceId) this.#byService.get(serviceId)?.changed();
    else {
      drop(this.#byService, previous.serviceId, row);
      entry(this.#byService, serviceId).add(row);
    }
    if (previous.nodeId === nodeId) this.#byNode.get(nodeId)?.changed();
    else {
      drop(this.#byNode, previous.nodeId, row);
      if (nodeId !== '') entry(this.#byNode, nodeId).add(row);
    }
  }
}

/** Where an object is, whatever version of it: a new version moves in no table and no index. */
interface Row<T> {
  object: T;
}

/** Rows by id, and a list of their objects that is made when somebody asks for it and stays until one of them changes. */
class Rows<T extends { readonly id: string }> {
  readonly #rows = new Map<string, Row<T>>();
  #objects: readonly T[] | null = null;

  get isEmpty(): boolean {
    return this.#rows.size === 0;
  }

  get(id: string): Row<T> | undefined {
    return this.#rows.get(id);
  }

  /** In the order in which the rows came. */
  objects(): readonly T[] {
    if (this.#objects !== null) return this.#objects;
    const objects: T[] = [];
    for (const { object } of this.#rows.values()) objects.push(object);
    this.#objects = objects;
    return objects;
  }

  add(row: Row<T>): void {
    this.#rows.set(row.object.id, row);
    this.#objects = null;
  }

  remove(row: Row<T>): void {
    this.#rows.delete(row.object.id);
    this.#objects = null;
  }

  /** One of the rows has another object. */
  changed(): void {
    this.#objects = null;
  }

  clear(): void {
    this.#rows.clear();
    this.#objects = null;
  }
}

function entry(index: Map<string, Rows<Task>>, key: string): Rows<Task> {
  let rows = index.get(key);
  if (rows === undefined) {
    rows = new Rows();
    index.set(key, rows);
  }
  return rows;
}

function drop(index: Map<string, Rows<Task>>, key: string, row: Row<Task>): void {
  const rows = index.get(key);
  rows?.remove(row);
  if (rows?.isEmpty === true) index.delete(key);
}

import { SwarmError } from '../model/errors.ts';
import type { Kind, Meta, StoreAction, Tables, Task } from '../model/objects.ts';
import type { Reader } from './tables.ts';

type Draft<T> = Omit<T, 'meta'>;

/** Reads the committed state with its own changes on top, and collects those changes. It writes nothing itself. */
export class Transaction implements Reader {
  readonly actions: StoreAction[] = [];
  readonly #base: Reader;
  readonly #version: number;
  readonly #now: number;
  /** By kind and id: the changed object, or null where it was removed. */
  readonly #changed = new Map<Kind, Map<string, Tables[Kind] | null>>();

  constructor(base: Reader, version: number, now: number) {
    this.#base = base;
    this.#version = version;
    this.#now = now;
  }

  get<K extends Kind>(kind: K, id: string): Tables[K] | undefined {
    const changed = this.#changed.get(kind)?.get(id) as Tables[K] | null | undefined;
    return changed === undefined ? this.#base.get(kind, id) : (changed ?? undefined);
  }

  all<K extends Kind>(kind: K): readonly Tables[K][] {
    return this.#overlaid(kind, this.#base.all(kind), () => true);
  }

  tasksOfService(serviceId: string): readonly Task[] {
    return this.#overlaid(
      'task',
      this.#base.tasksOfService(serviceId),
      (task) => task.serviceId === serviceId,
    );
  }

  tasksOfNode(nodeId: string): readonly Task[] {
    return this.#overlaid('task', this.#base.tasksOfNode(nodeId), (task) => task.nodeId === nodeId);
  }

  /** Adds an object; `meta` is filled in. Errors: AlreadyExists. */
  create<K extends Kind>(kind: K, draft: Draft<Tables[K]>): Tables[K] {
    const id: string = (draft as { id: string }).id;
    if (this.get(kind, id) !== undefined)
      throw new SwarmError('AlreadyExists', `${kind} ${id} already exists`);
    const meta: Meta = { version: this.#version, createdAt: this.#now, updatedAt: this.#now };
    return this.#write(kind, 'create', { ...draft, meta } as unknown as Tables[K]);
  }

  /** Replaces an object; version and update time are renewed. Errors: NotFound, `update out of sequence` where it was changed meanwhile. */
  update<K extends Kind>(kind: K, object: Tables[K]): Tables[K] {
    const stored = this.get(kind, object.id);
    if (stored === undefined) throw new SwarmError('NotFound', `${kind} ${object.id} not found`);
    if (stored.meta.version !== object.meta.version)
      throw new SwarmError('Unknown', 'update out of sequence');
    const meta: Meta = { ...stored.meta, version: this.#version, updatedAt: this.#now };
    return this.#write(kind, 'update', { ...object, meta });
  }

  /** Removes an object; nothing happens when it is not there. */
  remove(kind: Kind, id: string): void {
    if (this.get(kind, id) === undefined) return;
    this.#changes(kind).set(id, null);
    this.actions.push({ kind, action: 'remove', id });
  }

  #write<K extends Kind>(kind: K, action: 'create' | 'update', object: Tables[K]): Tables[K] {
    this.#changes(kind).set(object.id, object);
    this.actions.push({ kind, action, object } as unknown as StoreAction);
    return object;
  }

  #changes(kind: Kind): Map<string, Tables[Kind] | null> {
    let changes = this.#changed.get(kind);
    if (changes === undefined) {
      changes = new Map();
      this.#changed.set(kind, changes);
    }
    return changes;
  }

  #overlaid<K extends Kind>(
    kind: K,
    base: readonly Tables[K][],
    belongs: (object: Tables[K]) => boolean,
  ): readonly Tables[K][] {
    const changes = this.#changed.get(kind) as Map<string, Tables[K] | null> | undefined;
    if (changes === undefined || changes.size === 0) return base;
    const seen = new Set<string>();
    const result: Tables[K][] = [];
    for (const object of base) {
      seen.add(object.id);
      const changed = changes.get(object.id);
      const now = changed === undefined ? object : changed;
      if (now !== null && belongs(now)) result.push(now);
    }
    for (const [id, object] of changes) {
      if (object !== null && !seen.has(id) && belongs(object)) result.push(object);
    }
    return result;
  }
}

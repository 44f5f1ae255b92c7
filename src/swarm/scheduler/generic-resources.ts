import type { GenericResource } from '../../model/specs.ts';

/**
 * What is free of one node's generic resources: a count per kind, or the names left of a kind. Requests are counts only, as SwarmKit's are; a
 * count asked of a kind with names is served with that many names.
 */
export class GenericResources {
  readonly #counts = new Map<string, number>();
  readonly #names = new Map<string, Set<string>>();

  constructor(total: readonly GenericResource[]) {
    for (const resource of total) this.#add(resource);
  }

  /** Whether every request can be met at the same time. */
  has(requests: readonly GenericResource[]): boolean {
    return requests.every((request) => {
      const wanted = request.DiscreteResourceSpec;
      if (wanted === undefined) return false;
      const free = this.#counts.get(wanted.Kind) ?? this.#names.get(wanted.Kind)?.size;
      return free !== undefined && free >= wanted.Value;
    });
  }

  /** Chooses what would meet the requests; nothing is taken yet. */
  pick(requests: readonly GenericResource[]): readonly GenericResource[] {
    return requests.flatMap((request): GenericResource[] => {
      const wanted = request.DiscreteResourceSpec;
      if (wanted === undefined) return [];
      const names = this.#names.get(wanted.Kind);
      if (names === undefined) return [{ DiscreteResourceSpec: wanted }];
      return [...names]
        .slice(0, wanted.Value)
        .map((Value) => ({ NamedResourceSpec: { Kind: wanted.Kind, Value } }));
    });
  }

  take(assigned: readonly GenericResource[]): void {
    for (const { DiscreteResourceSpec: count, NamedResourceSpec: named } of assigned) {
      if (count !== undefined)
        this.#counts.set(count.Kind, (this.#counts.get(count.Kind) ?? 0) - count.Value);
      if (named !== undefined) this.#names.get(named.Kind)?.delete(named.Value);
    }
  }

  giveBack(assigned: readonly GenericResource[]): void {
    for (const resource of assigned) this.#add(resource);
  }

  #add({ DiscreteResourceSpec: count, NamedResourceSpec: named }: GenericResource): void {
    if (count !== undefined)
      this.#counts.set(count.Kind, (this.#counts.get(count.Kind) ?? 0) + count.Value);
    if (named === undefined) return;
    const names = this.#names.get(named.Kind) ?? new Set<string>();
    names.add(named.Value);
    this.#names.set(named.Kind, names);
  }
}

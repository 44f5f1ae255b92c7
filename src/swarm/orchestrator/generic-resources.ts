import type { GenericResource } from '../../model/specs.ts';

/**
 * What a node still has of generic resources while its tasks are gone through: numbers by kind, or names by kind. The first entry of a kind
 * decides whether it is counted or named.
 */
export class GenericResources {
  readonly #counts = new Map<string, number>();
  readonly #names = new Map<string, Set<string>>();

  constructor(resources: readonly GenericResource[]) {
    for (const { DiscreteResourceSpec: discrete, NamedResourceSpec: named } of resources) {
      if (discrete !== undefined) this.#counts.set(discrete.Kind, discrete.Value);
      if (named === undefined) continue;
      const names = this.#names.get(named.Kind) ?? new Set();
      this.#names.set(named.Kind, names.add(named.Value));
    }
  }

  has(resource: GenericResource): boolean {
    const { DiscreteResourceSpec: discrete, NamedResourceSpec: named } = resource;
    if (discrete !== undefined) return discrete.Value <= (this.#counts.get(discrete.Kind) ?? -1);
    return named !== undefined && this.#names.get(named.Kind)?.has(named.Value) === true;
  }

  take(resource: GenericResource): void {
    const { DiscreteResourceSpec: discrete, NamedResourceSpec: named } = resource;
    if (discrete !== undefined) {
      const left = (this.#counts.get(discrete.Kind) ?? 0) - discrete.Value;
      if (left > 0) this.#counts.set(discrete.Kind, left);
      else this.#counts.delete(discrete.Kind);
    }
    if (named !== undefined) this.#names.get(named.Kind)?.delete(named.Value);
  }
}

/** What an exploration has seen, counted by kind and key, so that what it never met is seen too. */
export const COVERAGE_KINDS = [
  'task state',
  'desired state',
  'update state',
  'node state',
  'raft role',
  'fault',
  'operation',
  'error text',
  'end',
] as const;
export type CoverageKind = (typeof COVERAGE_KINDS)[number];

/** Plain JSON: it travels between threads. */
export type Counts = Partial<Record<CoverageKind, Readonly<Record<string, number>>>>;

export class Coverage {
  readonly #counts = new Map<CoverageKind, Map<string, number>>();

  count(kind: CoverageKind, key: string, times = 1): void {
    let keys = this.#counts.get(kind);
    if (keys === undefined) this.#counts.set(kind, (keys = new Map<string, number>()));
    keys.set(key, (keys.get(key) ?? 0) + times);
  }

  add(counts: Counts): void {
    for (const kind of COVERAGE_KINDS) {
      for (const [key, times] of Object.entries(counts[kind] ?? {})) this.count(kind, key, times);
    }
  }

  counts(): Counts {
    return Object.fromEntries(
      [...this.#counts].map(([kind, keys]) => [kind, Object.fromEntries(keys)]),
    );
  }

  /** How many different things of a kind were seen. */
  breadth(kind: CoverageKind): number {
    return this.#counts.get(kind)?.size ?? 0;
  }

  /** By kind, the keys in order of their counts. */
  rows(kind: CoverageKind): readonly (readonly [key: string, times: number])[] {
    return [...(this.#counts.get(kind) ?? [])].sort(
      ([a, more], [b, less]) => less - more || (a < b ? -1 : 1),
    );
  }
}

/** An error's text without what differs from run to run: ids, addresses, numbers. */
export const withoutNames = (text: string): string =>
  text
    .replace(/\b(?=[a-z]*\d)[0-9a-z]{20,26}\b/g, '<id>')
    .replace(/\b[mwx]\d+:2377\b/g, '<addr>')
    .replace(/\b[mwx]\d+\b/g, '<node>')
    .replace(/\bs\d+(\.\d+)?\b/g, '<service>')
    .replace(/\d+/g, '<n>');

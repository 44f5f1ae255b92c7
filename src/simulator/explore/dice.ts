import { createRandom, type Random } from '../../model/random.ts';

/** Draws with weights, on top of the one source of chance. */
export class Dice {
  readonly #random: Random;

  constructor(seed: string) {
    this.#random = createRandom(seed);
  }

  /** True with this chance, 0 to 1. */
  chance(share: number): boolean {
    return this.#random.next() < share;
  }

  /** An integer from low to high, both included. */
  from(low: number, high: number): number {
    return low + this.#random.below(high - low + 1);
  }

  /** A duration in whole tenths of a second, short ones more often than long ones. */
  duration(lowMs: number, highMs: number): number {
    const share = this.#random.next() ** 2;
    return Math.round((lowMs + share * (highMs - lowMs)) / 100) * 100;
  }

  /** A point in time, even over the range, in whole tenths of a second. */
  moment(lowMs: number, highMs: number): number {
    return Math.round(this.#random.between(lowMs, highMs) / 100) * 100;
  }

  /** One of several; throws on none, since a draw that cannot be made is a mistake of ours. */
  one<T>(values: readonly T[]): T {
    if (values.length === 0) throw new Error('nothing to draw from');
    return values[this.#random.below(values.length)] as T;
  }

  /** One of the names, as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let point = this.#random.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      point -= weight;
      if (point < 0) return name;
    }
    return (entries.at(-1) as [K, number])[0];
  }

  shuffled<T>(values: readonly T[]): T[] {
    const rest = [...values];
    for (let at = rest.length - 1; at > 0; at -= 1) {
      const other = this.#random.below(at + 1);
      [rest[at], rest[other]] = [rest[other] as T, rest[at] as T];
    }
    return rest;
  }
}

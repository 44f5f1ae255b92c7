import type { Random } from '../../model/random.ts';

/** A new list in random order: the order in which an update takes its slots. */
export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const result = [...list];
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    const [a, b] = [result[at] as T, result[other] as T];
    result[at] = b;
    result[other] = a;
  }
  return result;
}

/** Whether two sets of times differ, without a word on how times are spread: the rank test of H. Mann and D. Whitney (1947), and how much they differ. */
import type { RankTest } from '../model/verdict.ts';

/** Whether it is chance is asked of many phases, so that one in a hundred is enough of false alarms. */
export const ALPHA = 0.01;
/** From a medium effect on (J. Romano's limits for Cliff's delta): with many runs the smallest difference is no chance, and nobody cares. */
export const LEAST_EFFECT = 0.33;
/** Up to so many times on both sides together every order is counted; beyond, the normal distribution is near enough. */
const MOST_COUNTED = 40;

export function rankTest(left: readonly number[], right: readonly number[]): RankTest {
  const [n, m] = [left.length, right.length];
  if (leastChance(n, m) >= ALPHA)
    return { says: 'too few', p: 1, effect: n * m === 0 ? 0 : effectOf(left, right) };
  const u = above(left, right);
  const p = n + m > MOST_COUNTED ? normalChance(left, right, u) : countedChance(left, right);
  const effect = effectOf(left, right);
  const differs = p < ALPHA && Math.abs(effect) >= LEAST_EFFECT;
  return { says: differs ? 'differ' : 'alike', p, effect };
}

/** How often one of the right is above one of the left; a tie is half. */
const above = (left: readonly number[], right: readonly number[]): number =>
  right.reduce(
    (sum, b) => sum + left.reduce((of, a) => of + (b > a ? 1 : b === a ? 0.5 : 0), 0),
    0,
  );

/** Cliff's delta: 1 where every time on the right is longer than every one on the left, -1 the other way round, 0 where they are mixed. */
const effectOf = (left: readonly number[], right: readonly number[]): number =>
  (2 * above(left, right)) / (left.length * right.length) - 1;

/** The chance of the clearest of all orders, either way. */
function leastChance(n: number, m: number): number {
  if (n === 0 || m === 0) return 1;
  let orders = 1;
  for (let each = 1; each <= n; each += 1) orders = (orders * (m + each)) / each;
  return 2 / orders;
}

/** Of all ways to take the left times out of all, the share that lies as far from the middle as this one or farther. Equal times share their rank. */
function countedChance(left: readonly number[], right: readonly number[]): number {
  const all = [...left, ...right].toSorted((a, b) => a - b);
  // Twice the rank, so that shared ones are whole numbers.
  const rankOf = (ms: number): number => all.indexOf(ms) + all.lastIndexOf(ms) + 2;
  const sum = left.reduce((of, ms) => of + rankOf(ms), 0);
  const middle = left.length * (all.length + 1);
  const counts = waysBySum(all.map(rankOf), left.length);
  let [far, total] = [0, 0];
  for (const [each, ways] of counts) {
    total += ways;
    if (Math.abs(each - middle) >= Math.abs(sum - middle)) far += ways;
  }
  return far / total;
}

/** In how many ways so many ranks can be taken that their sum is this. */
function waysBySum(ranks: readonly number[], count: number): ReadonlyMap<number, number> {
  const ways = Array.from({ length: count + 1 }, () => new Map<number, number>());
  ways[0]?.set(0, 1);
  for (const rank of ranks)
    for (let taken = count; taken >= 1; taken -= 1) {
      const of = ways[taken];
      for (const [sum, number] of ways[taken - 1] ?? [])
        of?.set(sum + rank, (of.get(sum + rank) ?? 0) + number);
    }
  return ways[count] ?? new Map<number, number>();
}

/** With the correction for equal times, and half a step for continuity. */
function normalChance(left: readonly number[], right: readonly number[], u: number): number {
  const [n, m] = [left.length, right.length];
  const all = n + m;
  const groups = [...Map.groupBy([...left, ...right], (ms) => ms).values()].map(
    ({ length }) => length ** 3 - length,
  );
  const ties = groups.reduce((sum, each) => sum + each, 0) / (all * (all - 1));
  const spread = Math.sqrt(((n * m) / 12) * (all + 1 - ties));
  if (spread === 0) return 1;
  const z = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / spread;
  return Math.min(1, 2 * (1 - normalShare(z)));
}

/** The share of the normal distribution below z >= 0 (M. Abramowitz and I. Stegun, 26.2.17; good to 7 digits). */
function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const sum =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}

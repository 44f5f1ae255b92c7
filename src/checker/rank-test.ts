/** Whether two sets of times differ, without a word on how times are spread: the rank test of H. Mann and D. Whitney (1947), and how much they differ. */
import type { RankTest } from '../model/verdict.ts';

/** Whether it is chance is asked of many phases, so that one in a hundred is enough of false alarms. */
export const ALPHA = 0.01;
/** From a medium effect on (J. Romano's limits for Cliff's delta): with many runs the smallest difference is no chance, and nobody cares. */
export const LEAST_EFFECT = 0.33;
/** Up to so many times on both sides together every order is counted; beyond, and with equal times, the normal distribution is near enough. */
const MOST_COUNTED = 40;

export function rankTest(left: readonly number[], right: readonly number[]): RankTest {
  const [n, m] = [left.length, right.length];
  if (leastChance(n, m) >= ALPHA)
    return { says: 'too few', p: 1, effect: n * m === 0 ? 0 : effectOf(left, right) };
  const u = above(left, right);
  const hasTies = new Set([...left, ...right]).size < n + m;
  const p = hasTies || n + m > MOST_COUNTED ? normalChance(left, right, u) : countedChance(n, m, u);
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

/** Of all orders of n and m times, the share that is as one-sided as this or more. */
function countedChance(n: number, m: number, u: number): number {
  const counts = ordersByU(n, m);
  const total = counts.reduce((sum, each) => sum + each, 0);
  const least = Math.min(u, n * m - u);
  const tail = counts.reduce((sum, each, at) => (at <= least ? sum + each : sum), 0);
  return Math.min(1, (2 * tail) / total);
}

/** In how many orders each U comes about: the longest time of all is a right one, above all n of the left, or a left one. */
function ordersByU(n: number, m: number): readonly number[] {
  let rows: number[][] = Array.from({ length: n + 1 }, () => [1]);
  for (let b = 1; b <= m; b += 1) {
    const next: number[][] = [[1]];
    for (let a = 1; a <= n; a += 1) {
      const [without, before] = [rows[a] ?? [], next[a - 1] ?? []];
      next.push(
        Array.from({ length: a * b + 1 }, (_, u) => (without[u - a] ?? 0) + (before[u] ?? 0)),
      );
    }
    rows = next;
  }
  return rows[n] ?? [];
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

/** What a row says of its samples. */

/** The sample at `share` (0 to 1) of the way up, by nearest rank, so that it is always one that was measured. @throws RangeError without samples */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  const found = sorted[rank - 1];
  if (found === undefined) throw new RangeError('a quantile of no samples');
  return found;
}

/** The middle sample; between the two middle ones where their number is even. @throws RangeError without samples */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const above = sorted[Math.floor(sorted.length / 2)];
  const below = sorted[Math.ceil(sorted.length / 2) - 1];
  if (above === undefined || below === undefined) throw new RangeError('a median of no samples');
  return (above + below) / 2;
}

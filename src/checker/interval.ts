/** What a count of successes says of the chance behind it. */
import type { Rate } from '../model/fidelity.ts';

/** The 97.5 % point of the normal distribution: an interval that misses in one case of twenty. */
const Z = 1.959964;

/**
 * Wilson's score interval (E. B. Wilson, 1927), which stays within 0 and 1 and is honest for few runs and for all or none of them right, where
 * the usual one claims certainty. Of no runs nothing is known: 0 to 1.
 */
export function wilson(right: number, of: number): Rate {
  if (of === 0) return { right, of, low: 0, high: 1 };
  const share = right / of;
  const z2 = Z ** 2;
  const centre = share + z2 / (2 * of);
  const reach = Z * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of ** 2));
  const scale = 1 + z2 / of;
  return {
    ...{ right, of },
    low: right === 0 ? 0 : Math.max(0, (centre - reach) / scale),
    high: right === of ? 1 : Math.min(1, (centre + reach) / scale),
  };
}

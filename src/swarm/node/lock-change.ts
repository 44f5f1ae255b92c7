import { SwarmtwinError } from '../../model/errors.ts';
import type { Lock } from './node-ports.ts';

export const UNLOCKED: Lock = { key: null, version: 0 };

/**
 * Whether a lock takes the place of the one before (SwarmKit: compareKEKs). Versions are the cluster's: an older one is a late word, and the same one with
 * another key is a defect. Null: that of a worker, which has none.
 */
export function lockChange(
  before: Lock,
  next: Lock | null,
): 'none' | 'changed' | 'newly-locked' | SwarmtwinError {
  if (next === null) return before.key === null && before.version === 0 ? 'none' : 'changed';
  if (before.key === next.key || before.version > next.version) return 'none';
  if (before.version === next.version)
    return new SwarmtwinError(
      'internal',
      `the unlock key of version ${next.version} came twice, and differs`,
      'Report this with the log of this node.',
    );
  return before.key === null ? 'newly-locked' : 'changed';
}

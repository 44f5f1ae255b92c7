import { STOP_MS } from '../../model/bounds.ts';
import type { Task } from '../../model/objects.ts';
import { NANOSECONDS_PER_MS } from '../../model/time.ts';

const DEFAULT_STOP_GRACE_MS = 10_000;

/** How long a task of this spec may take to end once it was told to, in ms. */
export const stopBoundMs = ({ ContainerSpec }: Task['spec']): number =>
  STOP_MS + ((ContainerSpec?.StopGracePeriod ?? 0) / NANOSECONDS_PER_MS || DEFAULT_STOP_GRACE_MS);

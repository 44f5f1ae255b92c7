/** Several faults may slow one disk down; the slowest counts, and what is left when one of them is healed. */
import type { SimulatedDisk } from './disk.ts';

interface Slowness {
  readonly usualMs: number;
  readonly syncsMs: number[];
}

const slowed = new WeakMap<SimulatedDisk, Slowness>();

/** What a sync takes on the disk as it is when no fault slows it down. */
export const usualSyncMs = (disk: SimulatedDisk): number =>
  slowed.get(disk)?.usualMs ?? disk.syncMs;

/** Each sync takes so long, or longer where another fault says so; the answer takes that back. */
export function slowSyncs(disk: SimulatedDisk, syncMs: number): () => void {
  const slowness = slowed.get(disk) ?? { usualMs: disk.syncMs, syncsMs: [] };
  slowed.set(disk, slowness);
  const { usualMs, syncsMs } = slowness;
  const set = (): void => {
    disk.syncMs = Math.max(usualMs, ...syncsMs);
  };
  syncsMs.push(syncMs);
  set();
  return () => {
    syncsMs.splice(syncsMs.indexOf(syncMs), 1);
    set();
    if (syncsMs.length === 0) slowed.delete(disk);
  };
}

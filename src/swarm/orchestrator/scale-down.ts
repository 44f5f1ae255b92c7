import type { Random } from '../../model/random.ts';
import type { Slot } from './slot.ts';

/** Go's sort keeps the order of equal elements up to this many, which people see in the slots that survive. */
const STABLE_UP_TO = 12;

/**
 * Orders a service's slots so that the first `replicas` of them are those to keep (SwarmKit: replicated reconcile). First those that run,
 * by slot number; then each slot is the nth copy on its node, and lower copies are kept: nodes stay evenly loaded and each keeps its lowest
 * slots. Slots without a node or with more than one live task come last. Among equals the order stays, but with more than 12 slots it is
 * arbitrary there: Swarm's sort is not stable then.
 */
export function keepingOrder(slots: readonly Slot[], random: Random): Slot[] {
  const ranked = [...slots].sort(
    (a, b) => Number(isRunning(b)) - Number(isRunning(a)) || slotNumber(a) - slotNumber(b),
  );
  const copies = new Map<string, number>();
  const counted = ranked.map((slot) => ({ slot, copy: nthCopy(slot, copies), tie: 0 }));
  if (counted.length > STABLE_UP_TO) for (const entry of counted) entry.tie = random.next();
  counted.sort((a, b) => (a.copy === b.copy ? a.tie - b.tie : a.copy - b.copy));
  return counted.map((entry) => entry.slot);
}

const isRunning = (slot: Slot): boolean => slot.some((task) => task.status.state === 'running');

const slotNumber = (slot: Slot): number => slot[0]?.slot ?? 0;

function nthCopy(slot: Slot, copies: Map<string, number>): number {
  const [only, ...more] = slot;
  if (only === undefined || more.length > 0 || only.nodeId === '') return Infinity;
  const copy = (copies.get(only.nodeId) ?? 0) + 1;
  copies.set(only.nodeId, copy);
  return copy;
}

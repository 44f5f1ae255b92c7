/** What a simulation has no counterpart for: faults of the kernel, and of bytes on a wire. */
import type { Fault } from '../model/fault.ts';
import type { FaultDraft } from '../model/scenario.ts';

export interface Unsimulated {
  readonly what: string;
  readonly why: string;
}

/** Null for a fault that can be simulated, whether its targets are known yet or not. */
export function unsimulated(fault: Fault | FaultDraft): Unsimulated | null {
  if (fault.kind === 'starve-cpu')
    return {
      what: `a starved processor on ${fault.node}`,
      why: 'a simulated machine computes in no time; only its disk, its clock, its links and its engine can be slow',
    };
  if (fault.kind === 'links' && ['bandwidth', 'cut-after'].includes(fault.toxic.kind))
    return {
      what: `a ${fault.toxic.kind} on a link`,
      why: 'the simulated network carries messages, not bytes',
    };
  return null;
}

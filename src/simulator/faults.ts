/** Faults on a simulated swarm: each is put in force at once, says what it changed, and can be healed. */
import type { SwarmtwinError } from '../model/errors.ts';
import type { Fault, LinkFault, Proof } from '../model/fault.ts';
import { cannot, type Bite } from './bite.ts';
import { ofDisk } from './fault-disk.ts';
import { breakLinks, cutLinks, slowLinks } from './fault-link.ts';
import { ofMachine } from './fault-machine.ts';
import type { SimFault } from './sim-fault.ts';
import { unsimulated } from './unsimulated.ts';
import type { World } from './world.ts';

/** A fault in force. */
export interface ActiveFault {
  readonly proof: Proof;
  /** Takes the fault back, once; what others hold in force stays. */
  heal(): Proof;
}

/**
 * Puts a fault in force.
 * @throws SwarmtwinError `bad-scenario` for what cannot be simulated, with the reason, and for a node or container that is not there
 */
export function inject(world: World, fault: Fault | SimFault): ActiveFault {
  const { looked, look, bite, undo } = planOf(world, fault);
  const before = look();
  bite();
  const proof = { looked, before, after: look() };
  let healed: Proof | null = null;
  return {
    proof,
    heal: () => {
      if (healed !== null) return healed;
      const bitten = look();
      undo();
      healed = { looked, before: bitten, after: look() };
      return healed;
    },
  };
}

function planOf(world: World, fault: Fault | SimFault): Bite {
  switch (fault.kind) {
    case 'partition':
    case 'links':
      return ofLinks(world, fault);
    case 'cut':
      return cutLinks(world, fault.links);
    case 'slow':
      return slowLinks(world, fault.links, { duplication: 0, ...fault });
    case 'fill-disk':
    case 'disk-full':
    case 'sync-fails':
    case 'disk-slow':
    case 'disk-rot':
    case 'lost-writes':
      return ofDisk(world, fault);
    case 'starve-cpu':
      throw refused(fault);
    default:
      return ofMachine(world, fault);
  }
}

function ofLinks(world: World, fault: LinkFault): Bite {
  if (unsimulated(fault) !== null) throw refused(fault);
  return breakLinks(world, fault);
}

function refused(fault: Fault): SwarmtwinError {
  const { what, why } = unsimulated(fault) ?? { what: fault.kind, why: 'it has no counterpart' };
  return cannot(what, why);
}

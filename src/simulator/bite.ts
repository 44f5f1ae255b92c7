import { SwarmtwinError } from '../model/errors.ts';
import type { ContainerFault, NodeFault } from '../model/fault.ts';
import type { SimFault } from './sim-fault.ts';

/** What a fault did, and how it is undone. */
export interface Bite {
  /** What is looked at, before, after and once it is healed. */
  readonly looked: string;
  readonly look: () => string;
  readonly bite: () => void;
  readonly undo: () => void;
}

/** What a scenario asks for that no simulation can do. */
export const cannot = (what: string, why: string): SwarmtwinError =>
  new SwarmtwinError(
    'bad-scenario',
    `${what} cannot be simulated: ${why}`,
    'Play the scenario on Docker (--subject twin or swarm), or leave this fault out.',
  );

export type MachineFault =
  | Exclude<NodeFault, { readonly kind: 'fill-disk' | 'starve-cpu' }>
  | ContainerFault
  | Extract<
      SimFault,
      {
        readonly kind:
          | 'crash'
          | 'crash-at-write'
          | 'restart-engine'
          | 'skew'
          | 'exit'
          | 'slow-machine'
          | 'slow-pulls';
      }
    >;

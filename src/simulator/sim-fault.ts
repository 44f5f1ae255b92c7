import type { DirectedLink, NodeName } from '../model/fault.ts';

/** Faults that only a simulation can have, beside those of `model/fault.ts`. Nodes are machines by name. */
export type SimFault =
  /** The power fails: what was not synced may be gone. It comes back with what is on its disk. */
  | { readonly kind: 'crash'; readonly node: NodeName }
  /** The power fails in the middle of the n-th write from now; nothing happens before. It comes back when the fault is healed. */
  | { readonly kind: 'crash-at-write'; readonly node: NodeName; readonly writes: number }
  /** Every sync, every call of the engine and every message that leaves it takes `factor` times as long: too little processor, or a disk that everybody uses. */
  | { readonly kind: 'slow-machine'; readonly node: NodeName; readonly factor: number }
  /** No sync comes back any more, and after `afterMs` the power fails: what was written meanwhile may be gone, or torn. */
  | { readonly kind: 'lost-writes'; readonly node: NodeName; readonly afterMs: number }
  /** dockerd ends, its containers with it, and is back when the fault is healed; the swarm's daemon goes on. */
  | { readonly kind: 'restart-engine'; readonly node: NodeName }
  /** Nothing gets through, one way. */
  | { readonly kind: 'cut'; readonly links: readonly DirectedLink[] }
  | {
      readonly kind: 'slow';
      readonly links: readonly DirectedLink[];
      readonly delayMs: number;
      /** Drawn for each message, so that those of different calls overtake each other. */
      readonly jitterMs: number;
      /** 0 to 1, of the packets; TCP sends them again. */
      readonly loss: number;
      /** 0 to 1, of the raft messages: how many arrive twice. Default 0. */
      readonly duplication?: number;
    }
  /** The wall clock is `offsetMs` wrong, and a second is longer by `driftPpm` millionths. */
  | {
      readonly kind: 'skew';
      readonly node: NodeName;
      readonly offsetMs: number;
      readonly driftPpm: number;
    }
  /** No room, or syncs that fail. Healed, the machine is started again where a write failed, as its message says to do. */
  | { readonly kind: 'disk-full' | 'sync-fails'; readonly node: NodeName }
  | { readonly kind: 'disk-slow'; readonly node: NodeName; readonly syncMs: number }
  /** A bit turns on the disk; the next start sees it, and refuses. Nothing heals it. */
  | {
      readonly kind: 'disk-rot';
      readonly node: NodeName;
      readonly what: 'log' | 'snapshot' | 'state';
    }
  /** A container ends behind the swarm's back. */
  | {
      readonly kind: 'exit';
      readonly node: NodeName;
      /** Task id, container id or name. */
      readonly container: string;
      readonly code: number;
    }
  /** The node has no images any more, and a pull takes so long, or fails with that text. */
  | {
      readonly kind: 'slow-pulls';
      readonly node: NodeName;
      readonly pullMs: number;
      readonly failure?: string;
    };

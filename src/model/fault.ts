/** Faults: what a nemesis does to nodes, links and containers, the same words for every subject. */

/** A node's hostname in the lab: n1, n2, … */
export type NodeName = string;

/** Which traffic a partition cuts: 2377/tcp, gossip and overlay data (7946, 4789), or both. */
export type Plane = 'control' | 'data' | 'full';

export type NodeFault =
  | { readonly kind: 'kill'; readonly node: NodeName }
  | { readonly kind: 'stop'; readonly node: NodeName }
  | { readonly kind: 'pause'; readonly node: NodeName }
  | { readonly kind: 'unplug'; readonly node: NodeName }
  /** Leaves the node `share` of one core, 0.01 to 1. */
  | { readonly kind: 'starve-cpu'; readonly node: NodeName; readonly share: number }
  /** Fills the node's data disk until `freeBytes` are left. */
  | { readonly kind: 'fill-disk'; readonly node: NodeName; readonly freeBytes: number }
  /** The daemon's wall clock is `offsetMs` off; that of a real dockerd is right again once it is started anew. */
  | { readonly kind: 'skew-clock'; readonly node: NodeName; readonly offsetMs: number };

/** What happens to the bytes of one direction of a link. */
export type LinkToxic =
  | { readonly kind: 'drop' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'latency'; readonly latencyMs: number; readonly jitterMs: number }
  | { readonly kind: 'bandwidth'; readonly kilobytesPerSecond: number }
  | { readonly kind: 'slow-close'; readonly delayMs: number }
  | { readonly kind: 'cut-after'; readonly bytes: number };

/** One direction: what `from` sends towards `to`, on whichever connection, is what the toxic touches. */
export interface DirectedLink {
  readonly from: NodeName;
  readonly to: NodeName;
}

export type LinkFault =
  | {
      readonly kind: 'links';
      readonly links: readonly DirectedLink[];
      readonly toxic: LinkToxic;
      readonly plane: Plane;
    }
  /** No traffic between different groups; a node in no group is a group of its own. */
  | {
      readonly kind: 'partition';
      readonly groups: readonly (readonly NodeName[])[];
      readonly plane: Plane;
    };

export type ContainerFault = {
  readonly kind: 'kill-container' | 'remove-container' | 'pause-container';
  readonly node: NodeName;
  /** The full task id, or the container's id. */
  readonly container: string;
};

export type Fault = NodeFault | LinkFault | ContainerFault;

/** Why a fault is believed to have bitten, or a heal to have taken: what was looked at, before and after. */
export interface Proof {
  readonly looked: string;
  readonly before: string;
  readonly after: string;
}

import type { Random } from '../../model/random.ts';
import type { WeightedPeer } from '../session.ts';

/** SwarmKit: remotes. Half of a weight is what was known before, half the new experience; even a bad manager is tried now and then. */
const SMOOTHING = 0.5;
const BAD_EXPERIENCE = -10;
const LEAST_SHARE = 0.001;

/** The managers that this node knows, weighted by how it fared with them. */
export class ManagerChoice {
  readonly #random: Random;
  readonly #known = new Map<string, { readonly peer: WeightedPeer; weight: number }>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** These are the managers now: each is a good experience, and those that are not listed are forgotten. An empty list tells nothing. */
  set(peers: readonly WeightedPeer[]): void {
    if (peers.length === 0) return;
    for (const peer of peers) this.#experience(peer, peer.weight);
    const keys = new Set(peers.map(keyOf));
    for (const key of [...this.#known.keys()]) if (!keys.has(key)) this.#known.delete(key);
  }

  /** A session with it ended, for whatever reason. */
  ended(peer: WeightedPeer): void {
    if (this.#known.has(keyOf(peer))) this.#experience(peer, BAD_EXPERIENCE);
  }

  /** One of them by chance, by weight; null when none is known. */
  pick(): WeightedPeer | null {
    const all = [...this.#known.values()];
    const shares = all.map(({ weight }) => Math.max(0, weight) + LEAST_SHARE);
    let drawn = this.#random.next() * shares.reduce((sum, share) => sum + share, 0);
    for (const [at, { peer }] of all.entries()) {
      drawn -= shares[at] ?? 0;
      if (drawn < 0) return peer;
    }
    return all.at(-1)?.peer ?? null;
  }

  #experience(peer: WeightedPeer, weight: number): void {
    const before = this.#known.get(keyOf(peer))?.weight ?? 0;
    const now = Math.ceil(SMOOTHING * weight + (1 - SMOOTHING) * before);
    this.#known.set(keyOf(peer), { peer, weight: now });
  }
}

const keyOf = (peer: WeightedPeer): string => `${peer.nodeId} ${peer.addr}`;

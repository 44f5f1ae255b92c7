import type { Random } from '../model/random.ts';

/** What is wrong with one direction of a link. Several at once add up. */
export type LinkEffect =
  /** Nothing gets through, and nobody is told. */
  | { readonly kind: 'drop' }
  /** Every connection that sends here is reset, at once and as long as this lasts. */
  | { readonly kind: 'reset' }
  /** The end of a connection is told later. */
  | { readonly kind: 'slow-close'; readonly delayMs: number }
  | {
      readonly kind: 'slow';
      readonly delayMs: number;
      /** Drawn anew for each message, so that messages of different calls overtake each other; those of one stream never do. */
      readonly jitterMs: number;
      /** 0 to 1: of the packets that are lost, TCP sends each again, after 200 ms and then twice as long each time. 1 is as good as a drop. */
      readonly loss: number;
      /** 0 to 1: how often a raft message arrives a second time, as after a connection that was made twice. */
      readonly duplication: number;
    };

const RETRANSMIT_MS = 200;
const MAX_RETRANSMITS = 8;

/** One direction between two machines, with chance of its own. */
export class Link {
  readonly #random: Random;
  readonly #effects: LinkEffect[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  get isCut(): boolean {
    if (this.#effects.length === 0) return false;
    return this.#effects.some(
      (effect) => effect.kind === 'drop' || (effect.kind === 'slow' && effect.loss >= 1),
    );
  }

  get isReset(): boolean {
    if (this.#effects.length === 0) return false;
    return this.#effects.some((effect) => effect.kind === 'reset');
  }

  get closeDelayMs(): number {
    return this.#sum((effect) => (effect.kind === 'slow-close' ? effect.delayMs : 0));
  }

  add(effect: LinkEffect): void {
    this.#effects.push(effect);
  }

  /** False where it was not, or no longer, in force. */
  remove(effect: LinkEffect): boolean {
    const at = this.#effects.indexOf(effect);
    if (at >= 0) this.#effects.splice(at, 1);
    return at >= 0;
  }

  /** What this message needs beyond the time that every message needs. */
  delayMs(): number {
    return this.#sum((effect) => {
      if (effect.kind !== 'slow') return 0;
      const jitter = effect.jitterMs > 0 ? this.#random.between(0, effect.jitterMs) : 0;
      return effect.delayMs + jitter + this.#retransmitMs(effect.loss);
    });
  }

  /** Whether this message arrives twice. */
  drawsDuplicate(): boolean {
    if (this.#effects.length === 0) return false;
    const most = this.#effects.reduce(
      (most, effect) => (effect.kind === 'slow' ? Math.max(most, effect.duplication) : most),
      0,
    );
    return most > 0 && this.#random.next() < most;
  }

  #retransmitMs(loss: number): number {
    let delayMs = 0;
    for (let n = 0; n < MAX_RETRANSMITS && loss > 0 && this.#random.next() < loss; n += 1)
      delayMs += RETRANSMIT_MS * 2 ** n;
    return delayMs;
  }

  #sum(of: (effect: LinkEffect) => number): number {
    let sum = 0;
    for (const effect of this.#effects) sum += of(effect);
    return sum;
  }
}

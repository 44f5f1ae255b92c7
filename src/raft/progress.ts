/**
 * What a leader knows of one follower, and how fast it may send to it.
 *
 *   probe      one append at a time, until the follower's log is found to match
 *   replicate  a pipeline of at most `maxInflight` unanswered appends
 *   snapshot   nothing, until the snapshot is reported delivered or lost
 *
 * Invariant: 0 <= match < next.
 */

export type ProgressState = 'probe' | 'replicate' | 'snapshot';

/** What `status()` tells of a follower. */
export interface ProgressView {
  readonly match: number;
  readonly next: number;
  readonly state: ProgressState;
  readonly recentActive: boolean;
}

export class Progress implements ProgressView {
  /** The last index known to be stored there. */
  match = 0;
  /** The next index to send. */
  next: number;
  state: ProgressState = 'probe';
  /** Heard from since the last quorum check. */
  recentActive: boolean;
  /** Snapshot state only: the index of the snapshot on its way. */
  pendingSnapshot = 0;
  #probeSent = false;
  readonly #inflight: Inflight;

  constructor(next: number, recentActive: boolean, maxInflight: number) {
    this.next = next;
    this.recentActive = recentActive;
    this.#inflight = new Inflight(maxInflight);
  }

  /** Whether nothing may be sent before an answer comes. */
  get paused(): boolean {
    if (this.state === 'probe') return this.#probeSent;
    return this.state === 'snapshot' || this.#inflight.full;
  }

  /** Find the matching point anew, after what the follower surely has. */
  becomeProbe(): void {
    const afterSnapshot = this.state === 'snapshot' ? this.pendingSnapshot + 1 : 0;
    this.next = Math.max(this.match + 1, afterSnapshot);
    this.#enter('probe');
  }

  becomeReplicate(): void {
    this.next = this.match + 1;
    this.#enter('replicate');
  }

  becomeSnapshot(index: number): void {
    this.#enter('snapshot');
    this.pendingSnapshot = index;
  }

  /** A delivery report came: probe, but only after the follower was heard from again. */
  endSnapshot(delivered: boolean): void {
    if (!delivered) this.pendingSnapshot = 0;
    this.becomeProbe();
    this.#probeSent = true;
  }

  /** An append with entries up to `last` (or with none) left for this follower. */
  sent(last: number, count: number): void {
    if (this.state === 'probe') this.#probeSent = true;
    else if (this.state === 'replicate' && count > 0) {
      this.next = last + 1;
      this.#inflight.add(last);
    }
  }

  /** The follower has everything up to `index`. Returns false when that is no news. */
  acknowledge(index: number): boolean {
    if (index <= this.match) return false;
    this.match = index;
    this.next = Math.max(this.next, index + 1);
    this.#probeSent = false;
    return true;
  }

  /** In the pipeline, appends up to `index` are answered. */
  release(index: number): void {
    this.#inflight.release(index);
  }

  /**
   * The follower refused an append that followed `rejected`, and may match at `hint`. Returns
   * false for an answer to an older question.
   */
  reject(rejected: number, hint: number): boolean {
    if (this.state === 'replicate') {
      if (rejected <= this.match) return false;
      this.next = this.match + 1;
      return true;
    }
    if (this.state === 'snapshot' || this.next - 1 !== rejected) return false;
    this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1);
    this.#probeSent = false;
    return true;
  }

  /** The follower answered a heartbeat: a lost probe or a full pipeline must not block for ever. */
  resume(): void {
    this.#probeSent = false;
    if (this.state === 'replicate' && this.#inflight.full) this.#inflight.releaseFirst();
  }

  #enter(state: ProgressState): void {
    this.state = state;
    this.#probeSent = false;
    this.pendingSnapshot = 0;
    this.#inflight.clear();
  }
}

/** The last indices of unanswered appends, oldest first; answered ones are dropped in bulk. */
class Inflight {
  readonly #limit: number;
  #lasts: number[] = [];
  #start = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get full(): boolean {
    return this.#lasts.length - this.#start >= this.#limit;
  }

  add(last: number): void {
    if (this.#start >= this.#limit) {
      this.#lasts = this.#lasts.slice(this.#start);
      this.#start = 0;
    }
    this.#lasts.push(last);
  }

  release(index: number): void {
    while ((this.#lasts[this.#start] ?? Infinity) <= index) this.#start++;
    if (this.#start === this.#lasts.length) this.clear();
  }

  releaseFirst(): void {
    this.#start++;
  }

  clear(): void {
    this.#lasts = [];
    this.#start = 0;
  }
}

/** What is due at a time. `turn` tells apart what is due at the same one: the order of arming. */
export interface Timed {
  readonly at: number;
  readonly turn: number;
  readonly isArmed: boolean;
}

/** A binary heap, the first to be due on top. */
export class TimerHeap<T extends Timed> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get first(): T | undefined {
    return this.#heap[0];
  }

  add(due: T): void {
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above];
      if (other === undefined || !isBefore(due, other)) break;
      heap[place] = other;
      place = above;
    }
    heap[place] = due;
  }

  removeFirst(): void {
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
  }

  /** Puts what stood last where the first was, and lets it sink to its place. */
  #sink(due: T): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let below = place * 2 + 1;
      const right = heap[below + 1];
      let lesser = heap[below];
      if (lesser === undefined) break;
      if (right !== undefined && isBefore(right, lesser)) {
        lesser = right;
        below += 1;
      }
      if (!isBefore(lesser, due)) break;
      heap[place] = lesser;
      place = below;
    }
    heap[place] = due;
  }
}

const isBefore = (one: Timed, other: Timed): boolean =>
  one.at === other.at ? one.turn < other.turn : one.at < other.at;

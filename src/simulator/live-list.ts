/** What is under way, in the order in which it began. What has ended stays until such are the greater part: adding and ending cost next to nothing. */
export class LiveList<T> {
  readonly #isLive: (item: T) => boolean;
  #items: T[] = [];
  /** At least so many have ended since the list was last swept. */
  #ended = 0;

  constructor(isLive: (item: T) => boolean) {
    this.#isLive = isLive;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  /** One of them, or one that was taken, is live no more. */
  ended(): void {
    this.#ended += 1;
    if (this.#ended < SWEEP_FROM || this.#ended * 2 < this.#items.length) return;
    this.#items = this.live();
    this.#ended = 0;
  }

  live(): T[] {
    return this.#items.filter(this.#isLive);
  }

  /** All that are live; the list is empty then. */
  take(): T[] {
    const live = this.live();
    this.#items = [];
    this.#ended = 0;
    return live;
  }
}

const SWEEP_FROM = 32;

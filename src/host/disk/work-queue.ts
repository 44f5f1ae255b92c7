import { SwarmtwinError } from '../../model/errors.ts';

/** Work on files, one piece after another in the order in which it was asked for. What fails is told to whoever asked, and the next piece goes on. */
export class WorkQueue {
  readonly #tried: string;
  readonly #next: string;
  #last: Promise<void> = Promise.resolve();

  /** `tried` and `next` are the words of a failure: what was tried, and what to do now. */
  constructor(tried: string, next: string) {
    this.#tried = tried;
    this.#next = next;
  }

  /** Errors: what the work threw if it is the tool's own, else `disk-full`. */
  add(work: () => Promise<void>, done: (error: SwarmtwinError | null) => void): void {
    this.#last = this.#last.then(work).then(
      () => {
        done(null);
      },
      (caught: unknown) => {
        done(SwarmtwinError.from(caught, 'disk-full', this.#tried, this.#next));
      },
    );
  }

  /** Resolves when all that was asked for so far is done. */
  async settled(): Promise<void> {
    await this.#last;
  }
}

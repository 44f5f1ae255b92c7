/** Keeps the samples of what is measured of the project itself, without Docker and without a second subject. */
import { ownRow, type OwnMetric, type Row } from './readings.ts';

interface Kept {
  readonly metric: OwnMetric;
  readonly samples: number[];
  readonly loads: number[];
  reason: string | undefined;
}

export class Bookkeeper {
  /** How many samples each figure gets. */
  readonly samples: number;
  readonly progress: (line: string) => void;
  readonly #load: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor(samples: number, load: () => number, progress: (line: string) => void) {
    this.samples = samples;
    this.progress = progress;
    this.#load = load;
  }

  add(metric: OwnMetric, value: number): void {
    const kept = this.#of(metric);
    kept.samples.push(value);
    kept.loads.push(this.#load());
  }

  /** Says why a figure has no (more) samples. */
  skip(metric: OwnMetric, reason: string): void {
    this.#of(metric).reason = reason;
  }

  rows(): readonly Row[] {
    return [...this.#kept.values()].map(({ metric, samples, loads, reason }) =>
      ownRow(metric, samples, loads, reason),
    );
  }

  #of(metric: OwnMetric): Kept {
    let kept = this.#kept.get(metric.name);
    if (kept === undefined) {
      kept = { metric, samples: [], loads: [], reason: undefined };
      this.#kept.set(metric.name, kept);
    }
    return kept;
  }
}

/** Collects what is measured, sample by sample, and makes rows of it. */
import { median } from './statistics.ts';

export const BENCH_SUBJECTS = ['swarm', 'twin'] as const;
export type BenchSubject = (typeof BENCH_SUBJECTS)[number];
/** `ratio` is the twin's median by real Swarm's, both of the same run. */
export type Side = BenchSubject | 'ratio';

/** A figure that is measured on both subjects. */
export interface Metric {
  /** `bench.figure`, as in the table and in the file. */
  readonly name: string;
  readonly unit: 'ms' | 's' | 'MiB' | '% of a core';
  /** The most that the figure should be. A side without one is only reported. */
  readonly aims?: Readonly<Partial<Record<Side, number>>>;
}

/** One row of reports/bench/latest.json. */
export interface Row {
  /** `lab.up.twin`: the metric's name and the side. */
  readonly name: string;
  /** The median of the samples; `null` where nothing was measured. */
  readonly value: number | null;
  readonly unit: string;
  readonly samples: readonly number[];
  /** The machine's load average over the last minute at the end of each sample. */
  readonly loads: readonly number[];
  readonly aim?: number;
  /** The aim is the least that the figure should be, not the most. */
  readonly atLeast?: true;
  readonly met?: boolean;
  /** Why nothing was measured. */
  readonly reason?: string;
}

interface Samples {
  readonly values: number[];
  readonly loads: number[];
}

export class Readings {
  readonly #load: () => number;
  readonly #metrics = new Map<string, Metric>();
  readonly #samples = new Map<string, Samples>();
  readonly #reasons = new Map<string, string>();

  /** `load` gives the machine's load average of now. */
  constructor(load: () => number) {
    this.#load = load;
  }

  /** Keeps one sample. */
  add(metric: Metric, subject: BenchSubject, value: number): void {
    const samples = this.#of(metric, subject);
    samples.values.push(rounded(value));
    samples.loads.push(rounded(this.#load()));
  }

  /** Says why a metric has no (more) samples. Samples that are there stay. */
  skip(metric: Metric, reason: string): void {
    this.#metrics.set(metric.name, metric);
    this.#reasons.set(metric.name, reason);
  }

  /** Every metric so far, three rows each: real Swarm, the twin, their ratio. */
  rows(): readonly Row[] {
    return [...this.#metrics.values()].flatMap((metric) => [
      this.#row(metric, 'swarm'),
      this.#row(metric, 'twin'),
      this.#ratio(metric),
    ]);
  }

  #of(metric: Metric, subject: BenchSubject): Samples {
    this.#metrics.set(metric.name, metric);
    const key = `${metric.name}.${subject}`;
    const samples = this.#samples.get(key) ?? { values: [], loads: [] };
    this.#samples.set(key, samples);
    return samples;
  }

  #row(metric: Metric, subject: BenchSubject): Row {
    const { values, loads } = this.#of(metric, subject);
    const value = values.length === 0 ? null : rounded(median(values));
    return this.#judged(metric, subject, {
      name: `${metric.name}.${subject}`,
      value,
      unit: metric.unit,
      samples: [...values],
      loads: [...loads],
    });
  }

  #ratio(metric: Metric): Row {
    const swarm = this.#row(metric, 'swarm').value;
    const twin = this.#row(metric, 'twin').value;
    const value = swarm === null || twin === null || swarm === 0 ? null : rounded(twin / swarm);
    return this.#judged(metric, 'ratio', {
      name: `${metric.name}.ratio`,
      value,
      unit: 'twin / swarm',
      samples: [],
      loads: [],
    });
  }

  #judged(metric: Metric, side: Side, row: Row): Row {
    const aim = metric.aims?.[side];
    const reason = this.#reasons.get(metric.name);
    return {
      ...row,
      ...(aim === undefined ? {} : { aim }),
      ...(aim === undefined || row.value === null ? {} : { met: row.value <= aim }),
      ...(reason === undefined ? {} : { reason }),
    };
  }
}

/** A figure that the two subjects have in common: what is measured of the project itself. */
export interface OwnMetric {
  readonly name: string;
  readonly unit: string;
  readonly aim?: number;
  readonly atLeast?: true;
}

/** The row of such a figure, `NAME.both`; with a reason where (more) could not be measured. */
export function ownRow(
  metric: OwnMetric,
  samples: readonly number[],
  loads: readonly number[],
  reason?: string,
): Row {
  const { aim, atLeast } = metric;
  const value = samples.length === 0 ? null : rounded(median(samples));
  const met = aim === undefined || value === null || (atLeast ? value >= aim : value <= aim);
  return {
    name: `${metric.name}.both`,
    value,
    unit: metric.unit,
    samples: samples.map(rounded),
    loads: loads.map(rounded),
    ...(aim === undefined ? {} : { aim }),
    ...(atLeast === undefined ? {} : { atLeast }),
    ...(aim === undefined || value === null ? {} : { met }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Three digits after the point: finer than anything here can be measured. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000;

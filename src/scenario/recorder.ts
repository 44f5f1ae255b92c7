/** Numbers the records of a history and hands each on as it is made: to the file, and to whoever watches the run. */
import type { HistoryRecord } from '../model/history.ts';

/** Where the lines go, without their ends; the front door passes a file. Must not return before the line is handed to the system. */
export type HistorySink = (line: string) => void;

/** A record without what the recorder adds. */
export type Draft = HistoryRecord extends infer Each
  ? Each extends HistoryRecord
    ? Omit<Each, 'n' | 'atMs'>
    : never
  : never;

export class Recorder {
  readonly records: HistoryRecord[] = [];
  readonly #sink: HistorySink;
  readonly #watchers: readonly ((record: HistoryRecord) => void)[];
  readonly #now: () => number;

  constructor(
    now: () => number,
    sink: HistorySink,
    watchers: readonly ((record: HistoryRecord) => void)[],
  ) {
    this.#now = now;
    this.#sink = sink;
    this.#watchers = watchers;
  }

  /** Appends one record and returns its number. */
  append(draft: Draft): number {
    const n = this.records.length + 1;
    const record = { n, atMs: this.#now(), ...draft } as HistoryRecord;
    this.records.push(record);
    this.#sink(JSON.stringify(record));
    for (const watcher of this.#watchers) watcher(record);
    return n;
  }
}

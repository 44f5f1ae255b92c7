import type { Entry } from '../../raft/messages.ts';
import type { Payload } from '../../swarm/manager/consensus-ports.ts';
import type { DurableRaft } from '../disk-files.ts';
import type { DiskChange } from './replicas.ts';
import type { Report } from './rules.ts';

/** One entry as it stood on a disk, and the raft ids of those whose disk it stood on. */
export interface Line {
  readonly entry: Entry<Payload>;
  /** Where it was first seen. */
  readonly machine: string;
  readonly holders: Set<string>;
  /** The term of the entry before it; null where that was not kept. */
  previousTerm: number | null;
}

/** Every entry that was ever on a disk. Logs that agree on an index and its term must agree on all before it. */
export class DurableLogs {
  readonly #report: Report;
  readonly #lines = new Map<number, Line[]>();
  /** By raft id: up to where a snapshot stands in for the log. */
  readonly #snapshots = new Map<string, number>();

  constructor(report: Report) {
    this.#report = report;
  }

  disk({ machine, raftId, raft, before }: DiskChange): void {
    const { entries, count, snapshot } = raft;
    if (snapshot !== null) this.#snapshots.set(raftId, snapshot.index);
    const isLonger = before?.entries === entries;
    for (let at = isLonger ? before.count : firstNew(entries, before); at < count; at += 1) {
      const entry = entries[at];
      if (entry === undefined) break;
      const index = entry.index - 1;
      const previous =
        at > 0 ? entries[at - 1]?.term : snapshot?.index === index ? snapshot.term : undefined;
      this.#add(machine, raftId, entry, previous ?? (index === 0 ? 0 : null));
    }
  }

  /** The entry of that term at that index, if any disk ever had it. */
  find(index: number, term: number): Line | undefined {
    return this.#lines.get(index)?.find((line) => line.entry.term === term);
  }

  /** The entry at that index that this member's disk had last. */
  lastOf(raftId: string, index: number): Line | undefined {
    return this.#lines.get(index)?.findLast((line) => line.holders.has(raftId));
  }

  holds(raftId: string, line: Line): boolean {
    return line.holders.has(raftId) || (this.#snapshots.get(raftId) ?? 0) >= line.entry.index;
  }

  #add(machine: string, raftId: string, entry: Entry<Payload>, previousTerm: number | null): void {
    const lines = this.#lines.get(entry.index);
    const line = lines?.find((other) => other.entry.term === entry.term);
    if (line === undefined) {
      const added = { entry, machine, holders: new Set([raftId]), previousTerm };
      if (lines === undefined) this.#lines.set(entry.index, [added]);
      else lines.push(added);
      return;
    }
    line.holders.add(raftId);
    const place = `entry ${entry.index} of term ${entry.term} on the disk of ${machine}`;
    if (line.entry !== entry && JSON.stringify(line.entry) !== JSON.stringify(entry))
      this.#report('log-matching', `${place} is not the one on the disk of ${line.machine}`);
    if (line.previousTerm === null) line.previousTerm = previousTerm;
    else if (previousTerm !== null && line.previousTerm !== previousTerm)
      this.#report(
        'log-matching',
        `${place} follows an entry of term ${previousTerm}, on that of ${line.machine} one of term ${line.previousTerm}`,
      );
  }
}

/** Where a log begins to differ from what was there before it: a log that was rewritten keeps the entries of the old one, at other places. */
function firstNew(entries: readonly Entry<Payload>[], before: DurableRaft | null): number {
  const old = before?.entries ?? [];
  const oldFirst = old[0]?.index ?? 0;
  let at = entries.length;
  for (; at > 0; at -= 1) {
    const entry = entries[at - 1];
    if (entry !== undefined && old[entry.index - oldFirst] === entry) break;
  }
  return at;
}

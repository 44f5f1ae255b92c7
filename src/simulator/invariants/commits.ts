import { majority } from '../../raft/quorum.ts';
import type { Entry } from '../../raft/messages.ts';
import type { Status } from '../../raft/status.ts';
import type { Payload } from '../../swarm/manager/consensus-ports.ts';
import type { DurableLogs, Line } from './durable-logs.ts';
import type { Replica } from './replicas.ts';
import type { Report } from './rules.ts';

/** Told of every committed entry, once, in order. */
export type Follow = (entry: Entry<Payload>) => void;

/** What is committed: on a majority's disks, the same for all, and for ever. */
export class Commits {
  readonly #report: Report;
  readonly #logs: DurableLogs;
  readonly #follow: Follow;
  /** Terms of committed entries by index. */
  readonly #terms: number[] = [0];
  /** The members, and those before the last change: a change counts for the leader only once it has applied it. */
  #members: readonly string[] = [];
  #membersBefore: readonly string[] = [];

  constructor(report: Report, logs: DurableLogs, follow: Follow) {
    this.#report = report;
    this.#logs = logs;
    this.#follow = follow;
  }

  get #last(): number {
    return this.#terms.length - 1;
  }

  status(replica: Replica, status: Status, before: Status | null): void {
    if (before !== null) this.#judgeBackward(replica, status, before);
    if (status.role === 'leader') this.#judgeLeader(replica, status, before);
    const known = Math.min(status.applied, this.#last);
    for (let index = (before?.applied ?? known - 1) + 1; index <= known; index += 1)
      this.#judgeSame(replica, index);
    for (let index = this.#last + 1; index <= status.applied; index += 1) {
      const line = this.#logs.lastOf(replica.raftId, index);
      if (line === undefined) {
        this.#report(
          'commit-on-majority',
          `${replica.machine} has applied entry ${index}, which is not on its own disk`,
        );
        return;
      }
      this.#commit(replica, line);
    }
  }

  #commit({ machine }: Replica, line: Line): void {
    const { entry } = line;
    const counts = [this.#members, this.#membersBefore].map((members) => ({
      of: members.length,
      holding: members.filter((member) => this.#logs.holds(member, line)).length,
    }));
    if (!counts.some(({ of, holding }) => holding >= majority(of)) && this.#members.length > 0)
      this.#report(
        'commit-on-majority',
        `${machine} has applied entry ${entry.index} of term ${entry.term}, which is on the disks of ${counts[0]?.holding ?? 0} of ${counts[0]?.of ?? 0} members`,
      );
    this.#terms.push(entry.term);
    if (entry.kind === 'conf') this.#changeMembers(entry.change.type, entry.change.raftId);
    this.#follow(entry);
  }

  #changeMembers(type: 'add' | 'remove' | 'update', raftId: string): void {
    const others = this.#members.filter((member) => member !== raftId);
    this.#membersBefore = this.#members;
    if (type === 'remove') this.#members = others;
    else this.#members = [...others, raftId];
  }

  // A replica's own copy may be compacted away already; then its snapshot stands for it, and `stores-agree` judges that.
  #judgeSame({ machine, raft }: Replica, index: number): void {
    const term = raft.entries[index - (raft.entries[0]?.index ?? 0)]?.term;
    const committed = this.#terms[index];
    if (term !== undefined && term !== committed)
      this.#report(
        'state-machine-safety',
        `${machine} applies entry ${index} of term ${term}, where one of term ${committed ?? 0} was applied`,
      );
  }

  #judgeBackward({ machine }: Replica, status: Status, before: Status): void {
    for (const which of ['commit', 'applied'] as const)
      if (status[which] < before[which])
        this.#report(
          'commit-never-back',
          `${machine} goes from ${which} index ${before[which]} back to ${status[which]}`,
        );
  }

  #judgeLeader({ machine, raft }: Replica, status: Status, before: Status | null): void {
    const { term, commit, termStartIndex } = status;
    const isNew = before?.role !== 'leader' || before.term !== term;
    if (before !== null && commit > before.commit && commit < termStartIndex)
      this.#report(
        'commit-of-own-term',
        `${machine}, leader of term ${term} from entry ${termStartIndex} on, commits entry ${commit}`,
      );
    if (!isNew) return;
    let index = this.#last;
    while (index > 0 && (this.#terms[index] ?? 0) >= term) index -= 1;
    const first = raft.entries[0]?.index ?? 0;
    const own =
      index <= (raft.snapshot?.index ?? 0) ? this.#terms[index] : raft.entries[index - first]?.term;
    if (own !== this.#terms[index])
      this.#report(
        'leader-completeness',
        `${machine} leads term ${term} without entry ${index} of term ${this.#terms[index] ?? 0}, which was committed`,
      );
  }
}

import type { Status } from '../../raft/replica.ts';
import type { Replica } from './replicas.ts';
import type { Report } from './watch.ts';

/** Election safety (Raft, figure 3): no term ever has two leaders. */
export class LeaderPerTerm {
  readonly #report: Report;
  /** By term: who was seen to lead it. */
  readonly #leaders = new Map<number, Replica>();

  constructor(report: Report) {
    this.#report = report;
  }

  status(replica: Replica, { role, term }: Status): void {
    if (role !== 'leader') return;
    const first = this.#leaders.get(term);
    if (first === undefined) this.#leaders.set(term, replica);
    else if (first.raftId !== replica.raftId)
      this.#report(
        'one-leader-per-term',
        `${replica.machine} leads term ${term}, which ${first.machine} has led`,
      );
  }
}

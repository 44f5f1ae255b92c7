/** How long managers may be without a leader after they lost one, from the settings of Raft alone. */
import type { SwarmSettings } from '../model/history.ts';

export interface ElectionTimes {
  /** Since the loss of the leader. */
  readonly leastMs: number;
  readonly mostMs: number;
  readonly words: string;
}

/**
 * A survivor campaigns once it has heard nobody for E to 2E - 1 of its own ticks, which it draws anew at each term (etcd raft: tickElection, reset; E is
 * electionTicks). The first of these may follow at once on the last message, which came heartbeatTicks before the loss at the earliest, and its end at the latest: so the
 * first campaign begins E - 1 - heartbeatTicks to 2E - 1 ticks after the loss. There is no vote before the vote (SwarmKit: PreVote is off), so it fails where
 *
 * - others still hold the lease of the lost leader, which ends E of their ticks after they last heard it: they do not answer (etcd raft: Step, inLease). Such a campaign begins
 *   within E ticks, the others campaign in the same term or vote in it, and then nobody holds a lease any more: the next term, 2E - 1 ticks later at the latest, has a leader. So
 *   that takes 3E - 1 ticks at most, three campaigns of two survivors. The first candidate has drawn E, and so many of the others as are needed for a majority have not come to
 *   their own E-th tick, nor have any of them drawn it: 1 - (1 - 1/E)^(votes of others), or less where more survive than are needed;
 * - the candidate lacks an entry that the others have, which one that is being written may. It costs an election timeout each time that such a candidate is the first, half of
 *   the times of two survivors, and no number of times is the last. This is no matter of the settings, and not in the range;
 * - two campaign within the milliseconds that a message takes: by an estimate one election in a thousand, and not in the range either.
 */
export function electionTimes(
  { tickMs, electionTicks, heartbeatTicks }: SwarmSettings,
  managers: number,
): ElectionTimes {
  const [least, most] = [electionTicks, 2 * electionTicks - 1];
  const failing = 1 - (1 - 1 / electionTicks) ** Math.floor(managers / 2);
  return {
    leastMs: (least - 1 - heartbeatTicks) * tickMs,
    mostMs: (electionTicks + most) * tickMs,
    words: `an election timeout of ${least} to ${most} ticks since the last heartbeat; where leases of ${electionTicks} ticks defeat the first campaign (at most ${Math.round(failing * 100)} % of elections among ${managers} managers) one more; longer only where a candidate lacks an entry, or two campaign in one moment`,
  };
}

/** Arithmetic of majorities over a plain list of members. */
import type { RaftId } from './messages.ts';

/** The number of members that is more than half of `count`. */
export function majority(count: number): number {
  return (count >> 1) + 1;
}

/** The highest index a majority of these acknowledged indices has reached; 0 without members. */
export function majorityIndex(matches: readonly number[]): number {
  if (matches.length === 0) return 0;
  const needed = majority(matches.length);
  let reached = 0;
  // A leader asks this at every answer, of a handful of members: counting is quicker than sorting.
  for (const index of matches) {
    if (index <= reached) continue;
    let holders = 0;
    for (const match of matches) if (match >= index) holders++;
    if (holders >= needed) reached = index;
  }
  return reached;
}

/** Won and lost are final; votes of those who are not members do not count. */
export type Tally = 'pending' | 'won' | 'lost';

/** Counts an election. Without members it is lost: nobody may lead an empty group. */
export function tally(members: readonly RaftId[], votes: ReadonlyMap<RaftId, boolean>): Tally {
  let granted = 0;
  let refused = 0;
  for (const member of members) {
    const vote = votes.get(member);
    if (vote === true) granted++;
    else if (vote === false) refused++;
  }
  const needed = majority(members.length);
  if (granted >= needed) return 'won';
  return granted + (members.length - granted - refused) >= needed ? 'pending' : 'lost';
}

/** What is claimed of a manager whose machine comes back at another address, of real Swarm and of the twin alike. In what was seen, addresses are `new` and `old`. */

export interface Claim {
  readonly title: string;
  readonly seen: RegExp;
}

/** Chance: its agent goes to the first manager that it comes to, and stays there. At home there is no leader, and at its own old address nobody. */
const MOVED = /^manager, (ready at new|down at old), unreachable at old:2377$/;
const NO_LEADER = /^500 .*The swarm does not have a leader\./;

const movedClaims = (node: string): readonly Claim[] => [
  {
    title: `${node} moved: the others do not find it, and its agent may find them`,
    seen: MOVED,
  },
  { title: `${node} moved: it says itself that there is no leader`, seen: NO_LEADER },
  { title: `${node} moved: the others go on without it`, seen: /^201$/ },
  {
    title: `${node} demoted: it is a worker where it is`,
    seen: /^worker, ready at new, no manager$/,
  },
];

/** In the order in which they are played. n3 leaves it to the leader to see where it is, n2 says so when it joins. */
export const CLAIMS: readonly Claim[] = [
  ...movedClaims('n3'),
  {
    title: 'n3 promoted: it is reached where it is',
    seen: /^manager, ready at new, reachable at new:2377$/,
  },
  { title: 'n3 promoted: it answers for the swarm', seen: /^200$/ },
  ...movedClaims('n2'),
  {
    title: 'n2 promoted: it is not taken in, since nobody reaches it where it said',
    seen: /^manager, [a-z]+ at new, no manager$/,
  },
  { title: 'n2 leaves', seen: /^200$/ },
  { title: 'n2 is removed', seen: /^200$/ },
  {
    title: 'n2 joined anew, with the new address: it is reached there',
    seen: /^manager, ready at new, reachable at new:2377$/,
  },
];

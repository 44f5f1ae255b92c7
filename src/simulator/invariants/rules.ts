/** Every rule that the watch can see broken, by its stable name. Each has a mutant in `suites/mutants`. */
export const RULES = {
  'one-leader-per-term': 'no term has two leaders (Raft: election safety)',
  'one-vote-per-term': 'a member votes for at most one candidate of a term, over restarts too',
  'votes-on-disk': 'who leads has the votes of a majority on their disks',
  'term-never-back': 'a member never goes back to an older term',
  'deposed-leader-steps-down':
    'a leader that another term has replaced gives up within two election timeouts of its own ticks',
  'log-matching': 'logs with the same term at an index are the same up to it (Raft: log matching)',
  'leader-completeness': 'who leads has every entry that was committed before (Raft)',
  'state-machine-safety': 'all members apply the same entry at an index (Raft)',
  'commit-on-majority': 'a committed entry is on the disks of a majority',
  'commit-of-own-term': 'a leader commits by counting only entries of its own term (Raft 5.4.2)',
  'commit-never-back': 'commit and applied index of a manager never go back',
  'raft-id-once': 'a raft id belongs to one node and is never used again after its removal',
  'state-never-back': 'the observed state of a task only moves forward, and never from an end',
  'desired-never-back': 'the desired state of a task only moves forward',
  'step-by-owner': 'each step of a task is one that its owner makes, and touches nothing else',
  'reported-by-own-agent': 'a task is never further than the agent of its own node says',
  'one-running-per-slot': 'at most one task of a slot is to run, except start-first',
  'restart-delay': 'a replacement waits for the restart delay of the task before it',
  'restart-policy': 'a task is replaced only as its restart policy allows',
  'reason-on-task': 'a task that fails, is rejected or finds no node says why',
  'no-move-without-cause': 'a healthy task is stopped only for a cause',
  'placed-on-eligible-node': 'the scheduler places on nodes that are ready, active and fit',
  'global-on-eligible-node': 'global tasks are made for eligible nodes only',
  'version-grows': 'every write of an object has a greater version index',
  'rollback-restores': 'a rollback restores exactly the spec before',
  'update-parallelism': 'an update works at no more slots at once than its parallelism says',
  'acknowledged-is-committed': 'a write that was acknowledged is in the committed state',
  'no-stale-version': 'a write is taken only on top of the version that it names',
  'no-answer-without-leader': 'nothing is answered while no manager leads',
  'no-stale-read': 'a read is no older than a deposed leader may be',
  'stores-agree': 'at rest every manager holds the same, committed state',
  'running-equals-declared': 'at rest each replicated service runs what it declares, one per slot',
  'global-equals-eligible': 'at rest each global service runs once on every eligible node',
  'drained-is-empty': 'at rest nothing runs on a drained node',
  'history-limit': 'at rest no slot keeps more records than the history limit',
  'nodes-equal-joins': 'at rest the nodes listed are those that joined and were not removed',
  'members-are-listed': 'at rest every raft member is a listed node',
} as const;

export type Rule = keyof typeof RULES;

/** How a family of invariants says what it saw. */
export type Report = (rule: Rule, text: string) => void;

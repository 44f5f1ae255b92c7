/**
 * What the comparison of two histories leaves out, and why: differences that two runs of real Swarm show as well. Every rule that
 * canonical.ts and sequences.ts apply stands here, and every report prints this table.
 */
import type { Exclusion } from '../model/verdict.ts';

/** A state that lasted less than this may fall between two looks: the eye looks every 250 ms, and a loaded machine makes that longer. */
export const BRIEF_MS = 1500;
/**
 * A task that was held back so long waited for a restart delay (5 s), not for the machine: counted from its making, or from the end of
 * the task before it where that one was still alive. What is missing to 5 s is left to the clocks of two daemons.
 */
export const WAITING_MS = 4500;

/** A task is made in the transaction by which the one before is told to go, but the two may be looked at in turn. */
export const BESIDE_MS = 3000;

/** A container that exits at once is over before or after its agent has said that it runs. */
export const SHORT_RUN_MS = 4000;

export const EXCLUSIONS: readonly Exclusion[] = [
  {
    field: 'all',
    rule: 'ids, addresses, ports of clients, slots in the names of containers and times are replaced by placeholders',
    reason: 'they are drawn anew in every run; which slot is on which node is a tie',
  },
  {
    field: 'services.*',
    rule: 'a service that was made without a name goes by the order of its making',
    reason: 'the engine draws its name at random',
  },
  {
    field: 'all',
    rule: `a state that one side showed for less than ${BRIEF_MS} ms may be missing on the other`,
    reason: 'the recorder looks four times a second; a shorter state is seen by chance',
  },
  {
    field: 'services.*.slots',
    rule: 'slots are compared as a set of lives, without their numbers and nodes',
    reason:
      'which of equally good nodes gets which slot, and in which order an update takes slots, is drawn at random',
  },
  {
    field: 'services.*.slots',
    rule: 'new, pending without a reason, assigned, accepted, preparing, starting, and ready for less than a restart delay are left out',
    reason: 'a task passes them in milliseconds to a second, as the machine allows',
  },
  {
    field: 'services.*.slots',
    rule: 'a task that is wanted ready waits for its restart delay, whether it is ready meanwhile or still pending for want of a node',
    reason:
      'when a node takes the task depends on when its agent is back, at random within its back-off',
  },
  {
    field: 'services.*.slots',
    rule: `running may be missing on the other side for a task that failed or was complete within ${SHORT_RUN_MS} ms`,
    reason: 'a container that exits at once has ended before or after its agent says that it runs',
  },
  {
    field: 'services.*.slots',
    rule: "on a node whose stop cost the quorum, failed 'No such container' counts as shutdown",
    reason:
      'a stopped node removes its containers and forgets its tasks; back again, it shuts down what is no longer wanted and fails what still is. Which of the two depends on whether the leader had noted the node as down before it stepped down for want of a quorum: the same race as that of down and unknown',
  },
  {
    field: 'services.*.slots',
    rule: 'desired and observed states of a task are two sequences of their own',
    reason: 'which of the two changed first within one look cannot be seen',
  },
  {
    field: 'services.*.slots',
    rule: 'that a task is made while the one before is still wanted is left out where an update may start the new one first',
    reason: 'for how long both are wanted then is the time that the new one takes to run',
  },
  {
    field: 'all',
    rule: 'the registers of clients at work, and what the clients asked of them, are not compared',
    reason:
      'who comes first is a race; claims L1 and L2 judge what the clients were told on each side',
  },
  {
    field: 'services.*.slots',
    rule: 'pending is left out while every node is active',
    reason:
      'after a change of leader a task waits until the first node is ready again, at random within its back-off; what is pending for want of an active node is compared',
  },
  {
    field: 'services.*.update',
    rule: 'the time under way of an automatic rollback is left out, not its end',
    reason:
      'whether the failed slot is put right by the rollback or was so already by its restart is a race in the engine (measured.md, point 12)',
  },
  {
    field: 'services.*.slots',
    rule: 'the slots of a service that was scaled down are not compared, nor how many tasks are listed in each',
    reason: 'which slots go depends on which node has which slot number, and that was a tie',
  },
  {
    field: 'nodes.*.state',
    rule: 'unknown is left out for a node that no fault is on',
    reason:
      'after a change of leader it lasts until the agent returns, at random within its back-off of 0 to 8 s',
  },
  {
    field: 'nodes.*.state',
    rule: 'down and unknown are left out for a node whose loss cost the quorum',
    reason:
      'whether three heartbeats pass before the leader gives up is a race (9.6 to 15 s against 11 to 16.6 s)',
  },
  {
    field: 'nodes.*.state, nodes.*.reachability, control.*',
    rule: 'repeated passages through the same states count once, of nodes that a fault was on',
    reason: 'how many elections a heal needs is a matter of random timeouts',
  },
  {
    field: 'nodes.*.reachability',
    rule: 'unreachable and unknown are left out for a node that no fault is on',
    reason:
      'a new leader knows its peers only after the first messages, and a busy machine loses some',
  },
  {
    field: 'nodes.*',
    rule: 'a sighting of a manager without any reachability is left out',
    reason:
      'a leader that is being stopped may answer one last time, with its members gone already: seen on real Swarm 26.1',
  },
  {
    field: 'nodes.*',
    rule: 'which node leads is left out, but not that one does',
    reason: 'the winner of an election is drawn by random timeouts',
  },
  {
    field: 'nodes.*',
    rule: 'a node is left out whose last word on joining as a manager was that nobody reaches it',
    reason:
      'its certificate is there before it is refused; whether its agent is heard of as well, so that it is listed as ready and then down, or its manager gives up first is a race: seen both ways on real Swarm 26.1',
  },
  {
    field: 'control.*',
    rule: 'looks without an answer are left out',
    reason:
      'a look is given up after 1.5 s; a dead address refuses, resets or is silent as the host remembers it',
  },
  {
    field: 'control.*',
    rule: 'the refusal for want of a leader is left out for a manager that no fault is on while a majority is there',
    reason:
      'it appears only when an election takes longer than 10 ticks without a leader, which is chance',
  },
  {
    field: 'control.*',
    rule: 'errors of a forwarded call while a leader is lost are left out',
    reason: 'they depend on which message was on the wire at that moment',
  },
  {
    field: 'operations.*',
    rule: 'a client without a connection is told so, not how',
    reason:
      'refused, unreachable and silent depend on what the host still remembers of the address',
  },
  {
    field: 'answers.*',
    rule: 'moments, versions and join tokens are left out; lists of objects are put in an order of what they hold',
    reason: 'they are drawn anew in every run, and lists come in the order of ids',
  },
  {
    field: 'answers.*',
    rule: "a container's table of mounts is left out",
    reason:
      'how an engine stores layers is a matter of its host; the claims on secrets read what matters in it',
  },
  {
    field: 'nodes.*.spec',
    rule: "the lab's own label of an engine is left out",
    reason: 'older histories lack it',
  },
  {
    field: 'end.placement',
    rule: 'placement is compared as sorted counts of running tasks per node',
    reason: 'which of equally good nodes gets a task is drawn at random',
  },
];

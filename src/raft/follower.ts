/** How a replica answers a leader and a candidate. Terms are already equal when these run. */
import type { Core } from './core.ts';
import type {
  AppendMessage,
  HeartbeatMessage,
  RaftId,
  SnapshotMessage,
  VoteMessage,
} from './messages.ts';

/** Stores the leader's entries if they fit on our log; otherwise says where they may fit. */
export function handleAppend<P, S>(core: Core<P, S>, message: AppendMessage<P>): void {
  const { log } = core;
  if (message.index < log.commit) {
    acceptUpTo(core, message.from, log.commit);
  } else if (log.matches(message.index, message.logTerm)) {
    const last = log.accept(message.index, message.entries);
    log.commitTo(Math.min(message.commit, last));
    acceptUpTo(core, message.from, last);
  } else {
    rejectAppend(core, message);
  }
}

function rejectAppend<P, S>(core: Core<P, S>, message: AppendMessage<P>): void {
  const { log } = core;
  const from = Math.min(message.index, log.lastIndex);
  const hint = log.lastIndexUpToTerm(from, message.logTerm);
  core.send({
    type: 'appResp',
    to: message.from,
    from: core.id,
    term: core.term,
    index: message.index,
    reject: true,
    rejectHint: hint,
    logTerm: log.termAt(hint) ?? 0,
  });
}

/** Tells `to` that our log equals its own up to `index` (0: only our term is worth telling). */
export function acceptUpTo<P, S>(core: Core<P, S>, to: RaftId, index: number): void {
  core.send({
    type: 'appResp',
    to,
    from: core.id,
    term: core.term,
    index,
    reject: false,
    rejectHint: 0,
    logTerm: 0,
  });
}

/** Commits what the leader says we hold. A log that lost its tail commits no more than it has. */
export function handleHeartbeat<P, S>(core: Core<P, S>, message: HeartbeatMessage): void {
  core.log.commitTo(message.commit);
  core.send({ type: 'heartbeatResp', to: message.from, from: core.id, term: core.term });
}

/**
 * Replaces our log by the leader's snapshot, unless we have all of it already. A snapshot that
 * does not list us is taken too: older managers send one to a member that just joins.
 */
export function handleSnapshot<P, S>(core: Core<P, S>, message: SnapshotMessage<S>): void {
  const { log } = core;
  const { index, term, members } = message.snapshot;
  if (index > log.commit) {
    if (log.matches(index, term)) {
      log.commitTo(index);
    } else {
      log.restore(message.snapshot);
      core.members = [...members].sort();
    }
  }
  acceptUpTo(core, message.from, log.commit);
}

/** One vote per term, and only for a log that holds all we may have helped to commit. */
export function handleVote<P, S>(core: Core<P, S>, message: VoteMessage): void {
  const free = core.vote === message.from || (core.vote === '' && core.leader === '');
  const granted = free && core.log.isUpToDate(message.index, message.logTerm);
  if (granted) {
    core.vote = message.from;
    core.electionElapsed = 0;
  }
  core.send({
    type: 'voteResp',
    to: message.from,
    from: core.id,
    term: core.term,
    reject: !granted,
  });
}

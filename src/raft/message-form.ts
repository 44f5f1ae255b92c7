/** The trust boundary: whether a message from outside can mean anything at all. */
import type { AppendMessage, Message, RaftId, Snapshot } from './messages.ts';

/** False for a message that no honest replica sends to `receiver`; it is to be dropped. */
export function isWellFormed<P, S>(message: Message<P, S>, receiver: RaftId): boolean {
  const { to, from, term } = message;
  if (to !== receiver || from === receiver || from === '') return false;
  if (!isCount(term) || term === 0) return false;
  switch (message.type) {
    case 'app':
      return isAppend(message);
    case 'appResp':
      return isCount(message.index) && isCount(message.rejectHint) && isCount(message.logTerm);
    case 'vote':
      return isCount(message.index) && isCount(message.logTerm) && message.logTerm < term;
    case 'heartbeat':
      return isCount(message.commit);
    case 'snap':
      return isSnapshot(message.snapshot, term);
    case 'voteResp':
    case 'heartbeatResp':
    case 'timeoutNow':
      return true;
    default:
      return false;
  }
}

/** Entries must follow the point they are appended to without a gap and without a falling term. */
function isAppend<P>(message: AppendMessage<P>): boolean {
  let { index, logTerm } = message;
  if (!isCount(index) || !isCount(logTerm) || !isCount(message.commit)) return false;
  for (const entry of message.entries) {
    if (entry.index !== index + 1 || !isCount(entry.term) || entry.term < logTerm) return false;
    index = entry.index;
    logTerm = entry.term;
  }
  return logTerm <= message.term;
}

function isSnapshot<S>(snapshot: Snapshot<S>, term: number): boolean {
  const { index } = snapshot;
  return isCount(index) && index > 0 && isCount(snapshot.term) && snapshot.term <= term;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

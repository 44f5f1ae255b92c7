/** A log that is taken up by one member alone, after the others are lost (SwarmKit: raft storage, loadAndStart with forceNewCluster). */
import type { RaftId } from '../../raft/messages.ts';
import type { Member, RaftReady, RaftStored } from './consensus-ports.ts';
import { memberContext } from './membership.ts';

type LogEntry = RaftStored['entries'][number];

export interface NewCluster {
  /** The log without what was not known to be committed, with the removal of all other members at its end, committed. */
  readonly stored: RaftStored;
  /** What has to be on the disk before it counts. */
  readonly parcel: Pick<RaftReady, 'hardState' | 'entries' | 'snapshot' | 'mustSync'>;
}

/** The log as it goes on with `self` as its only member, at the address that it has now. */
export function newCluster(stored: RaftStored, self: Member): NewCluster {
  const { hardState, snapshot } = stored;
  const kept = stored.entries.filter(({ index }) => index <= hardState.commit);
  const members = membersIn(snapshot, kept);
  const others = [...members.values()].filter(({ raftId }) => raftId !== self.raftId);
  const hasMoved = members.get(self.raftId)?.addr !== self.addr;
  const changes = [
    ...others.map((member) => ({ type: 'remove' as const, member })),
    ...(hasMoved ? [{ type: 'update' as const, member: self }] : []),
  ];
  const entries = changes.map(({ type, member }, at): LogEntry => ({
    index: hardState.commit + 1 + at,
    term: hardState.term,
    kind: 'conf',
    change: { type, raftId: member.raftId, context: memberContext(member) },
  }));
  const committed = { ...hardState, commit: hardState.commit + entries.length };
  return {
    stored: { hardState: committed, snapshot, entries: [...kept, ...entries] },
    parcel: { hardState: committed, entries, mustSync: true },
  };
}

function membersIn(
  snapshot: RaftStored['snapshot'],
  entries: readonly LogEntry[],
): ReadonlyMap<RaftId, Member> {
  const members = new Map(snapshot?.data.members.map((member) => [member.raftId, member]));
  for (const entry of entries) {
    if (entry.kind !== 'conf') continue;
    const { type, raftId, context } = entry.change;
    if (type === 'remove') members.delete(raftId);
    else members.set(raftId, { raftId, ...(JSON.parse(context) as Omit<Member, 'raftId'>) });
  }
  return members;
}

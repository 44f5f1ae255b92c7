import type { Entry } from '../../raft/messages.ts';
import type { Payload } from '../../swarm/manager/consensus-ports.ts';
import type { Report } from './rules.ts';

/** Raft ids name one node for ever: votes and acknowledgements of a removed member must never count for a new one. */
export class MemberIds {
  readonly #report: Report;
  readonly #nodes = new Map<string, string>();
  readonly #removed = new Set<string>();

  constructor(report: Report) {
    this.#report = report;
  }

  committed(entry: Entry<Payload>): void {
    if (entry.kind !== 'conf') return;
    const { type, raftId, context } = entry.change;
    if (type === 'remove') {
      this.#removed.add(raftId);
      return;
    }
    const { nodeId } = JSON.parse(context) as { readonly nodeId: string };
    const owner = this.#nodes.get(raftId);
    const place = `entry ${entry.index} gives raft id ${raftId} to node ${nodeId}`;
    if (this.#removed.has(raftId)) this.#report('raft-id-once', `${place}; it was removed before`);
    else if (owner !== undefined && owner !== nodeId)
      this.#report('raft-id-once', `${place}; it is that of node ${owner}`);
    this.#nodes.set(raftId, nodeId);
  }
}

import type { Status } from '../../raft/status.ts';
import type { Manager } from '../../swarm/manager/manager.ts';
import type { DurableRaft } from '../disk-files.ts';
import type { Touched } from '../touched.ts';
import type { World } from '../world.ts';

/** One manager from its opening to its end; a restart makes another. */
export interface Replica {
  readonly machine: string;
  readonly manager: Manager;
  readonly raftId: string;
  /** What is on the machine's disk for sure. */
  readonly raft: DurableRaft;
}

/** What a machine's disk holds for sure has changed. */
export interface DiskChange {
  readonly machine: string;
  readonly raftId: string;
  readonly raft: DurableRaft;
  /** Null where it belonged to another raft id, or to none. */
  readonly before: DurableRaft | null;
}

/** Told of what changed. Disks come first, since what a member says rests on them. */
export interface ReplicaEvents {
  disk(change: DiskChange): void;
  /** A new standing in raft; `before` is null for a manager that is seen for the first time. */
  status(replica: Replica, status: Status, before: Status | null): void;
  /** A manager is gone, which had this standing until then. */
  ended(status: Status): void;
}

interface Seen {
  raft: DurableRaft | null;
  raftId: string;
  manager: Manager | null;
  status: Status | null;
  /** As it was told last; the same object until the manager or its disk changes. */
  replica: Replica | null;
}

/** A new standing that is to be told once all disks were. */
interface News {
  readonly replica: Replica;
  readonly status: Status;
  readonly before: Status | null;
}

/** Looks at the disk and the manager of each machine on which anything happened, and tells what is new. */
export class Replicas {
  readonly #touched: Touched;
  readonly #events: ReplicaEvents;
  /** By the machine's ordinal. */
  readonly #seen: Seen[] = [];

  constructor(world: World, events: ReplicaEvents) {
    this.#touched = world.touched();
    this.#events = events;
  }

  look(): void {
    let news: News[] | null = null;
    for (const machine of this.#touched.take()) {
      const { name, ordinal } = machine;
      let seen = this.#seen[ordinal];
      if (seen === undefined) this.#seen[ordinal] = seen = unseen();
      const { raft } = machine.disk;
      if (raft !== seen.raft) this.#disk(name, seen, raft, machine.disk.load()?.raftId ?? '');
      const { manager } = machine.process.node;
      if (manager === null || !machine.process.isAlive()) {
        if (seen.status !== null) this.#events.ended(seen.status);
        seen.manager = null;
        seen.status = null;
        continue;
      }
      const status = manager.raftStatus();
      if (status === seen.status && manager === seen.manager) continue;
      const before = manager === seen.manager ? seen.status : null;
      seen.manager = manager;
      seen.status = status;
      if (seen.replica?.manager !== manager || seen.replica.raft !== raft)
        seen.replica = { machine: name, manager, raftId: manager.self.raftId, raft };
      news ??= [];
      news.push({ replica: seen.replica, status, before });
    }
    if (news === null) return;
    for (const { replica, status, before } of news) this.#events.status(replica, status, before);
  }

  #disk(machine: string, seen: Seen, raft: DurableRaft, raftId: string): void {
    const before = raftId === seen.raftId ? seen.raft : null;
    seen.raft = raft;
    seen.raftId = raftId;
    if (raftId !== '') this.#events.disk({ machine, raftId, raft, before });
  }
}

const unseen = (): Seen => ({ raft: null, raftId: '', manager: null, status: null, replica: null });

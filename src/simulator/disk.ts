import type { SwarmtwinError } from '../model/errors.ts';
import { MemoryAgentStorage, type AgentStorage } from '../swarm/agent/storage.ts';
import type { Payload, RaftDisk, RaftStored } from '../swarm/manager/consensus-ports.ts';
import type { Timers } from '../swarm/ports.ts';
import type { NodeState, NodeStorage } from '../swarm/node/node-ports.ts';

interface Contents {
  readonly state: NodeState | null;
  readonly raft: RaftStored;
}

const NO_RAFT: RaftStored = {
  hardState: { term: 0, vote: '', commit: 0 },
  snapshot: null,
  entries: [],
};
const EMPTY: Contents = { state: null, raft: NO_RAFT };

/** a machine's disk. What was written and not synced is gone after a crash; what was promised is not. */
export class SimulatedDisk {
  /** How long a sync takes. */
  syncMs = 1;
  /** What every write from now on answers. */
  failure: SwarmtwinError | null = null;
  tasks = new MemoryAgentStorage();
  #durable = EMPTY;
  #written = EMPTY;

  /** The state that a starting process finds. */
  load(): NodeState | null {
    return this.#durable.state;
  }

  /** What a starting process would find of its raft log. */
  get raft(): RaftStored {
    return this.#durable.raft;
  }

  crash(): void {
    this.#written = this.#durable;
  }

  /** The disk as one process sees it; `timers` stop with the process, and with them whatever it was about to write. */
  storage(timers: Timers): NodeStorage {
    const sync = (done: (error: SwarmtwinError | null) => void): void => {
      const promised = this.#written;
      timers.after(this.syncMs, () => {
        if (this.failure === null) this.#durable = promised;
        done(this.failure);
      });
    };
    return {
      save: (state, done) => {
        this.#written = { ...this.#written, state };
        sync(done);
      },
      wipe: (done) => {
        this.#written = EMPTY;
        this.tasks = new MemoryAgentStorage();
        sync(done);
      },
      openRaft: (fresh, done) => {
        if (fresh) this.#written = { ...this.#written, raft: NO_RAFT };
        sync((error) => {
          done(error ?? { disk: this.#raftDisk(timers, sync), stored: this.#written.raft });
        });
      },
      agentStorage: (): AgentStorage => this.tasks,
    };
  }

  #raftDisk(
    timers: Timers,
    sync: (done: (error: SwarmtwinError | null) => void) => void,
  ): RaftDisk {
    return {
      save: (parcel, done) => {
        this.#written = { ...this.#written, raft: appended(this.#written.raft, parcel) };
        if (parcel.mustSync) sync(done);
        else
          timers.after(0, () => {
            done(this.failure);
          });
      },
      compact: (snapshot, keepFrom) => {
        const { raft } = this.#written;
        const entries = raft.entries.filter((entry) => entry.index >= keepFrom);
        this.#written = { ...this.#written, raft: { ...raft, snapshot, entries } };
      },
      sizeOf: (payload: Payload | null) => (payload === null ? 0 : JSON.stringify(payload).length),
    };
  }
}

function appended(stored: RaftStored, parcel: Parameters<RaftDisk['save']>[0]): RaftStored {
  const { snapshot, entries, hardState } = parcel;
  const base = snapshot === undefined ? stored : { ...stored, snapshot, entries: [] };
  const first = entries[0]?.index;
  const kept =
    first === undefined ? base.entries : base.entries.filter((entry) => entry.index < first);
  return { ...base, entries: [...kept, ...entries], hardState: hardState ?? base.hardState };
}

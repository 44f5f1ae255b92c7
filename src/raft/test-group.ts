/**
 * For tests: a group of replicas with disks that can lose what was not synced, and a network that
 * does what it is told. Every safety property of Raft is checked at each step a host takes.
 */
import type { ConfChange, Entry, Message, RaftId, Snapshot } from './messages.ts';
import type { Ready, Stored } from './ready.ts';
import { Replica } from './replica.ts';

/** A small seeded generator (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export type TestMessage = Message<string, string>;

/** What entry stands at an index, as text; and the digest of all entries up to it. */
interface Applied {
  readonly text: string;
  readonly digest: string;
}

export interface TestNode {
  readonly id: RaftId;
  replica: Replica<string, string>;
  disk: Stored<string, string>;
  parcel: Ready<string, string> | null;
  alive: boolean;
  /** Digest of the applied entries: the whole state machine. */
  state: string;
  applied: number;
}

const NOTHING: Stored<string, string> = {
  hardState: { term: 0, vote: '', commit: 0 },
  snapshot: null,
  entries: [],
};

export class TestGroup {
  readonly nodes = new Map<RaftId, TestNode>();
  /** Messages under way, oldest first. */
  network: TestMessage[] = [];
  /** Decides what gets through when the test delivers messages. */
  passes: (message: TestMessage) => boolean = () => true;
  /** Sees each message as it is sent. */
  watch: (message: TestMessage) => void = () => undefined;
  readonly leaders = new Map<number, RaftId>();
  readonly history = new Map<number, Applied>();
  readonly #random: () => number;
  readonly #electionTicks: number;

  constructor(random: () => number, ids: readonly RaftId[] = [], electionTicks = 10) {
    this.#random = random;
    this.#electionTicks = electionTicks;
    const additions = ids.map(addition);
    for (const id of ids) {
      this.start(id);
      this.node(id).replica.bootstrap(additions);
    }
    this.settle();
  }

  node(id: RaftId): TestNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }

  replica(id: RaftId): Replica<string, string> {
    return this.node(id).replica;
  }

  /** Starts a node from its disk, or a new one from nothing. */
  start(id: RaftId): TestNode {
    const disk = this.nodes.get(id)?.disk ?? NOTHING;
    const applied = disk.snapshot?.index ?? 0;
    const replica = new Replica<string, string>(
      {
        id,
        random: this.#random,
        electionTicks: this.#electionTicks,
        heartbeatTicks: 1,
        maxInflight: 4,
        maxSizePerMsgBytes: 12,
        sizeOf: (payload) => payload?.length ?? 0,
        checkQuorum: true,
        preVote: false,
        applied,
      },
      disk,
    );
    const state = disk.snapshot?.data ?? '';
    const node: TestNode = { id, replica, disk, parcel: null, alive: true, state, applied };
    this.nodes.set(id, node);
    return node;
  }

  /** The node dies. Of a parcel in work, the first `kept` entries had reached the disk. */
  crash(id: RaftId, kept = 0): void {
    const node = this.node(id);
    if (node.parcel !== null && kept > 0) {
      const { snapshot, entries } = node.parcel;
      store(node, { snapshot, entries: entries.slice(0, kept) });
    }
    node.parcel = null;
    node.alive = false;
  }

  /** Takes a parcel in hand; nothing of it is on disk yet. */
  begin(node: TestNode): void {
    if (node.parcel === null && node.replica.hasReady()) node.parcel = node.replica.ready();
  }

  /** Stores, sends and applies the parcel in hand, as a host must. */
  finish(node: TestNode): void {
    const { parcel } = node;
    if (parcel === null) return;
    store(node, parcel);
    for (const message of parcel.messages) {
      this.watch(message);
      this.network.push(message);
    }
    if (parcel.snapshot !== undefined) this.#install(node, parcel.snapshot);
    for (const entry of parcel.committed) this.#apply(node, entry);
    node.parcel = null;
    node.replica.advance(parcel);
    this.inspect(node);
  }

  /** One turn of a node's host: everything it has to do. */
  run(node: TestNode): void {
    if (!node.alive) return;
    this.finish(node);
    while (node.replica.hasReady()) {
      this.begin(node);
      this.finish(node);
    }
  }

  /** Hands over a message, unless it is lost on the way; tells the sender as hosts must. */
  deliver(message: TestMessage, kept = true): void {
    const receiver = this.nodes.get(message.to);
    const sender = this.nodes.get(message.from);
    const arrives = kept && receiver?.alive === true && this.passes(message);
    if (arrives) {
      receiver.replica.step(message);
      this.inspect(receiver);
    }
    if (sender?.alive !== true) return;
    if (message.type === 'snap') sender.replica.reportSnapshot(message.to, arrives);
    else if (!arrives) sender.replica.reportUnreachable(message.to);
  }

  /** Runs hosts and delivers messages, in order, until nothing is left to do. */
  settle(): void {
    for (;;) {
      for (const node of this.nodes.values()) this.run(node);
      const messages = this.network;
      if (messages.length === 0) return;
      this.network = [];
      for (const message of messages) this.deliver(message);
    }
  }

  /** Ticks all living nodes, settling after each tick. */
  tick(count = 1): void {
    for (let done = 0; done < count; done++) {
      for (const node of this.nodes.values()) {
        if (node.alive) node.replica.tick();
      }
      this.settle();
    }
  }

  /** Ticks one node alone. */
  tickNode(id: RaftId, count: number): void {
    for (let done = 0; done < count; done++) {
      this.replica(id).tick();
      this.settle();
    }
  }

  /** Makes `id` the leader by an ordinary campaign. */
  elect(id: RaftId): void {
    this.replica(id).campaign();
    this.settle();
  }

  /** Only nodes of the same side hear each other; unnamed nodes are alone. */
  partition(...sides: readonly (readonly RaftId[])[]): void {
    this.passes = ({ from, to }) => sides.some((side) => side.includes(from) && side.includes(to));
  }

  heal(): void {
    this.passes = () => true;
  }

  /** The leader of the highest term among the living, or null. */
  leader(): TestNode | null {
    let best: TestNode | null = null;
    for (const node of this.nodes.values()) {
      if (!node.alive || node.replica.role !== 'leader') continue;
      if (best === null || node.replica.term > best.replica.term) best = node;
    }
    return best;
  }

  /** Takes a snapshot of all that is applied and forgets all but `keep` entries before it. */
  compact(node: TestNode, keep: number): void {
    const { applied: index, replica, state: data } = node;
    if (node.parcel !== null || index === 0 || replica.status().applied !== index) return;
    const term = replica.termAt(index);
    if (term === null || index <= (node.disk.snapshot?.index ?? 0)) return;
    const snapshot = { index, term, members: replica.status().members, data };
    node.disk = { ...node.disk, snapshot };
    replica.compact(Math.max(0, index - keep), snapshot);
  }

  /** One leader per term, and a new leader holds all that was ever applied. */
  inspect(node: TestNode): void {
    const { replica, id } = node;
    if (replica.role !== 'leader') return;
    const known = this.leaders.get(replica.term);
    if (known === id) return;
    if (known !== undefined) throw new Error(`term ${replica.term}: leaders ${known} and ${id}`);
    this.leaders.set(replica.term, id);
    const { firstIndex } = replica.status();
    for (const [index, { text }] of this.history) {
      const term = replica.termAt(index);
      if (index >= firstIndex && term !== Number(text.split(' ')[0])) {
        throw new Error(`leader ${id} of term ${replica.term} lacks ${text} at ${index}`);
      }
    }
  }

  /** Stored logs that agree on one entry agree on all before it. */
  checkLogMatching(): void {
    const known = new Map<string, string>();
    for (const { disk, id } of this.nodes.values()) {
      let before: string | null = null;
      for (const entry of disk.entries) {
        const key = `${entry.index}/${entry.term}`;
        const text = describeEntry(entry);
        const seen = known.get(`${key}<`);
        if ((known.get(key) ?? text) !== text) throw new Error(`${id}: two entries at ${key}`);
        if (before !== null && (seen ?? before) !== before) {
          throw new Error(`${id}: two entries before ${key}: ${seen} and ${before}`);
        }
        known.set(key, text);
        if (before !== null) known.set(`${key}<`, before);
        before = `${entry.index} ${text}`;
      }
    }
  }

  #install(node: TestNode, { index, data }: Snapshot<string>): void {
    const known = this.history.get(index)?.digest;
    if (known !== undefined && known !== data)
      throw new Error(`${node.id}: wrong state at ${index}`);
    if (index < node.applied) throw new Error(`${node.id}: snapshot ${index} goes back`);
    node.state = data;
    node.applied = index;
  }

  /** Every node applies the same entry at the same index, one after the other. */
  #apply(node: TestNode, entry: Entry<string>): void {
    const { index } = entry;
    if (index !== node.applied + 1) throw new Error(`${node.id}: ${index} after ${node.applied}`);
    const text = describeEntry(entry);
    const digest = digestOf(node.state, text);
    const known = this.history.get(index);
    if (known === undefined) this.history.set(index, { text, digest });
    else if (known.digest !== digest) {
      throw new Error(`${node.id} applies ${text} at ${index}, another applied ${known.text}`);
    }
    node.state = digest;
    node.applied = index;
    if (entry.kind === 'conf') node.replica.applyConfChange(entry.change);
  }
}

export function addition(raftId: RaftId): ConfChange {
  return { type: 'add', raftId, context: '' };
}

export function removal(raftId: RaftId): ConfChange {
  return { type: 'remove', raftId, context: '' };
}

/** As `term payload`. */
export function describeEntry(entry: Entry<string>): string {
  if (entry.kind === 'normal') return `${entry.term} ${entry.payload ?? '-'}`;
  return `${entry.term} ${entry.change.type}:${entry.change.raftId}`;
}

function digestOf(state: string, text: string): string {
  let hash = 5381;
  const joined = `${state}|${text}`;
  for (let at = 0; at < joined.length; at++) hash = (hash * 33 + joined.charCodeAt(at)) | 0;
  return String(hash);
}

/** Writes a parcel to the disk, checking that terms never fall and votes never change. */
function store(node: TestNode, parcel: Partial<Ready<string, string>>): void {
  let { hardState, snapshot, entries } = node.disk;
  if (parcel.snapshot !== undefined) {
    snapshot = parcel.snapshot;
    entries = [];
  }
  const first = parcel.entries?.[0];
  if (first !== undefined) {
    entries = [...entries.filter(({ index }) => index < first.index), ...(parcel.entries ?? [])];
  }
  if (parcel.hardState !== undefined) {
    const { term, vote } = parcel.hardState;
    if (term < hardState.term) throw new Error(`${node.id}: term falls to ${term}`);
    if (term === hardState.term && hardState.vote !== '' && vote !== hardState.vote) {
      throw new Error(`${node.id}: votes for ${hardState.vote} and ${vote} in term ${term}`);
    }
    hardState = parcel.hardState;
  }
  node.disk = { hardState, snapshot, entries };
}

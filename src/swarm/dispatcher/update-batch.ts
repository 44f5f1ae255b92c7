import type { SwarmError } from '../../model/errors.ts';
import type { NodeId } from '../../model/ids.ts';
import type { NodeDescription, NodeState, TaskStatus } from '../../model/objects.ts';
import { failed, ok, type Done } from '../../model/result.ts';
import { compareStates } from '../../model/task-state.ts';
import type { Ports, Timer } from '../ports.ts';
import type { Store } from '../store.ts';
import type { Transaction } from '../transaction.ts';
import { sameReport } from './task-equality.ts';

/** SwarmKit: updates are written every 100 ms, or as soon as 10,000 wait. */
const INTERVAL_MS = 100;
const MAX_ITEMS = 10_000;

export interface NodeUpdate {
  readonly state: NodeState;
  readonly message: string;
  /** `''` leaves the address as it is. */
  readonly addr: string;
  readonly description?: NodeDescription;
}

/** Collects what agents report and writes it in few transactions. The newest report of a task or node replaces one that still waits. */
export class UpdateBatch {
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #self: NodeId;
  readonly #startedAt: number;
  #tasks = new Map<string, TaskStatus>();
  #nodes = new Map<string, NodeUpdate>();
  #waiting: Done<null>[] = [];
  #writing: Done<null>[] = [];
  #timer: Timer | null = null;
  #busy = false;

  constructor(ports: Ports, store: Store, self: NodeId) {
    this.#ports = ports;
    this.#store = store;
    this.#self = self;
    this.#startedAt = ports.clock.now();
  }

  addTask(id: string, status: TaskStatus): void {
    this.#tasks.set(id, status);
    this.#schedule();
  }

  /** `done` is called when the update is committed, or will not be. A description that waits is kept when a newer update brings none. */
  addNode(id: string, update: NodeUpdate, done?: Done<null>): void {
    this.#nodes.set(id, { ...this.#nodes.get(id), ...update });
    if (done !== undefined) this.#waiting.push(done);
    this.#schedule();
  }

  /** Drops what waits; whoever waits gets the error. */
  stop(error: SwarmError): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#tasks.clear();
    this.#nodes.clear();
    const waiting = [...this.#writing, ...this.#waiting];
    this.#writing = [];
    this.#waiting = [];
    for (const done of waiting) done(failed(error));
  }

  // The 100 ms run on from the start, whether anything happens or not; the timer is only set when something waits.
  #schedule(): void {
    if (this.#tasks.size + this.#nodes.size >= MAX_ITEMS) this.#flush();
    if (this.#timer !== null || this.#busy || this.#tasks.size + this.#nodes.size === 0) return;
    const elapsedMs = Math.max(0, this.#ports.clock.now() - this.#startedAt);
    this.#timer = this.#ports.timers.after(INTERVAL_MS - (elapsedMs % INTERVAL_MS), () => {
      this.#flush();
    });
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#busy) return;
    const changes = [
      ...[...this.#tasks].map(([id, status]) => (transaction: Transaction) => {
        this.#writeTask(transaction, id, status);
      }),
      ...[...this.#nodes].map(([id, update]) => (transaction: Transaction) => {
        writeNode(transaction, id, update);
      }),
    ];
    this.#tasks = new Map();
    this.#nodes = new Map();
    this.#writing = this.#waiting;
    this.#waiting = [];
    this.#busy = true;
    this.#store.batch(changes, (result) => {
      this.#busy = false;
      const written = this.#writing;
      this.#writing = [];
      for (const done of written) done(result.ok ? ok(null) : failed(result.error));
      this.#schedule();
    });
  }

  /** A state never goes back, and a report that says nothing new is dropped. */
  #writeTask(transaction: Transaction, id: string, status: TaskStatus): void {
    const task = transaction.get('task', id);
    if (task === undefined || compareStates(status.state, task.status.state) < 0) return;
    if (sameReport(status, task.status)) return;
    const appliedAt = this.#ports.clock.now();
    const applied: TaskStatus = { ...status, appliedAt, appliedBy: this.#self };
    transaction.update('task', { ...task, status: applied });
  }
}

function writeNode(transaction: Transaction, id: string, update: NodeUpdate): void {
  const node = transaction.get('node', id);
  if (node === undefined) return;
  const { state, message, description } = update;
  const addr = update.addr === '' ? node.status.addr : update.addr;
  transaction.update('node', {
    ...node,
    ...(description === undefined ? {} : { description }),
    status: { state, message, addr },
  });
}

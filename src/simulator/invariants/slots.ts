import type { Service, Task } from '../../model/objects.ts';
import { isTerminal } from '../../model/task-state.ts';
import { NANOSECONDS_PER_MS } from '../../model/time.ts';
import { GivenUpSlots } from './given-up-slots.ts';
import type { Committed, Sight } from './ledger.ts';

const DEFAULT_DELAY_MS = 5000;
/** Who leads without a majority for longer is deposed, and what it was about to commit with it (raft: two election timeouts). */
const LONGEST_COMMIT_MS = 40_000;

/** A task in desired ready that a restart has made, and the delay it owes. */
interface Owed {
  readonly task: Task;
  readonly delayMs: number;
  readonly term: number;
  readonly atMs: number;
  readonly createdAt: number;
  /** The machine that led. */
  readonly leader: string;
}

/** A look at a node or a service makes tasks that are to run at once, an update such as wait until they are to. */
type Maker = 'look' | 'update';

/** What shares a slot: one task that is to run, and a replacement that waits for its delay. */
export class Slots {
  readonly #sight: Sight;
  /** Services that ever had the order start-first: two tasks of one slot may run, and what is left of an update may linger. */
  readonly #startFirst = new Set<string>();
  readonly #owed = new Map<string, Owed>();
  readonly #givenUp: GivenUpSlots;
  /** By task: who made it, or the task of which it is a restart. */
  readonly #makers = new Map<string, Maker>();

  constructor(sight: Sight) {
    this.#sight = sight;
    this.#givenUp = new GivenUpSlots(sight.read);
  }

  committed(committed: Committed): void {
    this.#givenUp.committed(committed);
    for (const event of committed.events) {
      if (event.kind === 'service') {
        if (event.action !== 'remove' && hasStartFirst(event.object))
          this.#startFirst.add(event.object.id);
      } else if (event.kind === 'task') {
        if (event.action === 'create') this.#created(event.object, committed);
        else if (event.action === 'update') this.#updated(event.previous, event.object, committed);
        else this.#removed(event.object);
      }
    }
  }

  #removed({ id }: Task): void {
    this.#owed.delete(id);
    this.#makers.delete(id);
  }

  #created(task: Task, committed: Committed): void {
    const maker = this.#makerOf(task, committed);
    if (maker !== undefined) this.#makers.set(task.id, maker);
    if (task.desiredState === 'running') this.#judgeOne(task);
    else if (task.desiredState === 'ready') this.#owe(task, committed);
  }

  #updated(before: Task, task: Task, committed: Committed): void {
    if (before.desiredState === task.desiredState) return;
    if (task.desiredState === 'running') {
      this.#judgeOne(task);
      this.#judgeDelay(task, committed);
    }
    this.#owed.delete(task.id);
    // Somebody stops another task of the slot, and may have the waiting one start in its place: an update that finds two.
    for (const { task: waiting } of [...this.#owed.values()])
      if (sharesSlot(waiting, task)) this.#owed.delete(waiting.id);
  }

  #judgeOne(task: Task): void {
    const { read, report, machineOf } = this.#sight;
    if (this.#startFirst.has(task.serviceId)) return;
    const others = read
      .tasksOfService(task.serviceId)
      .filter(
        (other) =>
          other.id !== task.id &&
          other.desiredState === 'running' &&
          sharesSlot(other, task) &&
          !this.#wereMadeApart(other, task),
      );
    for (const other of others)
      report(
        'one-running-per-slot',
        `${name(task)} is to run on ${machineOf(task.nodeId) || 'some node'} beside ${other.id} on ${machineOf(other.nodeId) || 'some node'}`,
      );
  }

  /**
   * An update of a global service and the look at a node that has just changed know nothing of each other: an update goes by the tasks that it found when it began,
   * and a look may be written after it (SwarmKit: global orchestrator, reconcileOneNode beside the updater). The next look at the node shuts one of the two down.
   * Nor does an update of a replicated service know of the look at it: that fills a slot which was given up once its record is gone, and then the update comes to what it has
   * found there, with nothing to stop (SwarmKit: updater, updateTask and removeOldTasks).
   */
  #wereMadeApart(one: Task, other: Task): boolean {
    const [a, b] = [this.#makers.get(one.id), this.#makers.get(other.id)];
    return a !== undefined && b !== undefined && a !== b;
  }

  #makerOf(task: Task, { events }: Committed): Maker | undefined {
    if (task.desiredState === 'running') return 'look';
    const stopped = events.flatMap((event) =>
      event.kind === 'task' &&
      event.action === 'update' &&
      event.object.desiredState === 'shutdown' &&
      sharesSlot(event.object, task)
        ? [event.object]
        : [],
    );
    const restarted = stopped.find(({ specVersion }) => specVersion === task.specVersion);
    const maker = restarted && this.#makers.get(restarted.id);
    if (maker !== undefined) return maker;
    const isOfUpdate = task.slot === 0 || (stopped.length === 0 && this.#givenUp.has(task));
    return isOfUpdate ? 'update' : undefined;
  }

  // Made by a restart, and not by an update: the one before it ended or lost its node, and has the same spec.
  #owe(task: Task, { events, term, atMs }: Committed): void {
    const old = events.flatMap((event) =>
      event.kind === 'task' &&
      event.action === 'update' &&
      event.previous.desiredState !== 'shutdown' &&
      event.object.desiredState === 'shutdown' &&
      sharesSlot(event.object, task)
        ? [event.object]
        : [],
    );
    const [first] = old;
    if (first === undefined || old.length > 1 || first.specVersion !== task.specVersion) return;
    const node = this.#sight.read.get('node', first.nodeId);
    if (node?.spec.Availability === 'drain') return;
    if (!isTerminal(first.status.state) && node?.status.state !== 'down') return;
    const delay = first.spec.RestartPolicy?.Delay;
    const delayMs = delay === undefined ? DEFAULT_DELAY_MS : delay / NANOSECONDS_PER_MS;
    const leader = this.#sight.world.leader();
    this.#owed.set(task.id, { task, delayMs, term, atMs, createdAt: task.meta.createdAt, leader });
  }

  // By the leader's clock, since the delay begins with the transaction and not with its commit, and goes by the pace of that clock. So one that was set
  // meanwhile, or not long before, says nothing, and neither does that of another leader: only a delay of one reign and one pace is judged.
  #judgeDelay(task: Task, { term, atMs }: Committed): void {
    const owed = this.#owed.get(task.id);
    if (owed?.term !== term) return;
    const { adjustedAt = Infinity } = this.#sight.world.machines.get(owed.leader)?.time ?? {};
    if (adjustedAt > owed.atMs - LONGEST_COMMIT_MS) return;
    const waitedMs = Math.max(task.meta.updatedAt - owed.createdAt, atMs - owed.atMs);
    if (waitedMs < owed.delayMs - 1)
      this.#sight.report(
        'restart-delay',
        `${name(task)} is to run ${waitedMs} ms after it was made; its delay is ${owed.delayMs} ms`,
      );
  }
}

const sharesSlot = (a: Task, b: Task): boolean =>
  a.serviceId === b.serviceId && a.slot === b.slot && (a.slot !== 0 || a.nodeId === b.nodeId);

const hasStartFirst = ({ spec }: Service): boolean =>
  spec.UpdateConfig?.Order === 'start-first' || spec.RollbackConfig?.Order === 'start-first';

const name = (task: Task): string => `task ${task.serviceName}.${task.slot}.${task.id}`;

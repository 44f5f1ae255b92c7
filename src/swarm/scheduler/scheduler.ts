import type { Task, TaskStatus } from '../../model/objects.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import type { Ports, Timer } from '../ports.ts';
import type { StoreEvent } from '../store-watch.ts';
import type { Store } from '../store.ts';
import { DecisionWriter, type Decision } from './decision-writer.ts';
import { FailureLog, versionKey } from './failure-log.ts';
import { NodeSet } from './node-set.ts';
import { Pipeline } from './pipeline.ts';
import { bestNodes, fillNodes, type Group } from './placement.ts';
import { reservationsOf, type NodeInfo } from './node-info.ts';
import { spreadLabels, spreadOver } from './spread-tree.ts';

/** SwarmKit: waits for 50 ms without a commit, but for 1 s at most. */
const QUIET_MS = 50;
const MAX_DEBOUNCE_MS = 1000;

/**
 * Gives pending tasks a node. Runs on the leader only. It keeps its own picture of nodes and tasks, brought forward by every commit, so that a pass costs
 * what changed and not what there is.
 */
export class Scheduler {
  readonly #ports: Ports;
  readonly #store: Store;
  /** Every task between pending and running. */
  readonly #tasks = new Map<string, Task>();
  readonly #unassigned = new Map<string, Task>();
  /** Tasks made for one node (global services), until that node is confirmed. */
  readonly #bound = new Map<string, Task>();
  /** Those and the confirmed ones: their failures say nothing about a choice of ours. */
  readonly #everBound = new Set<string>();
  #nodes: NodeSet;
  #failures = new FailureLog();
  #writer: DecisionWriter | null = null;
  #unwatch: (() => void) | null = null;
  #quiet: Timer | null = null;
  #deadline: Timer | null = null;
  #wanted = false;
  #looked = 0;

  constructor(ports: Ports, store: Store) {
    this.#ports = ports;
    this.#store = store;
    this.#nodes = new NodeSet(ports.random);
  }

  /** How often a node was looked at for a task since the start; the measure of the scheduler's work. */
  get looked(): number {
    return this.#looked;
  }

  /** Reads the store as it is, schedules what waits and follows every change from then on. */
  start(): void {
    if (this.#unwatch !== null) return;
    this.#writer = new DecisionWriter(this.#store, (lost) => {
      this.#written(lost);
    });
    this.#unwatch = this.#store.watch((events) => {
      this.#follow(events);
    });
    for (const node of this.#store.read.all('node')) this.#nodes.createOrUpdate(node);
    for (const task of this.#store.read.all('task')) this.#resume(task);
    this.#wanted = true;
    this.#schedule();
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    this.#writer?.close();
    this.#writer = null;
    this.#stopTimers();
    for (const map of [this.#tasks, this.#unassigned, this.#bound, this.#everBound]) map.clear();
    this.#nodes = new NodeSet(this.#ports.random);
    this.#failures = new FailureLog();
    this.#wanted = false;
  }

  // A pending task that nobody wants any more is left alone at the start (SwarmKit: setupTasksList).
  #resume(task: Task): void {
    const { state } = task.status;
    if (state === 'pending' && compareStates(task.desiredState, 'complete') > 0) return;
    this.#take(task);
  }

  #follow(events: readonly StoreEvent[]): void {
    for (const event of events) {
      if (event.kind === 'node') {
        if (event.action === 'remove') this.#nodes.remove(event.object.id);
        else this.#nodes.createOrUpdate(event.object);
        this.#wanted ||= event.action !== 'remove';
      } else if (event.kind === 'task') {
        if (event.action === 'remove') this.#wanted = this.#forget(event.object) || this.#wanted;
        else this.#take(event.object);
      }
    }
    if (this.#wanted || this.#quiet !== null) this.#debounce();
  }

  /** Brings the picture forward by one task's newest state. */
  #take(task: Task): void {
    const { state } = task.status;
    if (compareStates(state, 'pending') < 0) return;
    if (isTerminal(state)) {
      const known = this.#tasks.get(task.id);
      if (known !== undefined) this.#ended(known, task);
      return;
    }
    if (task.nodeId !== '' && state !== 'pending') {
      this.#tasks.set(task.id, task);
      this.#unassigned.delete(task.id);
      this.#bound.delete(task.id);
      this.#nodes.addTask(task);
      return;
    }
    if (this.#tasks.has(task.id)) this.#forget(task);
    this.#tasks.set(task.id, task);
    this.#wanted = true;
    if (task.nodeId === '') {
      this.#unassigned.set(task.id, task);
      return;
    }
    this.#bound.set(task.id, task);
    this.#everBound.add(task.id);
  }

  #ended(known: Task, task: Task): void {
    const failing = task.status.state === 'failed' || task.status.state === 'rejected';
    const info = this.#nodes.get(task.nodeId);
    if (failing && info !== undefined && !this.#everBound.has(task.id))
      this.#failures.record(info, task, this.#ports.clock.now());
    this.#forget(known);
    this.#wanted = true;
  }

  /** True when that left something free on a node. */
  #forget(task: Task): boolean {
    const known = this.#tasks.get(task.id) ?? task;
    this.#tasks.delete(task.id);
    this.#unassigned.delete(task.id);
    this.#bound.delete(task.id);
    this.#everBound.delete(task.id);
    return this.#nodes.removeTask(known);
  }

  #debounce(): void {
    this.#quiet?.cancel();
    this.#quiet = this.#ports.timers.after(QUIET_MS, () => {
      this.#schedule();
    });
    this.#deadline ??= this.#ports.timers.after(MAX_DEBOUNCE_MS, () => {
      this.#schedule();
    });
  }

  #stopTimers(): void {
    this.#quiet?.cancel();
    this.#deadline?.cancel();
    this.#quiet = null;
    this.#deadline = null;
  }

  /** One pass: tasks bound to a node first, then the others group by group. While decisions are on their way to the store it waits for them. */
  #schedule(): void {
    this.#stopTimers();
    if (!this.#wanted || this.#writer === null || this.#writer.busy) return;
    this.#wanted = false;
    const decisions = [...this.#bound.values()].flatMap((task) => this.#confirm(task));
    for (const group of this.#groups()) decisions.push(...this.#placeGroup(group));
    this.#writer.write(decisions);
  }

  #confirm(task: Task): Decision[] {
    const info = this.#nodes.get(task.nodeId);
    if (info === undefined) return [];
    const pipeline = new Pipeline(task);
    const passes = pipeline.passes(info);
    this.#looked += pipeline.looked;
    if (!passes) return explained(task, pipeline.explain(), this.#ports.clock.now());
    const message = 'scheduler confirmed task can run on preassigned node';
    this.#bound.delete(task.id);
    return [this.#assigned(task, info, message)];
  }

  #groups(): Iterable<Task[]> {
    const groups = new Map<string, Task[]>();
    for (const task of this.#unassigned.values()) {
      const key = versionKey(task);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [task]);
      else group.push(task);
    }
    this.#unassigned.clear();
    return groups.values();
  }

  #placeGroup(tasks: Task[]): Decision[] {
    const [first] = tasks;
    if (first === undefined) return [];
    shuffle(tasks, this.#ports.random);
    const decisions: Decision[] = [];
    const pipeline = new Pipeline(first);
    const group: Group = {
      task: first,
      pipeline,
      nodes: this.#nodes,
      suspects: this.#failures.suspects(first, this.#ports.clock.now()),
      waiting: () => tasks.length,
      assign: (info) => {
        const task = tasks.pop();
        if (task !== undefined)
          decisions.push(this.#assigned(task, info, 'scheduler assigned task to node'));
      },
    };
    const labels = spreadLabels(first);
    if (labels.length > 0) spreadOver(group, labels, tasks.length);
    else fillNodes(group, bestNodes(group, tasks.length), tasks.length);
    this.#looked += pipeline.looked;
    decisions.push(...this.#withoutNode(tasks, pipeline.explain()));
    return decisions;
  }

  #assigned(task: Task, info: NodeInfo, message: string): Decision {
    const requests = reservationsOf(task).GenericResources ?? [];
    const timestamp = this.#ports.clock.now();
    const status: TaskStatus = { state: 'assigned', timestamp, message, err: '' };
    const generic =
      requests.length === 0 ? {} : { genericResources: info.freeGeneric.pick(requests) };
    const next: Task = { ...task, ...generic, nodeId: info.node.id, status };
    this.#tasks.set(task.id, next);
    this.#nodes.addTask(next);
    return { before: task, next };
  }

  /** Tasks that found no node: told why and kept for the next pass; those of an old spec are ended if nobody wants them. */
  #withoutNode(tasks: readonly Task[], reasons: string): Decision[] {
    const [first] = tasks;
    const service = first && this.#store.read.get('service', first.serviceId);
    if (service === undefined) return [];
    const now = this.#ports.clock.now();
    const err = reasons === '' ? 'no suitable node' : `no suitable node (${reasons})`;
    return tasks.flatMap((task) => {
      if (service.specVersion <= task.specVersion) {
        this.#unassigned.set(task.id, task);
        return explained(task, err, now);
      }
      if (compareStates(task.desiredState, 'shutdown') < 0) return [];
      const status: TaskStatus = { ...task.status, state: 'shutdown', timestamp: now, err: '' };
      return [{ before: task, next: { ...task, status } }];
    });
  }

  /** Decisions that the store did not take are undone; their tasks are looked at as they are now. */
  #written(lost: readonly Decision[]): void {
    for (const { before, next } of lost) {
      const current = this.#store.read.get('task', before.id);
      if (current === undefined) this.#forget(next);
      else this.#take(current);
      this.#wanted = true;
    }
    if (this.#wanted) this.#debounce();
  }
}

/** The same task with a new reason why it waits; nothing when it has that reason already. */
function explained(task: Task, err: string, now: number): Decision[] {
  if (task.status.err === err) return [];
  return [{ before: task, next: { ...task, status: { ...task.status, timestamp: now, err } } }];
}

// Which task of a group gets which node is arbitrary in Swarm, so it is drawn.
function shuffle(tasks: Task[], random: Ports['random']): void {
  for (let last = tasks.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    const [one, two] = [tasks[last], tasks[other]];
    if (one !== undefined && two !== undefined) [tasks[last], tasks[other]] = [two, one];
  }
}

import type { Node, Task } from '../../model/objects.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import { matchesConstraints, placementConstraints } from '../../swarm/constraint.ts';
import { isMadeBlind } from './blind-tasks.ts';
import type { Committed, Sight } from './ledger.ts';
import type { Rule } from './rules.ts';

/** A placement is decided on what the leader saw, and written some transactions later; a node that changed just now excuses it. */
const SETTLED_MS = 5000;
const SETTLED_ENTRIES = 3;
/** Who leads without a majority for longer is deposed, and what it was about to commit with it (raft: two election timeouts). */
const LONGEST_COMMIT_MS = 40_000;

interface Moment {
  readonly index: number;
  readonly atMs: number;
}

/** Tasks come only to nodes that may have them. */
export class Placement {
  readonly #sight: Sight;
  /** By node: when what the scheduler asks of it last changed. */
  readonly #changed = new Map<string, Moment>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  committed(committed: Committed): void {
    const { events, index, atMs } = committed;
    for (const event of events)
      if (event.kind === 'node' && (event.action !== 'update' || differs(event)))
        this.#changed.set(event.object.id, { index, atMs });
    for (const event of events) {
      if (event.kind !== 'task' || event.action === 'remove') continue;
      const { object: task } = event;
      const isAssigned = event.action === 'update' && event.previous.status.state === 'pending';
      if (isAssigned && task.status.state === 'assigned') {
        if (!this.#wasDecidedBefore(task, committed))
          this.#judge('placed-on-eligible-node', task, committed, isReady);
      } else if (event.action === 'create' && task.nodeId !== '' && !this.#isBlind(task, events))
        this.#judge(
          'global-on-eligible-node',
          task,
          committed,
          isOfUpdate(task, events) ? isUsable : mayHoldGlobal,
        );
    }
  }

  /**
   * Made by an update start-first, or for a task of a global job that failed: it is replaced wherever it was (SwarmKit: reconciler of global jobs). The scheduler holds
   * both back where the node takes no tasks.
   */
  #isBlind(task: Task, events: Committed['events']): boolean {
    if (task.jobIteration !== undefined) return task.desiredState === 'ready';
    return isMadeBlind(this.#sight.read, task, events);
  }

  /**
   * Whether the node changed only when the scheduler had decided: its decision waits for the writes before it, however long their syncs take, and nobody looks at the
   * node again then (SwarmKit: scheduler, applySchedulingDecisions). The task says when that was, by the leader's clock; one that was set not long ago cannot tell.
   */
  #wasDecidedBefore({ nodeId, status }: Task, { atMs }: Moment): boolean {
    const { world } = this.#sight;
    const since = this.#changed.get(nodeId);
    const time = world.machines.get(world.leader())?.time;
    if (since === undefined || time === undefined) return false;
    if (time.adjustedAt > atMs - LONGEST_COMMIT_MS) return true;
    return atMs - (time.now() - status.timestamp) <= since.atMs;
  }

  #judge(rule: Rule, task: Task, now: Committed, mayTake: (node: Node) => boolean): void {
    const { read, report, machineOf } = this.#sight;
    const node = read.get('node', task.nodeId);
    const name = `task ${task.serviceName}.${task.slot}.${task.id}`;
    const since = this.#changed.get(task.nodeId);
    if (since !== undefined && now.atMs - since.atMs <= SETTLED_MS) return;
    if (since !== undefined && now.index - since.index < SETTLED_ENTRIES) return;
    if (node === undefined) {
      report(rule, `${name} is given to node ${task.nodeId}, which is not there`);
      return;
    }
    const fits = matchesConstraints(placementConstraints(task.spec.Placement), node);
    const what = `${name} is given to ${machineOf(node.id)}, which is ${node.status.state}, ${node.spec.Availability}`;
    if (!mayTake(node)) report(rule, what);
    else if (!fits) report(rule, `${what}, and does not fit its constraints`);
    else if (this.#isOverfull(task, now))
      report(rule, `${what}, and has all the replicas it may have`);
  }

  /**
   * The limit is that of the task itself. Tasks of the service that are given to the node in the same turn and have another limit do not count: they are another
   * group, and which group is decided first is chance (SwarmKit: scheduler, tick).
   */
  #isOverfull(task: Task, { events }: Committed): boolean {
    const most = limitOf(task);
    if (most === 0 || task.slot === 0) return false;
    const others = this.#sight.read
      .tasksOfNode(task.nodeId)
      .filter(
        ({ id, serviceId, desiredState, status }) =>
          id !== task.id &&
          serviceId === task.serviceId &&
          compareStates(desiredState, 'running') <= 0 &&
          compareStates(status.state, 'running') <= 0,
      )
      .filter((other) => limitOf(other) === most || !isGivenIn(events, other));
    return others.length >= most;
  }
}

const limitOf = ({ spec }: Task): number => spec.Placement?.MaxReplicas ?? 0;

const isGivenIn = (events: Committed['events'], { id }: Task): boolean =>
  events.some(
    (event) =>
      event.kind === 'task' &&
      event.action === 'update' &&
      event.object.id === id &&
      event.previous.status.state === 'pending',
  );

function differs({
  previous,
  object,
}: {
  readonly previous: Node;
  readonly object: Node;
}): boolean {
  return (
    previous.spec !== object.spec ||
    previous.role !== object.role ||
    previous.description !== object.description ||
    previous.status.state !== object.status.state
  );
}

const isReady = ({ status, spec }: Node): boolean =>
  status.state === 'ready' && spec.Availability === 'active';

/** An update stop-first stops a task that is well; it goes by the slots that it found when it began, and does not look whether their nodes are paused since. */
const isOfUpdate = (task: Task, events: Committed['events']): boolean =>
  task.desiredState === 'ready' &&
  events.some(
    (event) =>
      event.kind === 'task' &&
      event.action === 'update' &&
      event.object.nodeId === task.nodeId &&
      event.object.serviceId === task.serviceId &&
      !isTerminal(event.object.status.state),
  );

const isUsable = ({ status, spec }: Node): boolean =>
  status.state !== 'down' && spec.Availability !== 'drain';

const mayHoldGlobal = ({ status, spec }: Node): boolean =>
  status.state !== 'down' && spec.Availability === 'active';

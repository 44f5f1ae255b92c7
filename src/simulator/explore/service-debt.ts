/** What a service owes once every fault is healed and nobody asks for anything, and what real Swarm never finishes of it. */
import type { Node, Service, Task } from '../../model/objects.ts';
import type { ServiceSpec } from '../../model/specs.ts';
import { isTerminal } from '../../model/task-state.ts';
import type { Reader } from '../../swarm/tables.ts';
import { isLive, isNotReplaced } from '../invariants/given-up.ts';
import type { CirclingUpdates } from './circling-updates.ts';
import type { CountedSlots } from './counted-slots.ts';
import { mayTake } from './eligible.ts';
import type { ForgottenTasks } from './forgotten-tasks.ts';
import type { HeldUpdates } from './held-updates.ts';
import type { LostRestarts } from './lost-restarts.ts';
import type { LostTouch } from './lost-touch.ts';
import type { UnbegunUpdates } from './unbegun-updates.ts';

/** Images whose containers do not keep running. */
const RESTLESS = ['exit1', 'exit0-later', 'unhealthy'];

/** What real Swarm never finishes, and nobody therefore owes. */
export interface Unowed {
  readonly held: HeldUpdates;
  readonly unbegun: UnbegunUpdates;
  readonly lostTouch: LostTouch;
  readonly forgotten: ForgottenTasks;
  readonly counted: CountedSlots;
  readonly circling: CirclingUpdates;
  readonly lostRestarts: LostRestarts;
}

/** What the service lacks, in words; `''` when all that is owed is there. `store` is the leader's. */
export function debtOf(store: Reader, unowed: Unowed, service: Service): string {
  if (service.jobStatus !== undefined)
    return jobDebtOf(store, unowed, service) || missingEnd(store, unowed, service);
  const name = service.spec.Name;
  const state = service.updateStatus?.state;
  const isUnderWay = state === 'updating' || state === 'rollback_started';
  if (isUnderWay && stallOf(store, unowed, service) === '') return `${name} is ${state}`;
  const lack =
    uncounted(service.spec) === ''
      ? lackOf(store, unowed, service)
      : lackOfSlots(store, unowed, service);
  return lack === '' ? missingEnd(store, unowed, service) : `${name} ${lack}`;
}

/** Services whose tasks cannot be counted exactly at rest, by name, with the reason. */
export function unsettled(store: Reader, unowed: Unowed): Readonly<Record<string, string>> {
  const reasons = store.all('service').flatMap((service) => {
    const reason =
      uncounted(service.spec) ||
      stallOf(store, unowed, service) ||
      openBetween(store, unowed, service) ||
      (unowed.lostRestarts.hasAny(service) ? 'the record of a task went before its restart' : '');
    return reason === '' ? [] : [[service.spec.Name, reason] as const];
  });
  return Object.fromEntries(reasons);
}

/** Why nobody can say how many of its tasks run at any moment. Its updates have to end all the same. */
function uncounted({ TaskTemplate }: ServiceSpec): string {
  const image = TaskTemplate.ContainerSpec?.Image ?? '';
  if (RESTLESS.some((name) => image.endsWith(`:${name}`))) return `containers of ${image} end`;
  const { Condition, MaxAttempts } = TaskTemplate.RestartPolicy ?? {};
  if ((Condition ?? 'any') !== 'any') return `restarts on condition ${Condition ?? ''} only`;
  return (MaxAttempts ?? 0) > 0 ? 'its restarts are counted' : '';
}

/**
 * What is owed where nobody can say how many run: each slot, or eligible node, has a task that is to run, or one that ended as its restart policy does not replace,
 * and no more than are declared are to run. A slot that counted when the service was last looked at is not filled again either. With a history limit of 0 nobody can
 * say what was in an empty slot.
 */
function lackOfSlots(store: Reader, unowed: Unowed, service: Service): string {
  const { id, spec } = service;
  const limit = store.all('cluster')[0]?.spec.Orchestration.TaskHistoryRetentionLimit;
  if (limit === 0) return '';
  const slots = Map.groupBy(store.tasksOfService(id), ({ slot, nodeId }) =>
    slot === 0 ? nodeId : slot,
  );
  const live = new Set([...slots].filter(([, tasks]) => tasks.some(isLive)).map(([slot]) => slot));
  const closed = new Set(
    [...slots].filter(([, tasks]) => tasks.some(isNotReplaced)).map(([slot]) => slot),
  );
  if (spec.Mode.Replicated === undefined) {
    const nodes = owedNodes(store, unowed, service);
    const empty = nodes.find((node) => !live.has(node.id) && !closed.has(node.id));
    return empty === undefined
      ? ''
      : `has none to run on ${empty.description?.hostname ?? empty.id}`;
  }
  const replicas = spec.Mode.Replicated.Replicas ?? 1;
  const filled = new Set([...live, ...closed, ...unowed.counted.of(service)]).size;
  if (live.size <= replicas && filled >= replicas) return '';
  return `has ${live.size} slots to run and ${filled - live.size} that are not filled again, of ${replicas}`;
}

/** Why an update of the service need not end, and its tasks need not all run: one of them never will (behaviour.md: "a task that never schedules stalls the rollout"). */
function stallOf(store: Reader, unowed: Unowed, service: Service): string {
  const { held, forgotten, unbegun } = unowed;
  if (unbegun.has(service)) return 'its update never began';
  if (held.has(store, service)) return 'its update waits for a task that was given up';
  const tasks = store.tasksOfService(service.id);
  if (tasks.some((task) => forgotten.has(task))) return 'the scheduler has forgotten a task';
  const stuck = tasks.find((task) => isStuck(store, task));
  return stuck === undefined ? '' : `no node may take task ${stuck.slot}.${stuck.id}`;
}

/** An update start-first that is paused, or of whose end nobody hears, leaves two tasks in a slot where it was about to stop the old one (SwarmKit: updater, updateTask). */
function openBetween(store: Reader, { held }: Unowed, service: Service): string {
  const { spec, updateStatus } = service;
  const isStartFirst = (config: ServiceSpec['UpdateConfig']): boolean =>
    config?.Order === 'start-first';
  if (held.leavesTwice(store, service))
    return 'its update ended without a word, or was paused, beside a look at a node or a restart that made a task too';
  if (held.leavesBrokenOff(store, service))
    return 'its update was paused before it came to a slot in which one start-first was broken off';
  if (updateStatus === undefined)
    return held.leavesTwo(store, service) &&
      (isStartFirst(spec.UpdateConfig) || isStartFirst(spec.RollbackConfig))
      ? 'its update ended without a word, with two tasks in a slot'
      : '';
  const isOpen =
    (updateStatus.state === 'paused' && isStartFirst(spec.UpdateConfig)) ||
    (updateStatus.state === 'rollback_paused' && isStartFirst(spec.RollbackConfig));
  return isOpen ? 'its update was paused with two tasks in a slot' : '';
}

/**
 * Of a replicated job every task has completed, where its containers end well and are restarted when they do not. A global job runs on the nodes that were there
 * when it was last written, and gives up the tasks of those that are lost (SwarmKit: jobs orchestrator, which watches no nodes): it owes a task that completed on
 * each eligible node that nobody has written since.
 * No job is updated slot by slot, so that one that is rolled back reads rollback_started for good.
 */
function jobDebtOf(store: Reader, { forgotten }: Unowed, service: Service): string {
  const { Mode, TaskTemplate } = service.spec;
  const image = TaskTemplate.ContainerSpec?.Image ?? '';
  const policy = TaskTemplate.RestartPolicy;
  if (!image.endsWith(':exit0-later')) return '';
  if (policy?.Condition === 'none' || (policy?.MaxAttempts ?? 0) > 0) return '';
  const tasks = store
    .tasksOfService(service.id)
    .filter(({ jobIteration }) => jobIteration === service.jobStatus?.iteration);
  const isLost = ({ nodeId, status }: Task): boolean =>
    nodeId !== '' &&
    !isTerminal(status.state) &&
    store.get('node', nodeId)?.status.state !== 'ready';
  if (tasks.some((task) => forgotten.has(task) || isStuck(store, task) || isLost(task))) return '';
  if (Mode.ReplicatedJob === undefined) return debtOfGlobalJob(store, service, tasks);
  const completed = tasks.filter(({ status }) => status.state === 'complete');
  const slots = new Set(completed.map(({ slot }) => slot)).size;
  const total = Mode.ReplicatedJob.TotalCompletions ?? 1;
  return completed.length === slots && slots === total
    ? ''
    : `${service.spec.Name} has completed ${completed.length} of ${total} in ${slots} slots`;
}

function debtOfGlobalJob(store: Reader, { spec, meta }: Service, tasks: readonly Task[]): string {
  const done = new Set(
    tasks.filter(({ status }) => status.state === 'complete').map(({ nodeId }) => nodeId),
  );
  const missing = store
    .all('node')
    .find(
      (node) =>
        mayTake(spec.TaskTemplate, node) && node.meta.version < meta.version && !done.has(node.id),
    );
  return missing === undefined
    ? ''
    : `${spec.Name} has not completed on ${missing.description?.hostname ?? missing.id}`;
}

function lackOf(store: Reader, unowed: Unowed, service: Service): string {
  const tasks = store.tasksOfService(service.id);
  const running = tasks.filter(
    ({ desiredState, status }) => desiredState === 'running' && status.state === 'running',
  );
  if (service.spec.Mode.Replicated === undefined)
    return lackOfGlobal(store, unowed, service, running);
  const slots = new Set(running.map(({ slot }) => slot));
  const idle = tasks.filter((task) => unowed.forgotten.has(task) || isStuck(store, task));
  const idleSlots = new Set(idle.map(({ slot }) => slot).filter((slot) => !slots.has(slot)));
  const isOpen =
    stallOf(store, unowed, service) !== '' || openBetween(store, unowed, service) !== '';
  const count = isOpen ? slots.size + idleSlots.size : running.length;
  const replicas = service.spec.Mode.Replicated.Replicas ?? 1;
  if (count === replicas) return '';
  const rest = idleSlots.size === 0 ? '' : `, and ${idleSlots.size} that cannot`;
  return `has ${running.length} running of ${replicas}${rest}`;
}

function lackOfGlobal(
  store: Reader,
  unowed: Unowed,
  service: Service,
  running: readonly Task[],
): string {
  const nodes = owedNodes(store, unowed, service);
  const empty = nodes.find(({ id }) => !running.some(({ nodeId }) => nodeId === id));
  return empty === undefined
    ? ''
    : `has none running on ${empty.description?.hostname ?? empty.id}`;
}

/** The nodes on which a global service owes a task. */
const owedNodes = (store: Reader, unowed: Unowed, service: Service): readonly Node[] =>
  store
    .all('node')
    .filter(
      (node) =>
        mayTake(service.spec.TaskTemplate, node) && !unowed.lostRestarts.has(service, node.id),
    );

/** A task that is bound to its node and waits there is ended by the agent, once the scheduler may confirm it there (SwarmKit: scheduler, taskFitNode). */
function missingEnd(store: Reader, { forgotten, circling }: Unowed, service: Service): string {
  const late = store.tasksOfService(service.id).find((task) => {
    const isToEnd = task.desiredState === 'shutdown' || task.desiredState === 'remove';
    if (!isToEnd || isTerminal(task.status.state) || forgotten.isAbandoned(task)) return false;
    if (circling.hasJustGivenUp(task)) return false;
    const node = store.get('node', task.nodeId);
    if (node === undefined) return false;
    return task.status.state === 'pending'
      ? mayTake(task.spec, node)
      : node.status.state === 'ready';
  });
  return late === undefined ? '' : `${service.spec.Name}.${late.slot} still ${late.status.state}`;
}

/** To run, and there is no node that may take it. */
function isStuck(store: Reader, task: Task): boolean {
  if (task.status.state !== 'pending' || !isLive(task)) return false;
  const nodes = store.all('node').filter(({ id }) => task.nodeId === '' || task.nodeId === id);
  const most = task.spec.Placement?.MaxReplicas ?? 0;
  const isFull = ({ id }: Node): boolean =>
    most > 0 &&
    store
      .tasksOfNode(id)
      .filter((other) => other.serviceId === task.serviceId && other !== task && isLive(other))
      .length >= most;
  return !nodes.some((node) => mayTake(task.spec, node) && !isFull(node));
}

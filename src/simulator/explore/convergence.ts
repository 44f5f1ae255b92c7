/** What a swarm owes once every fault is healed and nobody asks for anything: all of what was declared, within a time that its settings give. */
import {
  downBound,
  electionBound,
  MONITOR_MS,
  refillBound,
  RESTART_DELAY_MS,
  returnBound,
  STOP_MS,
  sumOf,
  unknownDownBound,
  type Bound,
} from '../../model/bounds.ts';
import type { SwarmSettings } from '../../model/history.ts';
import type { Node, Service, Task } from '../../model/objects.ts';
import type { UpdateConfig } from '../../model/specs.ts';
import { isTerminal } from '../../model/task-state.ts';
import { NANOSECONDS_PER_MS } from '../../model/time.ts';
import { matchesConstraints, placementConstraints } from '../../swarm/constraint.ts';
import type { Reader } from '../../swarm/tables.ts';
import type { World } from '../world.ts';
import type { ForgottenTasks } from './forgotten-tasks.ts';
import type { HeldUpdates } from './held-updates.ts';
import type { Plan } from './plan.ts';

/** Images whose containers do not keep running. */
const RESTLESS = ['exit1', 'exit0-later', 'unhealthy'];
const DEFAULT_STOP_GRACE_MS = 10_000;
/** SwarmKit: a replacement waits at most a minute for the task before it to stop. */
const OLD_TASK_MS = 60_000;

/** The leader's state, or null without one. */
export function leaderStore(world: World): Reader | null {
  const name = world.leader();
  return name === '' ? null : (world.machine(name).node.manager?.store.read ?? null);
}

/**
 * Whether a majority of the raft members still lives. Members that left by force, or whose join was broken off after the leader had taken them
 * in, are lost for good, in Swarm as here; with too many of them nobody owes a leader.
 */
export function hasQuorum(world: World): boolean {
  const managers = [...world.machines.values()]
    .filter(({ process }) => process.isAlive())
    .flatMap(({ node }) => (node.manager === null ? [] : [node.manager]));
  const live = new Set(managers.map((manager) => manager.self.raftId));
  return managers.some((manager) => {
    const members = manager.members();
    return members.filter(({ raftId }) => live.has(raftId)).length > members.length / 2;
  });
}

/** What real Swarm never finishes, and nobody therefore owes. */
export interface Unowed {
  readonly held: HeldUpdates;
  readonly forgotten: ForgottenTasks;
}

/** What is still missing, in words; `''` when everything that is owed is there. `nodes` are the machines that must be members. */
export function missing(world: World, nodes: readonly string[], unowed: Unowed): string {
  const store = leaderStore(world);
  if (store === null) return 'no manager leads';
  return (
    first(nodes, (name) => missingNode(world, store, name)) ||
    first(store.all('node'), unheardOf) ||
    first(store.all('service'), (service) => missingOfService(store, unowed, service))
  );
}

/** Services that need not be complete, by name, with the reason. */
export function excused(store: Reader, unowed: Unowed): Readonly<Record<string, string>> {
  const reasons = store.all('service').flatMap((service) => {
    const reason = unfinished(store, unowed, service) || excuse(store, service);
    return reason === '' ? [] : [[service.spec.Name, reason] as const];
  });
  return Object.fromEntries(reasons);
}

function unfinished(store: Reader, { held, forgotten }: Unowed, service: Service): string {
  if (held.has(store, service)) return 'its update waits for a task that was given up';
  const count = forgotten.of(service);
  return count === 0 ? '' : `${count} of its tasks are forgotten by the scheduler`;
}

function first<T>(values: readonly T[], find: (value: T) => string): string {
  for (const value of values) {
    const found = find(value);
    if (found !== '') return found;
  }
  return '';
}

function missingNode(world: World, store: Reader, name: string): string {
  const { node } = world.machine(name);
  if (node.localState() !== 'active') return `${name} is ${node.localState()}`;
  const seen = store.get('node', node.nodeId());
  if (seen === undefined) return `the leader has no node for ${name}`;
  if (seen.status.state !== 'ready' && !isOvertaken(world, seen))
    return `the node of ${name} is ${seen.status.state}`;
  if (seen.role !== seen.spec.Role) return `${name} is to be ${seen.spec.Role} and is ${seen.role}`;
  if (node.role() !== seen.role) return `${name} has the certificate of a ${node.role() ?? 'none'}`;
  if (node.managerReady() !== (seen.role === 'manager'))
    return `the manager of ${name}, a ${seen.role}, is ${node.managerReady() ? '' : 'not '}ready`;
  return '';
}

// Its grace after a change of leader still runs, and when it ends its tasks move. For one that has its certificate and has never registered nobody waits: who asked
// to join gave up before (SwarmKit: the certificate authority makes the record, and only the next leader sets a time for it).
const unheardOf = ({ id, status, description }: Node): string =>
  status.state === 'unknown' && description !== undefined ? `the leader waits for node ${id}` : '';

/**
 * A node that registers while the leader cannot write, and whose session from before expires meanwhile, reads down although it is in session, until it registers
 * again: the expiry takes the place of the registration that waits to be written (SwarmKit: dispatcher, markNodeReady and markNodeNotReady share one map).
 */
function isOvertaken(world: World, node: Node): boolean {
  const leader = world.machine(world.leader()).node.manager?.leader;
  return node.status.state === 'down' && leader?.dispatcher.isRegistered(node.id) === true;
}

function missingOfService(store: Reader, unowed: Unowed, service: Service): string {
  if (excuse(store, service) !== '') return '';
  const name = service.spec.Name;
  const state = service.updateStatus?.state;
  const isHeld = unfinished(store, unowed, service) !== '';
  if (!isHeld && (state === 'updating' || state === 'rollback_started'))
    return `${name} is ${state}`;
  const tasks = store.tasksOfService(service.id);
  const running = tasks.filter(
    ({ desiredState, status }) => desiredState === 'running' && status.state === 'running',
  );
  const lack =
    service.spec.Mode.Replicated === undefined
      ? lackOfGlobal(store, service, running)
      : lackOfReplicas(
          service.spec.Mode.Replicated.Replicas ?? 1,
          isHeld ? oneASlot(running) : running,
          unowed.forgotten.of(service),
        );
  return lack === '' ? missingEnd(store, unowed, name, tasks) : `${name} ${lack}`;
}

/** An update that is held half-way, start-first, leaves two tasks in a slot; each slot still has to have one. */
const oneASlot = (tasks: readonly Task[]): readonly Task[] => [
  ...new Map(tasks.map((task) => [task.slot, task])).values(),
];

/** A forgotten task may leave its slot without one that runs, or be what an update start-first has made beside the old one. */
function lackOfReplicas(replicas: number, { length }: readonly Task[], forgotten: number): string {
  const isComplete = length <= replicas && length >= replicas - forgotten;
  return isComplete ? '' : `has ${length} running of ${replicas}`;
}

function lackOfGlobal(store: Reader, service: Service, running: readonly Task[]): string {
  return first(eligible(store, service), ({ id, description }) =>
    running.some(({ nodeId }) => nodeId === id)
      ? ''
      : `has none running on ${description?.hostname ?? id}`,
  );
}

function missingEnd(
  store: Reader,
  { forgotten }: Unowed,
  name: string,
  tasks: readonly Task[],
): string {
  return first(tasks, (task) => {
    const isToEnd = task.desiredState === 'shutdown' || task.desiredState === 'remove';
    if (!isToEnd || isTerminal(task.status.state) || forgotten.isAbandoned(task)) return '';
    const node = store.get('node', task.nodeId);
    return node?.status.state === 'ready' ? `${name}.${task.slot} still ${task.status.state}` : '';
  });
}

function excuse(store: Reader, service: Service): string {
  const { TaskTemplate, Mode } = service.spec;
  const image = TaskTemplate.ContainerSpec?.Image ?? '';
  if (RESTLESS.some((name) => image.endsWith(`:${name}`))) return `containers of ${image} end`;
  const { Condition, MaxAttempts } = TaskTemplate.RestartPolicy ?? {};
  if ((Condition ?? 'any') !== 'any') return `restarts on condition ${Condition ?? ''} only`;
  if ((MaxAttempts ?? 0) > 0) return 'its restarts are counted';
  if (Mode.Replicated === undefined) return '';
  const fit = eligible(store, service).length;
  const most = TaskTemplate.Placement?.MaxReplicas ?? 0;
  if (fit === 0) return 'no node is eligible';
  const isFull = most > 0 && fit * most < (Mode.Replicated.Replicas ?? 1);
  return isFull ? `${fit} nodes take ${most} each` : '';
}

function eligible(store: Reader, service: Service): readonly Node[] {
  const constraints = placementConstraints(service.spec.TaskTemplate.Placement);
  return store
    .all('node')
    .filter(
      (node) =>
        node.status.state === 'ready' &&
        node.spec.Availability === 'active' &&
        matchesConstraints(constraints, node),
    );
}

const settingsOf = (plan: Plan): SwarmSettings => ({
  ...{ tickMs: 1000, electionTicks: 10, heartbeatTicks: 1 },
  ...{ heartbeatMs: plan.swarm.heartbeatMs, taskHistoryLimit: plan.swarm.historyLimit },
});

/** What has converged must stay so for this long: longer than a dead node goes unnoticed, which is three heartbeats. */
export const quietMs = (plan: Plan): number => downBound(settingsOf(plan)).ms;

/** How long a healed swarm may take, from its settings and from what its services may still have before them. */
export function convergenceBound(plan: Plan, store: Reader | null): Bound {
  const settings = settingsOf(plan);
  const rollouts = (store?.all('service') ?? []).map((service) => rolloutMs(store, service));
  const rollout = Math.max(0, ...rollouts);
  return sumOf(
    returnBound(settings, true),
    // Whoever was led by a leader that nobody follows hears of another only when that one has given up.
    electionBound(settings),
    unknownDownBound(settings),
    refillBound(RESTART_DELAY_MS + OLD_TASK_MS),
    { ms: rollout, formula: `${rollout / 1000} s for the longest rollout and its rollback` },
  );
}

function rolloutMs(store: Reader | null, service: Service): number {
  const { spec } = service;
  const slots = Math.max(
    spec.Mode.Replicated?.Replicas ?? store?.all('node').length ?? 0,
    store?.tasksOfService(service.id).length ?? 0,
  );
  const graceMs = inMs(spec.TaskTemplate.ContainerSpec?.StopGracePeriod) || DEFAULT_STOP_GRACE_MS;
  const batchesMs = (config: UpdateConfig | undefined): number => {
    const parallelism = config?.Parallelism ?? 1;
    const batches = parallelism === 0 ? 1 : Math.ceil(slots / parallelism);
    const restartMs = inMs(spec.TaskTemplate.RestartPolicy?.Delay) || RESTART_DELAY_MS;
    const eachMs = inMs(config?.Delay) + STOP_MS + graceMs + restartMs;
    return batches * eachMs + (inMs(config?.Monitor) || MONITOR_MS);
  };
  return batchesMs(spec.UpdateConfig) + batchesMs(spec.RollbackConfig ?? spec.UpdateConfig);
}

const inMs = (nanoseconds: number | undefined): number => (nanoseconds ?? 0) / NANOSECONDS_PER_MS;

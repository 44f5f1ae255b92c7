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
import type { Node, Service } from '../../model/objects.ts';
import type { UpdateConfig } from '../../model/specs.ts';
import { NANOSECONDS_PER_MS } from '../../model/time.ts';
import type { Manager } from '../../swarm/manager/manager.ts';
import type { Reader } from '../../swarm/tables.ts';
import type { SimulatedDisk } from '../disk.ts';
import type { Machine } from '../machine.ts';
import type { World } from '../world.ts';
import type { LostTouch } from './lost-touch.ts';
import type { Plan } from './plan.ts';
import { debtOf, type Unowed } from './service-debt.ts';
import { stopBoundMs } from './stop-bound.ts';

/** The workload `exit0-later` ends after 5 s; as much again to be placed and started. */
const JOB_MS = 10_000;
/** SwarmKit: a replacement waits at most a minute for the task before it to stop. */
const OLD_TASK_MS = 60_000;
/** The longest call of a simulated engine. */
const START_MS = 300;

/** The leader's state, or null without one. */
export function leaderStore(world: World): Reader | null {
  return leaderOf(world)?.store.read ?? null;
}

function leaderOf(world: World): Manager | null {
  const name = world.leader();
  return name === '' ? null : world.machine(name).node.manager;
}

/**
 * Whether a majority of the raft members still lives, or has to: the machines `owed` are members and whole. Lost for good, in Swarm as here, are members that left by
 * force, whose join was broken off after the leader had taken them in, or whose disks have rotted; and those whose power failed before the first entries were on their
 * disk: they know nobody, and answer nobody (SwarmKit: transport, "failed to find longest active peer"). With too many of them nobody owes a leader.
 */
export function hasQuorum(world: World, owed: readonly string[]): boolean {
  const managers = runningManagers(world);
  const ofOwed = membersOf(world, owed);
  if (managers.length === 0) return ofOwed.some((raftId) => raftId !== '');
  const live = liveMembers(world, owed);
  return managers.some((manager) => {
    const members = manager.members();
    return members.filter(({ raftId }) => live.has(raftId)).length > members.length / 2;
  });
}

/**
 * Whether the manager `nodeId` stays a raft member for good, whatever it is to be: of the others too many are lost for good (see `hasQuorum`). Swarm accepts a
 * demotion as long as it takes a lost member for reachable, and checks again before it removes the member; where a quorum of the rest is not reachable it leaves it a
 * member, and tries every 5 s without end (SwarmKit: roleManager, removeMember; CanRemoveMember). A member that lives, or has to, counts as reachable here.
 */
function isKeptByQuorum(world: World, owed: readonly string[], nodeId: string): boolean {
  const members = leaderOf(world)?.members() ?? [];
  if (!members.some((member) => member.nodeId === nodeId)) return false;
  const live = liveMembers(world, owed);
  const rest = members.filter((member) => member.nodeId !== nodeId && live.has(member.raftId));
  return rest.length < Math.floor((members.length - 1) / 2) + 1;
}

/** The raft members that live, and those that have to. */
const liveMembers = (world: World, owed: readonly string[]): ReadonlySet<string> =>
  new Set([
    ...runningManagers(world).map((manager) => manager.self.raftId),
    ...membersOf(world, owed),
  ]);

const runningManagers = (world: World): readonly Manager[] =>
  [...world.machines.values()]
    .filter(({ process }) => process.isAlive())
    .flatMap(({ node }) => (node.manager === null ? [] : [node.manager]))
    .filter((manager) => manager.members().length > 0);

const membersOf = (world: World, owed: readonly string[]): readonly string[] =>
  [...world.machines.values()]
    .filter(({ name, disk }) => owed.includes(name) && hasBegun(disk))
    .map(({ process }) => process.node.facts().state?.raftId ?? '');

/** What it knows of its first entries to be committed is written with them; where that write is torn, some entries may be there, and nothing to apply. */
const hasBegun = ({ raft: { hardState, snapshot } }: SimulatedDisk): boolean =>
  hardState.commit > 0 || snapshot !== null;

/**
 * Whether the machine's manager was taken in and lost its power before its first entries were on its disk (see `hasQuorum`): it hears the leader and cannot answer, so
 * that it is sent nothing any more. Nor can it pass on what its own agent asks, which asks nobody else while its node has a manager that serves (SwarmKit: node,
 * initManagerConnection; connectionbroker, Select). So its node reads down for good, and hears of no role.
 */
const knowsNobody = ({ disk, process }: Machine): boolean =>
  process.node.manager?.members().length === 0 && !hasBegun(disk);

/** What is still missing, in words; `''` when everything that is owed is there. `nodes` are the machines that must be members. */
export function missing(world: World, nodes: readonly string[], unowed: Unowed): string {
  const store = leaderStore(world);
  if (store === null) return 'no manager leads';
  return (
    first(
      nodes,
      (name) =>
        missingNode(world, store, unowed.lostTouch, name) || missingRole(world, store, nodes, name),
    ) ||
    first(store.all('node'), unheardOf) ||
    first(store.all('service'), (service) => debtOf(store, unowed, service))
  );
}

function first<T>(values: readonly T[], find: (value: T) => string): string {
  for (const value of values) {
    const found = find(value);
    if (found !== '') return found;
  }
  return '';
}

function missingNode(world: World, store: Reader, lostTouch: LostTouch, name: string): string {
  const machine = world.machine(name);
  const { node } = machine;
  const isStranded = (): boolean => lostTouch.isStranded(name);
  const state = node.localState();
  if (state !== 'active' && !(state === 'pending' && isStranded())) return `${name} is ${state}`;
  const seen = store.get('node', node.nodeId());
  if (seen === undefined) return `the leader has no node for ${name}`;
  const isLost = (): boolean =>
    seen.status.state === 'down' &&
    (lostTouch.isOvertaken(seen.id) || isStranded() || knowsNobody(machine));
  if (seen.status.state !== 'ready' && !isLost())
    return `the node of ${name} is ${seen.status.state}`;
  return '';
}

function missingRole(world: World, store: Reader, nodes: readonly string[], name: string): string {
  const machine = world.machine(name);
  const { node } = machine;
  const seen = store.get('node', node.nodeId());
  if (seen === undefined) return '';
  const isKept = (): boolean =>
    seen.spec.Role === 'worker' && isKeptByQuorum(world, nodes, seen.id);
  if (seen.role !== seen.spec.Role && !isKept())
    return `${name} is to be ${seen.spec.Role} and is ${seen.role}`;
  if (knowsNobody(machine)) return '';
  if (node.role() !== seen.role) return `${name} has the certificate of a ${node.role() ?? 'none'}`;
  if (node.managerReady() !== (seen.role === 'manager'))
    return `the manager of ${name}, a ${seen.role}, is ${node.managerReady() ? '' : 'not '}ready`;
  return '';
}

// Its grace after a change of leader still runs, and when it ends its tasks move. For one that has its certificate and has never registered nobody waits: who asked
// to join gave up before (SwarmKit: the certificate authority makes the record, and only the next leader sets a time for it).
const unheardOf = ({ id, status, description }: Node): string =>
  status.state === 'unknown' && description !== undefined ? `the leader waits for node ${id}` : '';

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
    ...underWay(plan),
  );
}

/** A pull or a call of an engine that was slow when it began takes its time though the fault is healed (simulator/engine: up to half as long again). */
function underWay({ faults }: Plan): readonly Bound[] {
  const longestMs = Math.max(
    0,
    ...faults.map((fault) => {
      if (fault.kind === 'slow-pulls') return fault.pullMs * 1.5;
      return fault.kind === 'slow-machine' ? fault.factor * START_MS : 0;
    }),
  );
  if (longestMs === 0) return [];
  return [{ ms: longestMs, formula: `${longestMs / 1000} s for what an engine has begun` }];
}

function rolloutMs(store: Reader | null, service: Service): number {
  const { spec } = service;
  if (spec.Mode.ReplicatedJob !== undefined) return jobMs(service);
  const slots = Math.max(
    spec.Mode.Replicated?.Replicas ?? store?.all('node').length ?? 0,
    store?.tasksOfService(service.id).length ?? 0,
  );
  const batchesMs = (config: UpdateConfig | undefined): number => {
    const parallelism = config?.Parallelism ?? 1;
    const batches = parallelism === 0 ? 1 : Math.ceil(slots / parallelism);
    const restartMs = inMs(spec.TaskTemplate.RestartPolicy?.Delay) || RESTART_DELAY_MS;
    const eachMs = inMs(config?.Delay) + stopBoundMs(spec.TaskTemplate) + restartMs;
    return batches * eachMs + (inMs(config?.Monitor) || MONITOR_MS);
  };
  return batchesMs(spec.UpdateConfig) + batchesMs(spec.RollbackConfig ?? spec.UpdateConfig);
}

/** As many rounds as it takes at so many at once, each with one failure. */
function jobMs({ spec: { Mode, TaskTemplate } }: Service): number {
  const { MaxConcurrent = 1, TotalCompletions = MaxConcurrent } = Mode.ReplicatedJob ?? {};
  const restartMs = inMs(TaskTemplate.RestartPolicy?.Delay) || RESTART_DELAY_MS;
  return Math.ceil(TotalCompletions / MaxConcurrent) * 2 * (restartMs + JOB_MS + STOP_MS);
}

const inMs = (nanoseconds: number | undefined): number => (nanoseconds ?? 0) / NANOSECONDS_PER_MS;

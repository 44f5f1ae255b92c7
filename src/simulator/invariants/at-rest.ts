import { KINDS, type Node, type Service, type Task } from '../../model/objects.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import { matchesConstraints, placementConstraints } from '../../swarm/constraint.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { World } from '../world.ts';
import { BlindTasks } from './blind-tasks.ts';
import type { Committed, Ledger } from './ledger.ts';
import type { Expected } from './watch.ts';

const DEFAULT_HISTORY_LIMIT = 5;
/** SwarmKit: the reaper looks at a slot 250 ms after something happened in it; as much again for its write. */
const REAPING_MS = 500;

/** What last gave the reaper something to do in a slot: a task that was made, or one that ended. */
interface Filling {
  /** The reign in which the slot's newest task was made. A new leader does not look at the slots of the one before. */
  readonly term: number;
  readonly atMs: number;
}

/** What has to be true once everything is healed and nobody asks for anything. */
export class AtRest {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #filled = new Map<string, Filling>();
  /** Nodes that were ready once. */
  readonly #seen = new Set<string>();
  readonly #blind: BlindTasks;

  constructor(world: World, ledger: Ledger) {
    this.#world = world;
    this.#ledger = ledger;
    this.#blind = new BlindTasks(ledger.tables);
  }

  committed(committed: Committed): void {
    const { events, term, atMs } = committed;
    this.#blind.committed(committed);
    for (const event of events) {
      if (event.kind === 'task') this.#follow(event, term, atMs);
      else if (event.kind === 'node' && event.object.status.state === 'ready')
        this.#seen.add(event.object.id);
    }
  }

  #follow(event: Extract<StoreEvent, { kind: 'task' }>, term: number, atMs: number): void {
    const key = slotKey(event.object);
    const filled = this.#filled.get(key);
    if (event.action === 'create') this.#filled.set(key, { term, atMs });
    else if (event.action === 'update' && hasEnded(event.object) && !hasEnded(event.previous))
      if (filled !== undefined) this.#filled.set(key, { ...filled, atMs });
  }

  judge(expected: Expected): void {
    const { tables } = this.#ledger;
    this.#judgeStores();
    this.#judgeNodes(expected);
    const isSettled = ({ spec }: Service): boolean =>
      expected.unsettledServices?.[spec.Name] === undefined;
    for (const service of tables.all('service')) {
      if (service.jobStatus === undefined) this.#judgeHistory(service);
      if (!isSettled(service)) continue;
      if (service.spec.Mode.Replicated !== undefined) this.#judgeReplicated(service);
      else if (service.spec.Mode.Global !== undefined) this.#judgeGlobal(service);
    }
    for (const node of tables.all('node')) this.#judgeDrained(node);
  }

  #judgeStores(): void {
    const { tables, index, sight } = this.#ledger;
    for (const [name, { process, node }] of this.#world.machines) {
      if (!process.isAlive() || node.manager?.raftStatus().applied !== index) continue;
      const { read } = node.manager.store;
      for (const kind of KINDS) {
        const own = new Map(read.all(kind).map((object) => [object.id as string, object]));
        const different = tables
          .all(kind)
          .filter(
            (object) =>
              own.get(object.id) !== object &&
              JSON.stringify(own.get(object.id)) !== JSON.stringify(object),
          );
        const [first] = different;
        if (first !== undefined)
          sight.report(
            'stores-agree',
            `${name} has another ${kind} ${first.id} than was committed`,
          );
        else if (own.size !== tables.all(kind).length)
          sight.report('stores-agree', `${name} has more objects of ${kind} than were committed`);
      }
    }
  }

  #judgeNodes({ nodes, unsureNodes = [], strayNodes = 0 }: Expected): void {
    const { tables, sight } = this.#ledger;
    for (const name of nodes) {
      const id = this.#world.machines.get(name)?.node.nodeId() ?? '';
      if (tables.get('node', id) === undefined)
        sight.report('nodes-equal-joins', `${name} has joined as ${id}, which is not listed`);
    }
    // Each request for a certificate with a token makes a node, whether its answer arrives or not (SwarmKit: IssueNodeCertificate).
    const unseen = tables.all('node').filter(({ id }) => !this.#seen.has(id));
    const strays = unseen.filter(({ description }) => description === undefined);
    const allowed = strays.slice(0, strayNodes);
    for (const node of unseen)
      if (unsureNodes.length === 0 && !allowed.includes(node))
        sight.report('nodes-equal-joins', `node ${node.id} is listed, and nobody has joined as it`);
    const leader = this.#world.machines.get(this.#world.leader())?.node.manager;
    for (const { raftId, nodeId } of leader?.members() ?? []) {
      if (tables.get('node', nodeId) === undefined)
        sight.report('members-are-listed', `raft member ${raftId} is node ${nodeId}, not listed`);
    }
  }

  #judgeReplicated(service: Service): void {
    const declared = service.spec.Mode.Replicated?.Replicas ?? 1;
    const live = this.#live(service);
    const running = live.filter(({ status }) => status.state === 'running');
    const slots = new Set(running.map(({ slot }) => slot));
    if (slots.size !== declared || running.length !== declared || live.length !== declared)
      this.#ledger.sight.report(
        'running-equals-declared',
        `${service.spec.Name} declares ${declared}; ${running.length} run in ${slots.size} slots, ${live.length} are to run`,
      );
  }

  #judgeGlobal(service: Service): void {
    const { tables, sight } = this.#ledger;
    const constraints = placementConstraints(service.spec.TaskTemplate.Placement);
    const live = this.#live(service);
    for (const node of tables.all('node')) {
      const here = live.filter(({ nodeId }) => nodeId === node.id);
      const running = here.filter(({ status }) => status.state === 'running').length;
      const fits = matchesConstraints(constraints, node);
      const { Availability } = node.spec;
      const isReady = node.status.state === 'ready';
      const where = `${service.spec.Name} has ${here.length} tasks to run on ${sight.machineOf(node.id)}, which is ${node.status.state}, ${Availability}${fits ? '' : ', and does not fit'}`;
      if (isReady && Availability === 'active' && fits) {
        if (running !== 1 || here.length !== 1)
          sight.report('global-equals-eligible', `${where}; ${running} run`);
      } else if (here.length > (Availability === 'pause' ? 1 : 0))
        sight.report('global-equals-eligible', where);
    }
  }

  #judgeDrained({ id, spec, status }: Node): void {
    if (spec.Availability !== 'drain' || status.state !== 'ready') return;
    const { tables, term, sight } = this.#ledger;
    for (const task of tables.tasksOfNode(id)) {
      if (hasEnded(task) && !isLive(task)) continue;
      if (this.#blind.isLeft(task, term)) continue;
      // Nobody takes a job's task from a drained node (SwarmKit: the jobs orchestrator watches no nodes).
      if (task.jobIteration !== undefined) continue;
      sight.report(
        'drained-is-empty',
        `${sight.machineOf(id)} is drained and has task ${task.serviceName}.${task.slot}.${task.id}, ${task.status.state}, to be ${task.desiredState}`,
      );
    }
  }

  #judgeHistory(service: Service): void {
    const { tables, term, sight } = this.#ledger;
    const attempts = service.spec.TaskTemplate.RestartPolicy?.MaxAttempts ?? 0;
    const cluster = tables.all('cluster')[0]?.spec.Orchestration.TaskHistoryRetentionLimit;
    const limit = attempts > 0 ? attempts + 1 : (cluster ?? DEFAULT_HISTORY_LIMIT);
    if (limit < 0) return;
    const slots = new Map<string, Task[]>();
    for (const task of tables.tasksOfService(service.id)) {
      const key = slotKey(task);
      const slot = slots.get(key);
      if (slot === undefined) slots.set(key, [task]);
      else slot.push(task);
    }
    for (const [key, slot] of slots) {
      const filled = this.#filled.get(key);
      if (filled?.term !== term || this.#world.time.now - filled.atMs < REAPING_MS) continue;
      const kept = slot.filter((task) => !hasEnded(task)).length;
      // The one task that lives when a slot is looked at may end later; nobody looks again before the next is made.
      if (slot.length > Math.max(limit, kept, 1))
        sight.report(
          'history-limit',
          `slot ${slot[0]?.slot ?? 0} of ${service.spec.Name} keeps ${slot.length} records, ${kept} of them live; the limit is ${limit}`,
        );
    }
  }

  #live(service: Service): readonly Task[] {
    return this.#ledger.tables.tasksOfService(service.id).filter(isLive);
  }
}

const slotKey = ({ serviceId, slot, nodeId }: Task): string =>
  `${serviceId}/${slot === 0 ? nodeId : slot}`;

const isLive = (task: Task): boolean => compareStates(task.desiredState, 'running') <= 0;

/** Beyond running, or never placed and never to run: a record that the limit may take. */
const hasEnded = (task: Task): boolean =>
  isTerminal(task.status.state) ||
  (compareStates(task.status.state, 'assigned') < 0 && !isLive(task));

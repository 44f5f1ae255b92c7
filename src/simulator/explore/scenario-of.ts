/** A plan as a scenario, which also runs on Docker, as far as a scenario has the words. */
import type { FaultDraft, Scenario, Step } from '../../model/scenario.ts';
import {
  machinesOf,
  type Plan,
  type PlannedFault,
  type PlannedLink,
  type PlannedOperation,
} from './plan.ts';

export interface WrittenPlan {
  readonly scenario: Scenario;
  /** What a scenario cannot say, in words. */
  readonly leftOut: readonly string[];
}

const MOST_SPARES = 5;
/** For what is owed at the end to come about, and for what must not to have the time to happen. */
const CONVERGED_S = 180;
const QUIET_S = 20;
const BRING_UP_S = 30;
/** Shorter pauses between steps are not worth a step. */
const PAUSE_MS = 500;
const DEFAULT_HISTORY = 5;

interface Timed {
  readonly atMs: number;
  readonly step: Step;
}

/** Machines become n1, n2, … Operations and faults come in the order of their times, with holds between them. */
export function scenarioOf(plan: Plan, name: string, title: string): WrittenPlan {
  const writing = new Writing(plan);
  const steps = [...writing.steps(), ...writing.ending()];
  const spares = machinesOf(plan).length - plan.managers.length - plan.workers.length;
  const scenario: Scenario = {
    ...{ name, suite: suiteOf(plan), title },
    shape: {
      ...{ managers: plan.managers.length, workers: plan.workers.length },
      ...(spares === 0 ? {} : { spares: Math.min(spares, MOST_SPARES) }),
    },
    ...{ seed: plan.seed, expectedS: Math.ceil(BRING_UP_S + plan.faultsMs / 1000 + 2 * QUIET_S) },
    ...{ claims: [], steps },
  };
  return { scenario, leftOut: writing.leftOut };
}

/** The suite says what a scenario is about; a drawn one may be about several. */
function suiteOf({ managers, operations, faults }: Plan): Scenario['suite'] {
  const isOnManager = (fault: PlannedFault): boolean =>
    'node' in fault && (fault.node === 'leader' || managers.includes(fault.node));
  if (faults.some(isOnManager)) return 'quorum-loss';
  if (operations.some((each) => each.do === 'rollback' || each.do === 'update')) return 'rollback';
  return operations.some((each) => each.do === 'availability') ? 'drain' : 'slot-refill';
}

class Writing {
  readonly #plan: Plan;
  readonly #names: ReadonlyMap<string, string>;
  /** When each was asked for. */
  readonly #services = new Map<string, number>();
  readonly leftOut: string[] = [];

  constructor(plan: Plan) {
    this.#plan = plan;
    const most = plan.managers.length + plan.workers.length + MOST_SPARES;
    const machines = machinesOf(plan).slice(0, most);
    this.#names = new Map(machines.map((machine, index) => [machine, `n${index + 1}`]));
  }

  steps(): readonly Step[] {
    const timed = [
      ...this.#settings(),
      ...this.#plan.operations.flatMap((each) => this.#operation(each)),
      ...this.#plan.faults.flatMap((each, index) => this.#fault(each, `fault-${index + 1}`)),
    ].sort((a, b) => a.atMs - b.atMs);
    const steps: Step[] = [];
    let nowMs = 0;
    for (const { atMs, step } of timed) {
      if (atMs - nowMs >= PAUSE_MS) {
        steps.push({ do: 'hold', seconds: (atMs - nowMs) / 1000, why: 'as in the simulated run' });
        nowMs = atMs;
      }
      steps.push(step);
    }
    return steps;
  }

  ending(): readonly Step[] {
    return [
      { do: 'wait', until: 'healthy', withinS: CONVERGED_S },
      { do: 'hold', seconds: QUIET_S, why: 'what has converged has to stay so' },
    ];
  }

  #settings(): readonly Timed[] {
    const { historyLimit, snapshotInterval, heartbeatMs } = this.#plan.swarm;
    if (snapshotInterval < 10_000) this.leftOut.push(`snapshots each ${snapshotInterval} entries`);
    if (heartbeatMs !== 5000) this.leftOut.push(`heartbeats each ${heartbeatMs} ms`);
    if (historyLimit === DEFAULT_HISTORY) return [];
    return [{ atMs: 0, step: { do: 'set-swarm', taskHistoryLimit: historyLimit } }];
  }

  #operation(operation: PlannedOperation): readonly Timed[] {
    const step = this.#stepOf(operation);
    if (step !== null) return [{ atMs: operation.atMs, step }];
    this.leftOut.push(`${operation.do} at ${operation.atMs / 1000} s`);
    return [];
  }

  #stepOf(operation: PlannedOperation): Step | null {
    const through = this.#through(operation.through);
    switch (operation.do) {
      case 'create': {
        const { maxReplicas, stopGraceS, job, ...draft } = operation.service;
        if (job !== undefined) return null;
        this.#services.set(draft.service, operation.atMs);
        if (maxReplicas !== undefined)
          this.leftOut.push(`${maxReplicas} replicas of ${draft.service} a node at most`);
        if (stopGraceS !== undefined)
          this.leftOut.push(`a grace period of ${stopGraceS} s for ${draft.service}`);
        return { do: 'create', ...draft, ...this.#constraints(draft.constraints), ...through };
      }
      case 'join': {
        const node = this.#names.get(operation.node);
        return node === undefined ? null : { do: 'join', node, role: operation.role };
      }
      case 'availability': {
        const { availability } = operation;
        const node = this.#names.get(operation.node);
        return node === undefined ? null : { do: 'set-node', node, availability, ...through };
      }
      case 'promote':
      case 'demote':
      case 'remove-node':
      case 'leave':
        return null;
      default:
        // A scenario's steps are about services that it has made before.
        return this.#services.has(operation.service) ? this.#changeOf(operation, through) : null;
    }
  }

  #changeOf(
    operation: Extract<
      PlannedOperation,
      { readonly do: 'update' | 'scale' | 'rollback' | 'remove' }
    >,
    through: { readonly through?: string },
  ): Step {
    const { service } = operation;
    switch (operation.do) {
      case 'update': {
        const { change } = operation;
        return {
          do: 'update',
          service,
          ...change,
          ...this.#constraints(change.constraints),
          ...through,
        };
      }
      case 'scale':
        return { do: 'update', service, replicas: operation.replicas, ...through };
      case 'rollback':
      case 'remove':
        return { do: operation.do, service, ...through };
    }
  }

  #through(through: string): { readonly through?: string } {
    if (through === 'leader') return { through };
    const node = this.#names.get(through);
    return node === undefined ? {} : { through: node };
  }

  #constraints(constraints: readonly string[] | undefined): {
    readonly constraints?: readonly string[];
  } {
    if (constraints === undefined) return {};
    const renamed = constraints.map((each) =>
      each.replace(/(?<=^node\.hostname[!=]=).*$/, (name) => this.#names.get(name) ?? name),
    );
    return { constraints: renamed };
  }

  #fault(fault: PlannedFault, as: string): readonly Timed[] {
    const draft = this.#draftOf(fault);
    if (draft === null) {
      this.leftOut.push(`${fault.kind} at ${fault.atMs / 1000} s for ${fault.forMs / 1000} s`);
      return [];
    }
    const inject: Timed = { atMs: fault.atMs, step: { do: 'inject', as, fault: draft } };
    if (draft.kind === 'kill-container') return [inject];
    const healMs = Math.min(fault.atMs + fault.forMs, this.#plan.faultsMs);
    return [inject, { atMs: healMs, step: { do: 'heal', fault: as } }];
  }

  #draftOf(fault: PlannedFault): FaultDraft | null {
    switch (fault.kind) {
      case 'crash':
      case 'kill':
        return { kind: 'kill', node: this.#node(fault.node) };
      case 'stop':
      case 'pause':
        return { kind: fault.kind, node: this.#node(fault.node) };
      case 'skew':
        if (fault.driftPpm !== 0) this.leftOut.push(`a drift of ${fault.driftPpm} ppm`);
        return { kind: 'skew-clock', node: this.#node(fault.node), offsetMs: fault.offsetMs };
      case 'disk-full':
        return { kind: 'fill-disk', node: this.#node(fault.node), freeBytes: 0 };
      case 'exit':
        return (this.#services.get(fault.service) ?? Infinity) < fault.atMs
          ? { kind: 'kill-container', service: fault.service }
          : null;
      case 'cut':
        return this.#links(fault.links, { kind: 'drop' });
      case 'reset':
        return this.#links(fault.links, { kind: 'reset' });
      case 'slow': {
        const { delayMs, jitterMs, loss, duplication } = fault;
        if (loss > 0) this.leftOut.push(`a loss of ${loss * 100} %`);
        if (duplication > 0) this.leftOut.push(`${duplication * 100} % of messages twice`);
        return this.#links(fault.links, { kind: 'latency', latencyMs: delayMs, jitterMs });
      }
      default:
        return null;
    }
  }

  #links(
    planned: readonly PlannedLink[],
    toxic: Extract<FaultDraft, { kind: 'links' }>['toxic'],
  ): FaultDraft {
    const pairs = planned.flatMap(({ from, to }) =>
      this.#ends(from, to).flatMap((source) =>
        this.#ends(to, from).map((sink) => ({ from: source, to: sink })),
      ),
    );
    const seen = new Set<string>();
    const links = pairs.filter(({ from, to }) => {
      const key = `${from}>${to}`;
      const isNew = from !== to && !seen.has(key);
      seen.add(key);
      return isNew;
    });
    return { kind: 'links', links, toxic, plane: 'control' };
  }

  /** The machines that one end of a link means, given the other; the rest of the leader is its followers and the workers. */
  #ends(target: string, other: string): readonly string[] {
    if (target !== 'rest') return [this.#node(target)];
    const { managers, workers } = this.#plan;
    if (other !== 'leader')
      return [...managers, ...workers]
        .filter((name) => name !== other)
        .map((name) => this.#node(name));
    const followers = managers.slice(1).map((_, index) => `follower-${index + 1}`);
    return [...followers, ...workers.map((name) => this.#node(name))];
  }

  #node(target: string): string {
    return target === 'leader' ? target : (this.#names.get(target) ?? target);
  }
}

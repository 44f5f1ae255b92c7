/** A plan: everything that happens to one simulated swarm, as plain JSON. The same plan gives the same run, byte for byte. */
import type { NodeAvailability, NodeRole } from '../../model/specs.ts';
import type { ServiceDraft, UpdateDraft, Workload } from '../../model/scenario.ts';

/** The form of the plan itself. */
export const PLAN_FORMAT = 1;

export interface Plan {
  readonly format: typeof PLAN_FORMAT;
  /** The version of the code it was made with; `''` where nobody asked. */
  readonly code: string;
  /** Where it was drawn from. */
  readonly seed: string;
  /** The swarm's own chance: elections, back-offs, choices of the updater. */
  readonly dice: string;
  /** Machine names, the first is the founder. */
  readonly managers: readonly string[];
  readonly workers: readonly string[];
  readonly swarm: SwarmPlan;
  /** How long phase one lasts: faults are on, operations are asked for. Then all is healed. */
  readonly faultsMs: number;
  readonly operations: readonly PlannedOperation[];
  readonly faults: readonly PlannedFault[];
}

export interface SwarmPlan {
  readonly historyLimit: number;
  readonly snapshotInterval: number;
  readonly keepEntries: number;
  readonly heartbeatMs: number;
}

/** A scenario's service, and what the Engine API can say beyond it. */
export interface ServicePlan extends ServiceDraft {
  /** Its tasks are to complete: so many at once and so many in all, or on each node once where the service is global. */
  readonly job?: { readonly concurrent: number; readonly completions: number };
  readonly maxReplicas?: number;
  readonly stopGraceS?: number;
}

export interface ServiceChangePlan {
  readonly image?: Workload;
  readonly env?: Readonly<Record<string, string>>;
  readonly constraints?: readonly string[];
  readonly replicas?: number;
  readonly update?: UpdateDraft;
  readonly force?: boolean;
}

export type Operation =
  | { readonly do: 'create'; readonly service: ServicePlan }
  | { readonly do: 'update'; readonly service: string; readonly change: ServiceChangePlan }
  | { readonly do: 'scale'; readonly service: string; readonly replicas: number }
  | { readonly do: 'rollback' | 'remove'; readonly service: string }
  | {
      readonly do: 'availability';
      readonly node: string;
      readonly availability: NodeAvailability;
    }
  | { readonly do: 'promote' | 'demote'; readonly node: string }
  | { readonly do: 'remove-node'; readonly node: string; readonly force: boolean }
  | { readonly do: 'join'; readonly node: string; readonly role: NodeRole }
  | { readonly do: 'leave'; readonly node: string };

/** Through `leader`, `any` (the first machine whose manager answers), or a machine by name. */
export type PlannedOperation = Operation & { readonly atMs: number; readonly through: string };

/** A machine by name, `leader`, or in a link `rest`: all that the other end is not. */
export type Target = string;

export interface PlannedLink {
  readonly from: Target;
  readonly to: Target;
}

export type CutShape = 'away' | 'halves' | 'bridge' | 'ring' | 'one-way' | 'swizzle';

/** The faults of `faults.ts` on targets that are found when their time has come. */
export type ExplorerFault =
  /** Power off, and on again with the data; `kill` leaves the page cache; `stop` lets the daemon end in order, and its containers end with it. */
  | {
      readonly kind: 'crash' | 'kill' | 'stop' | 'pause' | 'restart-engine';
      readonly node: Target;
    }
  | { readonly kind: 'slow-machine'; readonly node: Target; readonly factor: number }
  | { readonly kind: 'cut'; readonly shape: CutShape; readonly links: readonly PlannedLink[] }
  | { readonly kind: 'reset'; readonly links: readonly PlannedLink[] }
  | {
      readonly kind: 'slow';
      readonly links: readonly PlannedLink[];
      readonly delayMs: number;
      readonly jitterMs: number;
      /** 0 to 1. */
      readonly loss: number;
      /** 0 to 1. */
      readonly duplication: number;
    }
  /** A wall clock that is wrong, and, by `driftPpm`, a second that is longer. */
  | {
      readonly kind: 'skew';
      readonly node: Target;
      readonly offsetMs: number;
      readonly driftPpm: number;
    }
  | { readonly kind: 'disk-full' | 'sync-fails'; readonly node: Target }
  | { readonly kind: 'disk-slow'; readonly node: Target; readonly syncMs: number }
  | {
      readonly kind: 'disk-rot';
      readonly node: Target;
      readonly what: 'log' | 'snapshot' | 'state';
    }
  /** The power fails in the middle of the n-th write from now. */
  | { readonly kind: 'crash-at-write'; readonly node: Target; readonly writes: number }
  | { readonly kind: 'lost-writes'; readonly node: Target; readonly afterMs: number }
  /** The container of a slot ends behind the swarm's back. */
  | {
      readonly kind: 'exit';
      readonly service: string;
      readonly pick: number;
      readonly code: number;
    }
  /** With a text: no pull succeeds. */
  | {
      readonly kind: 'slow-pulls';
      readonly node: Target;
      readonly pullMs: number;
      readonly failure?: string;
    };

export type PlannedFault = ExplorerFault & { readonly atMs: number; readonly forMs: number };

/** All machines that a plan names, in the order of their first mention. */
export function machinesOf(plan: Plan): readonly string[] {
  const joined = plan.operations.flatMap((each) => (each.do === 'join' ? [each.node] : []));
  return [...new Set([...plan.managers, ...plan.workers, ...joined])];
}

export const servicesOf = (plan: Plan): readonly ServicePlan[] =>
  plan.operations.flatMap((each) => (each.do === 'create' ? [each.service] : []));

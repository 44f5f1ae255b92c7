/**
 * A scenario: what is done to a cluster, and which claims it proves. A plain value, the same for every subject; written in TypeScript
 * under `suites/` or as a YAML file with the same field names (scenario/parse.ts). Bounds and holds are seconds.
 */
import type { LinkToxic, Plane } from './fault.ts';
import type { FailureAction, NodeAvailability, RestartCondition, UpdateOrder } from './specs.ts';
import type { UpdateState } from './objects.ts';

export const SUITES = [
  'quorum-loss',
  'slot-refill',
  'non-rebalancing',
  'drain',
  'rollback',
  'services',
  'membership',
  'secrets',
] as const;
export type SuiteName = (typeof SUITES)[number];

/** The workload images (fixtures/workload). */
export const WORKLOADS = [
  'v1',
  'v2',
  'exit1',
  'exit0-later',
  'unhealthy',
  'ignore-term',
  'http',
] as const;
export type Workload = (typeof WORKLOADS)[number];

/** The claims that can be judged (shared/claims.md). */
export const CLAIM_IDS = [
  ...(['Q1', 'Q2', 'Q3', 'Q4', 'Q5', 'Q6', 'Q7', 'Q8', 'Q9', 'Q10', 'Q11'] as const),
  ...(['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7'] as const),
  ...(['N1', 'N2', 'N3', 'N4', 'N5', 'N6'] as const),
  ...(['D1', 'D2', 'D3', 'D4', 'D5', 'D6'] as const),
  ...(['U1', 'U2', 'U3', 'U4', 'U5', 'U6', 'U7', 'U8', 'U9'] as const),
  ...(['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'S8', 'S9', 'S10', 'S11'] as const),
  ...(['M1', 'M2', 'M3', 'M4', 'M5', 'M6', 'M7', 'M8', 'M9', 'M10'] as const),
  ...(['C1', 'C2', 'C3', 'C4'] as const),
  ...(['L1', 'L2'] as const),
] as const;
export type ClaimId = (typeof CLAIM_IDS)[number];

/**
 * Managers are n1 to n<managers>, workers follow. Spares are nodes with an engine that no swarm has yet; they come last and enter with
 * a `join` step.
 */
export interface Shape {
  readonly managers: number;
  readonly workers: number;
  readonly spares?: number;
}

/**
 * Which node is meant, found out when the step runs:
 * `n2`; `leader`; `follower` or `follower-2` (managers that do not lead, by name); `worker`, `worker-2`; `any-manager` (one that no
 * fault is on); `@lost` (the node that the fault or `name` step called `lost` was about).
 */
export type NodeRef = string;

export interface ServiceDraft {
  readonly service: string;
  /** The engine draws its name; `service` is only what the scenario calls it. */
  readonly nameless?: boolean;
  readonly image: Workload;
  /** Replicated with this many; a `global` service has none. */
  readonly replicas?: number;
  readonly global?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** `id(n2)` in one of them stands for the id of that node. */
  readonly constraints?: readonly string[];
  readonly mounts?: readonly MountDraft[];
  readonly secrets?: readonly DataDraft[];
  readonly configs?: readonly DataDraft[];
  readonly restart?: RestartDraft;
  readonly update?: UpdateDraft;
  readonly rollback?: UpdateDraft;
}

/** A secret or config that a `create-data` step made, and as which file a task sees it: its own name, readable for all, unless said otherwise. */
export interface DataDraft {
  readonly name: string;
  readonly target?: string;
  /** Permission bits. */
  readonly mode?: number;
}

export interface MountDraft {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  readonly source?: string;
  readonly target: string;
  readonly readOnly?: boolean;
}

export interface RestartDraft {
  readonly condition?: RestartCondition;
  readonly delayS?: number;
  readonly maxAttempts?: number;
  readonly windowS?: number;
}

/** What is left out has the engine's default: parallelism 1, no delay, pause, monitor 5 s, ratio 0, stop-first. */
export interface UpdateDraft {
  readonly parallelism?: number;
  readonly delayS?: number;
  readonly failureAction?: FailureAction;
  readonly monitorS?: number;
  readonly maxFailureRatio?: number;
  readonly order?: UpdateOrder;
}

/** What a service update changes; `force` restarts every task with nothing else changed. */
export interface ServiceChange {
  readonly image?: Workload;
  readonly replicas?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly constraints?: readonly string[];
  readonly update?: UpdateDraft;
  readonly rollback?: UpdateDraft;
  readonly force?: boolean;
}

/** A fault whose targets are still symbolic. In a partition `rest` stands for every node that no group names. */
export type FaultDraft =
  | { readonly kind: 'kill' | 'stop' | 'pause' | 'unplug'; readonly node: NodeRef }
  | { readonly kind: 'starve-cpu'; readonly node: NodeRef; readonly share: number }
  | { readonly kind: 'fill-disk'; readonly node: NodeRef; readonly freeBytes: number }
  | { readonly kind: 'skew-clock'; readonly node: NodeRef; readonly offsetMs: number }
  | {
      readonly kind: 'links';
      readonly links: readonly { readonly from: NodeRef; readonly to: NodeRef }[];
      readonly toxic: LinkToxic;
      readonly plane: Plane;
    }
  | {
      readonly kind: 'partition';
      readonly groups: readonly (readonly NodeRef[])[];
      readonly plane: Plane;
    }
  | ({ readonly kind: 'kill-container' | 'remove-container' | 'pause-container' } & SlotRef);

/** One running task of a service: by slot, by the node it is on, or simply the first by slot. */
export interface SlotRef {
  readonly service: string;
  readonly slot?: number;
  readonly on?: NodeRef;
}

/** What a wait waits for; all of it is read from what was observed. */
export type Condition =
  /** Every slot has one task that runs on a node without a fault, and none but those; `count` when the replicas are not the measure. */
  | { readonly until: 'running'; readonly service: string; readonly count?: number }
  /** `running`, and every task that should be shut down has ended. */
  | { readonly until: 'settled'; readonly service: string }
  /** A leader that is on none of the nodes under fault answers. */
  | { readonly until: 'leader' }
  /** The node itself answers that the swarm has no leader. */
  | { readonly until: 'no-leader'; readonly node: NodeRef }
  /** The node has the role, and the managers know it for a reachable one of them, or for none. */
  | { readonly until: 'role'; readonly node: NodeRef; readonly role: 'worker' | 'manager' }
  /** The swarm lists no such node. */
  | { readonly until: 'unlisted'; readonly node: NodeRef }
  /** Every node without a fault is ready, and every manager of them reachable, one of them leader. */
  | { readonly until: 'healthy' }
  | {
      readonly until: 'node-state';
      readonly node: NodeRef;
      readonly state: 'ready' | 'down' | 'unknown';
    }
  | {
      readonly until: 'update-state';
      readonly service: string;
      readonly state: UpdateState;
    }
  /** So many tasks wait with the scheduler's explanation. */
  | { readonly until: 'pending'; readonly service: string; readonly count: number }
  /** So many tasks of the service are over. */
  | { readonly until: 'ended'; readonly service: string; readonly count: number }
  /** `running`, and every one of those tasks was made after the last update or rollback was asked for. */
  | { readonly until: 'renewed'; readonly service: string }
  /** The service and all its tasks are gone. */
  | { readonly until: 'removed'; readonly service: string };

export type DataKind = 'secret' | 'config';

/** How an operation has to end for the scenario to make sense; a step that ends otherwise is recorded, and the claims judge it. */
export interface Through {
  /** The node that the client talks to; `any-manager` when absent. */
  readonly through?: NodeRef;
  /** The name under which claims and the comparison know the operation; made from the step when absent. */
  readonly label?: string;
  /** The client's patience; 30 s when absent, since Swarm itself gives up after 20 s. */
  readonly deadlineS?: number;
}

export type Step =
  | ({ readonly do: 'create' } & ServiceDraft & Through)
  | ({ readonly do: 'update'; readonly service: string } & ServiceChange & Through)
  | ({ readonly do: 'rollback'; readonly service: string } & Through)
  | ({ readonly do: 'remove'; readonly service: string } & Through)
  | ({ readonly do: 'inspect'; readonly service: string } & Through)
  | ({
      readonly do: 'list';
      readonly kind: 'nodes' | 'services' | 'tasks' | 'networks';
      /** Only those of this stack, by its label. */
      readonly stack?: string;
    } & Through)
  /** Lists the services with their counts, as `service ls` shows them, four times a second until all that one of them declares runs. */
  | ({ readonly do: 'watch-counts'; readonly service: string; readonly withinS: number } & Through)
  /** What all tasks of the service wrote so far. */
  | ({ readonly do: 'read-logs'; readonly service: string } & Through)
  /** A task's container as its engine shows it. */
  | ({ readonly do: 'inspect-container' } & SlotRef)
  /** A compose file, as `docker stack deploy` brings it into the swarm: its networks, then its services, all with the stack's label. */
  | ({ readonly do: 'deploy-stack'; readonly stack: string; readonly file: string } & Through)
  /** Whatever has the stack's label: services, then networks. */
  | ({ readonly do: 'remove-stack'; readonly stack: string } & Through)
  | ({
      readonly do: 'set-node';
      readonly node: NodeRef;
      readonly availability: NodeAvailability;
    } & Through)
  /** Puts labels on a node, beside those it has. */
  | ({
      readonly do: 'label-node';
      readonly node: NodeRef;
      readonly labels: Readonly<Record<string, string>>;
    } & Through)
  | ({ readonly do: 'set-swarm'; readonly taskHistoryLimit: number } & Through)
  /**
   * So many clients, each on a manager of its own as far as there are managers, read and write the same few registers from now on: services of no
   * tasks that the step makes. Each waits about `everyS` between two turns.
   */
  | { readonly do: 'start-clients'; readonly clients: number; readonly everyS: number }
  /** They end, each when its last call is answered. */
  | { readonly do: 'stop-clients' }
  /** A node of no swarm founds one of its own. */
  | { readonly do: 'init'; readonly node: NodeRef; readonly label?: string }
  /**
   * A node asks to join by a token that an `inspect-swarm` kept under the name `tokens`, at the manager `through`; nothing but the answer is waited for.
   * `advertise` stands in place of its own address.
   */
  | ({
      readonly do: 'join-with';
      readonly node: NodeRef;
      readonly tokens: string;
      readonly role: 'worker' | 'manager';
      readonly advertise?: string;
    } & Through)
  | {
      readonly do: 'leave';
      readonly node: NodeRef;
      readonly force?: boolean;
      readonly label?: string;
    }
  /** Promotes or demotes. */
  | ({
      readonly do: 'set-role';
      readonly node: NodeRef;
      readonly role: 'worker' | 'manager';
    } & Through)
  | ({ readonly do: 'remove-node'; readonly node: NodeRef; readonly force?: boolean } & Through)
  /** What the node says of itself as a member. */
  | { readonly do: 'inspect-node'; readonly node: NodeRef; readonly label?: string }
  /** The swarm's settings and tokens; the tokens are kept under the name `as`, and only their form and a digest are recorded. */
  | ({ readonly do: 'inspect-swarm'; readonly as?: string } & Through)
  | ({ readonly do: 'rotate-token'; readonly role: 'worker' | 'manager' } & Through)
  /** The swarm block of `docker info`. */
  | { readonly do: 'swarm-info'; readonly node: NodeRef; readonly label?: string }
  | ({
      readonly do: 'create-data';
      readonly kind: DataKind;
      readonly name: string;
      /** Stands in the history as it stands here: no place for a real secret. */
      readonly data: string;
    } & Through)
  | ({ readonly do: 'list-data'; readonly kind: DataKind } & Through)
  | ({
      readonly do: 'inspect-data' | 'remove-data';
      readonly kind: DataKind;
      readonly name: string;
    } & Through)
  /** What a task's container has mounted, and these files as they are in it: mode, owner, size, text (`docker exec`). */
  | ({ readonly do: 'look-inside'; readonly paths: readonly string[] } & SlotRef)
  /** Which files of a node hold a secret's data, in memory or on its disk. */
  | { readonly do: 'find-data'; readonly node: NodeRef; readonly name: string }
  /** Where a node listens, and which ports it is connected to, by its own kernel. */
  | { readonly do: 'look-at-ports'; readonly node: NodeRef }
  /** A spare enters the swarm. */
  | { readonly do: 'join'; readonly node: NodeRef; readonly role: 'worker' | 'manager' }
  /** The node's plain container list. */
  | { readonly do: 'containers'; readonly node: NodeRef; readonly label?: string }
  /** Stops a task's container behind the swarm's back, as `docker stop` does. */
  | ({ readonly do: 'stop-container' } & SlotRef)
  | { readonly do: 'inject'; readonly as: string; readonly fault: FaultDraft }
  | { readonly do: 'heal'; readonly fault: string }
  /** Gives a node a name that later steps can use as `@name`. */
  | { readonly do: 'name'; readonly as: string; readonly node: NodeRef }
  | ({ readonly do: 'wait'; readonly withinS: number } & Condition)
  /** Nothing is done, so that what must not happen has the time to happen. */
  | { readonly do: 'hold'; readonly seconds: number; readonly why: string }
  | { readonly do: 'mark'; readonly name: string };

export type StepKind = Step['do'];

export interface Scenario {
  /** Kebab-case, unique in its suite. */
  readonly name: string;
  readonly suite: SuiteName;
  readonly title: string;
  readonly shape: Shape;
  readonly seed: string;
  /** About how long it takes on an idle machine, bring-up included: what the packing of runs goes by. */
  readonly expectedS: number;
  readonly steps: readonly Step[];
  readonly claims: readonly ClaimId[];
  /** The YAML file that it was read from, as it was named; absent for those of the suites. */
  readonly file?: string;
}

/** Every node's name in the order of a shape: managers, workers, spares. */
export function nodeNames(shape: Shape): readonly string[] {
  const count = shape.managers + shape.workers + (shape.spares ?? 0);
  return Array.from({ length: count }, (_, index) => `n${index + 1}`);
}

/**
 * A history: JSON lines, appended while things happen, the only thing the judge reads. Each line is one record; its number is its line.
 * Times are milliseconds since the run began, by a clock that never jumps.
 */
import type { Fault, NodeName, Proof } from './fault.ts';
import type { Scenario } from './scenario.ts';
import type { Labels, NodeAvailability, NodeRole, ServiceSpec } from './specs.ts';
import type { NodeState, UpdateState } from './objects.ts';
import type { TaskState } from './task-state.ts';

export const HISTORY_SCHEMA = 1;

/** What was played to: real Swarm, the twin on real engines, twin managers with real workers, real managers with twin workers, the twin simulated. */
export const SUBJECTS = ['swarm', 'twin', 'twin-managers', 'twin-agents', 'sim'] as const;
export type Subject = (typeof SUBJECTS)[number];

/** What a mixed swarm comes to where all nodes are managers. */
export const KIND_OF_MANAGERS: Readonly<Partial<Record<Subject, Subject>>> = {
  'twin-managers': 'twin',
  'twin-agents': 'swarm',
};

/** The cluster's own settings, read from it; every bound is computed from them. */
export interface SwarmSettings {
  readonly tickMs: number;
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  /** The dispatcher's heartbeat period. */
  readonly heartbeatMs: number;
  readonly taskHistoryLimit: number;
}

export interface HistoryNode {
  readonly name: NodeName;
  /** The role it starts with; a spare is in no swarm yet. */
  readonly role: NodeRole | 'spare';
  readonly address: string;
}

interface Placed {
  /** The line number in the file, from 1. */
  readonly n: number;
  readonly atMs: number;
}

export interface HeaderRecord extends Placed {
  readonly type: 'header';
  readonly schema: number;
  readonly scenario: Scenario;
  readonly subject: Subject;
  /** As the engine itself says (`GET /version`). */
  readonly engine: string;
  /** Kernel, cores, memory, cgroup version: what a reader needs to judge the times. */
  readonly host: Readonly<Record<string, string>>;
  readonly seed: string;
  readonly settings: SwarmSettings;
  readonly nodes: readonly HistoryNode[];
  /** Wall-clock time of `atMs` 0, milliseconds since 1970. */
  readonly startedAt: number;
}

export interface StepRecord extends Placed {
  readonly type: 'step';
  readonly step: number;
  readonly title: string;
}

/** How a step went: `late` is a wait whose bound passed, with what was still missing. */
export interface StepEndRecord extends Placed {
  readonly type: 'step-end';
  readonly step: number;
  readonly outcome: 'done' | 'late' | 'broken';
  readonly text: string;
}

/** A register is a service that several clients read and write at the same time: its label, its scale, or whether it is there. */
export type RegisterKind = 'label' | 'scale' | 'name';

/** What one of several clients asks of a register; the method and the path say whether it reads, writes, makes or removes. */
export interface ClientAsks {
  readonly client: number;
  /** The service's name. */
  readonly register: string;
  readonly of: RegisterKind;
  /** Of a write: the version that it names, and what it writes. */
  readonly version?: number;
  readonly value?: string;
}

/** What an answer told a client of a register: of a label or a scale its value by version, of a name the id under it. */
export type RegisterTold =
  { readonly version: number; readonly value: string } | { readonly id: string };

export interface InvokeRecord extends Placed {
  readonly type: 'invoke';
  readonly op: number;
  readonly step: number;
  readonly label: string;
  /** The node that the client talks to. */
  readonly node: NodeName;
  readonly method: string;
  readonly path: string;
  /** Whether it asks for a change. */
  readonly write: boolean;
  readonly body?: unknown;
  /** Only where it is one of several clients that asks. */
  readonly client?: ClientAsks;
}

/** `fail`: it certainly did not happen. `unknown`: it may have (a deadline, a broken connection, a leader lost in the middle). */
export interface CompleteRecord extends Placed {
  readonly type: 'complete';
  readonly op: number;
  readonly outcome: 'ok' | 'fail' | 'unknown';
  /** 0 when no HTTP answer came. */
  readonly status: number;
  /** The error's text, or '' when ok. */
  readonly text: string;
  readonly value?: unknown;
}

export interface FaultRecord extends Placed {
  readonly type: 'fault';
  readonly phase: 'begin' | 'bitten' | 'heal-begin' | 'healed';
  /** The name that the scenario gave it. */
  readonly name: string;
  readonly fault: Fault;
  readonly proof?: Proof;
}

/** What one manager answered to a read, or how it failed to: `hangs` is no answer within the recorder's patience. */
export interface ControlSeen {
  readonly what: 'control';
  readonly by: NodeName;
  readonly answer: 'ok' | 'error' | 'hangs' | 'refused' | 'broken';
  readonly status: number;
  readonly text: string;
}

export interface NodeSeen {
  readonly what: 'node';
  readonly by: NodeName;
  readonly id: string;
  readonly name: NodeName;
  readonly state: NodeState;
  readonly message: string;
  readonly availability: NodeAvailability;
  readonly role: NodeRole;
  /** '' for a worker. */
  readonly reachability: 'unknown' | 'unreachable' | 'reachable' | '';
  readonly leader: boolean;
  /** Its own and its engine's, where it has any. */
  readonly labels?: Labels;
  readonly engineLabels?: Labels;
}

export interface ServiceSeen {
  readonly what: 'service';
  readonly by: NodeName;
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly spec: ServiceSpec;
  readonly previousSpec?: ServiceSpec;
  readonly updateState: UpdateState | '';
  readonly updateMessage: string;
}

export interface TaskSeen {
  readonly what: 'task';
  readonly by: NodeName;
  readonly id: string;
  readonly service: string;
  /** 0 for a global service's task. */
  readonly slot: number;
  /** '' until the scheduler chose, or when the node's name is not known. */
  readonly node: NodeName;
  readonly desired: TaskState;
  readonly state: TaskState;
  readonly message: string;
  readonly err: string;
  /** The container's exit code, where the task has one. */
  readonly exitCode?: number;
  readonly container: string;
  readonly image: string;
  readonly env: readonly string[];
  /** CreatedAt and Status.Timestamp, on the run's clock. */
  readonly createdMs: number;
  readonly changedMs: number;
}

export interface GoneSeen {
  readonly what: 'gone';
  readonly by: NodeName;
  readonly kind: 'node' | 'service' | 'task';
  readonly id: string;
}

/** A container on an engine, by the plain container API of that engine. */
export interface ContainerSeen {
  readonly what: 'container';
  readonly node: NodeName;
  readonly id: string;
  readonly name: string;
  /** `gone` when the engine no longer lists it. */
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead' | 'gone';
  /** '' for a container that no task owns. */
  readonly task: string;
  readonly service: string;
}

/** Which files of a node hold the data of a secret: looked for on the machine itself, in file systems in memory and where engine and daemon keep theirs. */
export interface HeldSeen {
  readonly what: 'held';
  readonly node: NodeName;
  readonly name: string;
  /** How it was looked for. */
  readonly looked: string;
  readonly places: readonly { readonly path: string; readonly inMemory: boolean }[];
}

/** Where a node listens for others, and the far ports of its connections, `2377/tcp` say: by the machine's own tables. */
export interface PortsSeen {
  readonly what: 'ports';
  readonly node: NodeName;
  readonly looked: string;
  readonly listens: readonly string[];
  readonly connected: readonly string[];
}

/** Whether the engine of a node answers its plain container API: the state of the observation itself. */
export interface EngineSeen {
  readonly what: 'engine';
  readonly node: NodeName;
  readonly answers: boolean;
  readonly text: string;
}

/**
 * The manager whose view counts from now on, since no fault is on it and it answers: the recorder looks at it most often. What others
 * say is recorded too; an isolated leader keeps telling old news for a while.
 */
export interface EyeSeen {
  readonly what: 'eye';
  readonly by: NodeName;
}

/**
 * A second in which the machine under the lab was short of processor time: `pressure` is the share of it in which something that could run had to wait for a core
 * (Linux: /proc/pressure/cpu), 0 where the kernel does not count it; `lagMs` how late the recorder's own timer came.
 */
export interface StrainSeen {
  readonly what: 'strain';
  readonly pressure: number;
  readonly lagMs: number;
}

export type Observation =
  | StrainSeen
  | ControlSeen
  | NodeSeen
  | ServiceSeen
  | TaskSeen
  | GoneSeen
  | ContainerSeen
  | EngineSeen
  | HeldSeen
  | PortsSeen
  | EyeSeen;

export type ObserveRecord = Placed & { readonly type: 'observe' } & Observation;

export interface MarkRecord extends Placed {
  readonly type: 'mark';
  readonly name: string;
}

/** `aborted` says why the scenario could not be played to its end. A history without an end was cut off. */
export interface EndRecord extends Placed {
  readonly type: 'end';
  readonly outcome: 'complete' | 'aborted';
  readonly text: string;
}

export type HistoryRecord =
  | HeaderRecord
  | StepRecord
  | StepEndRecord
  | InvokeRecord
  | CompleteRecord
  | FaultRecord
  | ObserveRecord
  | MarkRecord
  | EndRecord;

/** The text of Swarm's answer when a manager has seen no leader for ten ticks (SwarmKit: raft errors). */
export const NO_LEADER_TEXT =
  "The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.";

/** The nodes that a fault is on. A partition is on every group but the largest (the first, among equals). */
export function nodesUnder(fault: Fault, all: readonly NodeName[]): readonly NodeName[] {
  if (fault.kind === 'links') return [...new Set(fault.links.map((link) => link.from))];
  if (fault.kind !== 'partition') return [fault.node];
  const named = new Set(fault.groups.flat());
  const groups = [...fault.groups, ...all.filter((name) => !named.has(name)).map((name) => [name])];
  const largest = groups.reduce((best, group) => (group.length > best.length ? group : best), []);
  return groups.filter((group) => group !== largest).flat();
}

/** The nodes that a fault keeps from working or from being heard; a wrong clock does neither. */
export const nodesHindered = (fault: Fault, all: readonly NodeName[]): readonly NodeName[] =>
  fault.kind === 'skew-clock' ? [] : nodesUnder(fault, all);

/** Whether the fault is over by itself: a container killed or removed has nothing to be healed. */
export const isInstant = (fault: Fault): boolean =>
  fault.kind === 'kill-container' || fault.kind === 'remove-container';

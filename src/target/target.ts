/**
 * What a scenario is played to: a cluster that can be called, watched, broken and mended. The scenario room knows nothing else of the
 * world; it awaits only this, and its clock is the target's.
 */
import type { Fault, NodeName, Proof } from '../model/fault.ts';
import type {
  HeldSeen,
  HistoryNode,
  Observation,
  PortsSeen,
  Subject,
  SwarmSettings,
} from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';

export interface ApiCall {
  /** The node whose Engine API is called. */
  readonly node: NodeName;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** The longest wait for an answer; 30 s unless given, since Swarm itself gives up after 20 s. */
  readonly deadlineMs?: number;
}

/** A call never rejects: no answer is an answer too. `sent` is false when the connection was refused, so nothing can have happened. */
export type ApiAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly value: unknown }
  | { readonly kind: 'no-answer'; readonly sent: boolean; readonly text: string };

export interface Target {
  readonly subject: Subject;
  /** As the running engine tells it. */
  readonly engine: string;
  readonly host: Readonly<Record<string, string>>;
  readonly settings: SwarmSettings;
  readonly nodes: readonly HistoryNode[];
  /** Wall-clock milliseconds since 1970 at `now() === 0`. */
  readonly startedAt: number;
  /** Milliseconds since the target was made, never jumping. */
  now(): number;
  /** Lets this much time pass. */
  advance(ms: number): Promise<void>;
  call(call: ApiCall): Promise<ApiAnswer>;
  /** Starts the observers; every change that any of them sees is handed over as it is seen. Called once. */
  watch(seen: (observation: Observation) => void): void;
  /** Resolves once a look at the swarm that began after this call has ended, whatever it saw. */
  look(): Promise<void>;
  /** Resolves once the fault is proved to have bitten. @throws SwarmtwinError `fault-not-bitten` */
  inject(name: string, fault: Fault): Promise<Proof>;
  /** Resolves once the heal is proved to have taken. @throws SwarmtwinError `heal-not-taken` */
  heal(name: string): Promise<Proof>;
  /** A spare enters the swarm. */
  join(node: NodeName, role: 'worker' | 'manager'): Promise<void>;
  /** Which files of the node hold this text: those in memory, and where engine and daemon keep theirs. */
  holding(node: NodeName, text: string): Promise<Pick<HeldSeen, 'looked' | 'places'>>;
  /** Where the node listens, and which ports it is connected to. @throws SwarmtwinError `bad-usage` where nodes have no ports */
  ports(node: NodeName): Promise<Pick<PortsSeen, 'looked' | 'listens' | 'connected'>>;
  /** Stops the observers and takes the cluster down; safe at any moment, and twice. */
  stop(): Promise<void>;
}

/** Brings up a cluster of the scenario's shape, ready to be played to. */
export type TargetMaker = (scenario: Scenario) => Promise<Target>;

/** An outage as a person wants to read it. Times are milliseconds from the moment when everything was up and the first thing was done. */
import type { NodeName } from './fault.ts';
import type { Subject } from './history.ts';

/** The mark that a player sets in the history when all is up. */
export const ZERO_MARK = 'all is up';

/** `bad` and `good` are for services and control; what was done on purpose is an `action`. */
export type OutageTone = 'action' | 'bad' | 'good' | 'plain';

export interface OutageEvent {
  readonly atMs: number;
  readonly tone: OutageTone;
  readonly text: string;
}

/** A stretch without control: no manager that no fault is on answered. Null: it did not come back. */
export interface ControlGap {
  readonly fromMs: number;
  readonly toMs: number | null;
}

export interface ServiceOutage {
  readonly service: string;
  /** Replicas as they were declared at the end; for a global service the nodes that it ran on at the beginning. */
  readonly declared: number;
  readonly isGlobal: boolean;
  /** The fewest slots that had a running container at one time. */
  readonly lowest: number;
  /** How long it ran below its replicas, in all and at a stretch. */
  readonly belowMs: number;
  readonly longestBelowMs: number;
  /** How long a slot had two running containers, both of which did their work. */
  readonly doubledMs: number;
  /** Tasks that took the place of others, on another node and on the same. */
  readonly moved: number;
  readonly restarted: number;
  /** Running slots at the end, by node. */
  readonly placement: readonly { readonly node: NodeName; readonly tasks: number }[];
}

export interface Outage {
  readonly subject: Subject;
  readonly managers: number;
  readonly workers: number;
  readonly seed: string;
  /** How long was played. */
  readonly endMs: number;
  readonly events: readonly OutageEvent[];
  readonly control: readonly ControlGap[];
  readonly services: readonly ServiceOutage[];
  /** The leader at the end, '' where there is none. */
  readonly leader: NodeName;
}

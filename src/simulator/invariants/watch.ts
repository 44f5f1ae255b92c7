/** The way in to the invariants: one watch beside one world, asked after every event and once more at rest. */
import type { ControlReply, ControlRequest } from '../../model/control.ts';
import type { World } from '../world.ts';
import { LeaderPerTerm } from './leader-per-term.ts';
import { Replicas } from './replicas.ts';

/** A rule was seen broken. `text` says what was seen, on which node, at which time, and which rule. */
export interface Violation {
  /** The rule's name, kebab-case, stable. */
  readonly invariant: string;
  /** Virtual time, counted from the beginning of the watch. */
  readonly atMs: number;
  readonly text: string;
}

/** A client's request, read or write, that was answered without an error. Times are `world.time.now`. */
export interface Acknowledged {
  readonly request: ControlRequest;
  readonly reply: ControlReply;
  /** The machine whose API was asked. */
  readonly machine: string;
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
}

/** What whoever played the run knows, and the swarm has to agree with once it is at rest. */
export interface Expected {
  /** Machines whose node must be listed: init or join was answered, and no removal was asked for. */
  readonly nodes: readonly string[];
  /** Machines whose node may be listed or not: a join, leave or removal had no clear answer. */
  readonly unsureNodes?: readonly string[];
  /** Services (by name) that need not be complete, with the reason: an image that fails, say. */
  readonly unsettledServices?: Readonly<Record<string, string>>;
}

export interface WatchOptions {
  /** Stops looking after so many violations; one is enough to fail a run. Default 20. */
  readonly limit?: number;
}

export interface InvariantWatch {
  /** After every event; looks only at what changed since. */
  check(): void;
  /** A client was answered without an error. */
  acknowledged(op: Acknowledged): void;
  /** After the healed, quiet time, with every machine that is to live up again. */
  atRest(expected: Expected): void;
  readonly violations: readonly Violation[];
}

/** How a family of invariants says what it saw. */
export type Report = (invariant: string, text: string) => void;

/** Begins watching a world; machines that come later are seen too. */
export function watchInvariants(world: World, options: WatchOptions = {}): InvariantWatch {
  const violations: Violation[] = [];
  const beginMs = world.time.now;
  const limit = options.limit ?? 20;
  const report: Report = (invariant, text) => {
    if (violations.length >= limit) return;
    const atMs = world.time.now - beginMs;
    violations.push({ invariant, atMs, text: `at ${atMs} ms: ${text} (rule: ${invariant})` });
  };
  const leaders = new LeaderPerTerm(report);
  const replicas = new Replicas(world, {
    status: (replica, status) => {
      leaders.status(replica, status);
    },
  });
  return {
    check: () => {
      if (violations.length < limit) replicas.look();
    },
    acknowledged: () => undefined,
    atRest: () => {
      replicas.look();
    },
    violations,
  };
}

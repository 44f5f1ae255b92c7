/** The way in to the invariants: one watch beside one world, asked after every event and once more at rest. */
import type { ControlReply, ControlRequest } from '../../model/control.ts';
import type { World } from '../world.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { AtRest } from './at-rest.ts';
import { Commits } from './commits.ts';
import { DurableLogs } from './durable-logs.ts';
import { Elections } from './elections.ts';
import { Ledger } from './ledger.ts';
import { MemberIds } from './member-ids.ts';
import { Moves } from './moves.ts';
import { Placement } from './placement.ts';
import { Reasons } from './reasons.ts';
import { Replicas } from './replicas.ts';
import { Reports } from './reports.ts';
import { Restarts } from './restarts.ts';
import { Rollouts } from './rollouts.ts';
import { Slots } from './slots.ts';
import { Specs } from './specs.ts';
import { TaskSteps } from './task-steps.ts';

/** A rule was seen broken. `text` says what was seen, on which node, at which time, and which rule. */
export interface Violation {
  /** The rule's name, kebab-case, stable; all are in `rules.ts`. */
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
  /** How many nodes may be listed that nobody came as: requests to join whose answers were lost, and that were then made again. */
  readonly strayNodes?: number;
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

/** Begins watching a world, before its swarm is founded; machines that come later are seen too. */
export function watchInvariants(world: World, options: WatchOptions = {}): InvariantWatch {
  return new Watch(world, options.limit ?? 20);
}

class Watch implements InvariantWatch {
  readonly violations: Violation[] = [];
  readonly #world: World;
  readonly #beginMs: number;
  readonly #limit: number;
  readonly #replicas: Replicas;
  readonly #acknowledgements: Acknowledgements;
  readonly #reasons: Reasons;
  readonly #atRest: AtRest;

  constructor(world: World, limit: number) {
    this.#world = world;
    this.#beginMs = world.time.now;
    this.#limit = limit;
    const report = this.#report;
    const logs = new DurableLogs(report);
    const ledger = new Ledger(world, report);
    const elections = new Elections(world, report);
    const memberIds = new MemberIds(report);
    const commits = new Commits(report, logs, (committed) => {
      memberIds.committed(committed);
      ledger.committed(committed);
    });
    for (const Family of [TaskSteps, Reports, Slots, Restarts, Moves, Placement, Specs, Rollouts])
      ledger.add(new Family(ledger.sight));
    this.#reasons = new Reasons(ledger.sight);
    ledger.add(this.#reasons);
    this.#replicas = new Replicas(world, {
      disk: (disk) => {
        logs.disk(disk);
        elections.disk(disk);
      },
      status: (replica, status, before) => {
        elections.status(replica, status, before);
        commits.status(replica, status, before);
      },
      ended: (status) => {
        elections.ended(status);
      },
    });
    this.#acknowledgements = new Acknowledgements(ledger.sight, elections);
    ledger.add(this.#acknowledgements);
    this.#atRest = new AtRest(world, ledger);
    ledger.add(this.#atRest);
  }

  check(): void {
    if (this.violations.length >= this.#limit) return;
    this.#replicas.look();
    this.#acknowledgements.judge();
  }

  // The answer comes in the midst of an event, before the manager's new standing can be seen; it is judged after it.
  acknowledged(op: Acknowledged): void {
    this.#acknowledgements.note(op);
  }

  atRest(expected: Expected): void {
    this.check();
    this.#acknowledgements.judge(true);
    this.#atRest.judge(expected);
    this.#reasons.atRest();
  }

  readonly #report = (invariant: string, text: string): void => {
    if (this.violations.length >= this.#limit) return;
    const atMs = this.#world.time.now - this.#beginMs;
    this.violations.push({
      invariant,
      atMs,
      text: `at ${atMs} ms: ${text} (rule: ${invariant})`,
    });
  };
}

/** Plays one plan on a simulated swarm: faults on and safety watched after every event, then all healed and everything owed. */
import { messageOf } from '../../model/errors.ts';
import { DEFAULT_SWARM_SPEC, type SwarmSpec } from '../../model/specs.ts';
import { NANOSECONDS_PER_MS } from '../../model/time.ts';
import { watchInvariants, type InvariantWatch, type Violation } from '../invariants/watch.ts';
import { World } from '../world.ts';
import { CirclingUpdates } from './circling-updates.ts';
import { Client } from './client.ts';
import { convergenceBound, hasQuorum, leaderStore, missing, quietMs } from './convergence.ts';
import { CountedSlots } from './counted-slots.ts';
import { Coverage, withoutNames, type Counts } from './coverage.ts';
import { faultKeys } from './fault-words.ts';
import { ForgottenTasks } from './forgotten-tasks.ts';
import { HeldUpdates } from './held-updates.ts';
import { LostRestarts } from './lost-restarts.ts';
import { LostTouch } from './lost-touch.ts';
import { Nemesis } from './nemesis.ts';
import type { Plan, PlannedFault, PlannedOperation } from './plan.ts';
import { unsettled, type Unowed } from './service-debt.ts';
import { Sightings, type Tell } from './sightings.ts';
import { UnbegunUpdates } from './unbegun-updates.ts';

/** How a run ended. Without a quorum that could ever come back nobody owes anything. */
export type End = 'converged' | 'quorum lost for good' | 'violation' | 'stopped';

export interface RunResult {
  readonly plan: Plan;
  readonly end: End;
  /** The first one; null where none was seen. */
  readonly violation: Violation | null;
  readonly events: number;
  readonly virtualMs: number;
  readonly coverage: Counts;
}

export interface PlayOptions {
  /** Told of every transition. */
  readonly tell?: Tell;
  /** Tells of each step of each manager's log too. */
  readonly isDetailed?: boolean;
  /** Virtual time, from the beginning of the run, to stop at. */
  readonly untilMs?: number;
}

/** A violation that the invariants have no name for: the twin threw. */
export const THROWN = 'nothing-is-thrown';
export const CONVERGES = 'converges';
export const ENDS = 'time-goes-on';

const STEP_MS = 500;
/** Far beyond any run that was seen; more means that something asks itself again and again without time going on. */
const MOST_EVENTS = 5_000_000;
/** How much is still played of the step in which a rule was broken; what is broken may go round for ever. */
const LAST_EVENTS = 50_000;

/** Plays the plan to its end, or to the first violation. Never throws for what the twin does. */
export function playPlan(plan: Plan, options: PlayOptions = {}): RunResult {
  return new Run(plan, options).play();
}

class Run {
  readonly #plan: Plan;
  readonly #world: World;
  readonly #untilMs: number;
  readonly #watch: InvariantWatch;
  readonly #coverage = new Coverage();
  readonly #sightings: Sightings;
  readonly #client: Client;
  readonly #nemesis: Nemesis;
  readonly #unowed: Unowed;
  readonly #beginMs: number;
  #events = 0;
  #most = MOST_EVENTS;
  #own: Violation | null = null;

  constructor(plan: Plan, { tell, untilMs, isDetailed }: PlayOptions) {
    this.#plan = plan;
    this.#world = new World(plan.dice);
    this.#untilMs = untilMs ?? Infinity;
    this.#watch = watchInvariants(this.#world, { limit: 1 });
    this.#unowed = {
      held: new HeldUpdates(this.#world),
      forgotten: new ForgottenTasks(this.#world),
      unbegun: new UnbegunUpdates(this.#world),
      lostTouch: new LostTouch(this.#world, plan.swarm.heartbeatMs),
      counted: new CountedSlots(this.#world),
      circling: new CirclingUpdates(this.#world),
      lostRestarts: new LostRestarts(this.#world),
    };
    this.#sightings = new Sightings(this.#world, this.#coverage, tell ?? null, isDetailed);
    this.#beginMs = this.#world.time.now;
    this.#nemesis = new Nemesis(this.#world, (machine, what) => {
      this.#sightings.say(machine, what);
    });
    this.#client = this.#newClient();
  }

  play(): RunResult {
    let end: End;
    try {
      end = this.#phases();
    } catch (caught) {
      this.#own ??= this.#violation(THROWN, describeThrown(caught));
      end = 'violation';
    }
    const violation = this.#seen();
    if (violation !== null) end = 'violation';
    if (violation !== null) this.#sightings.say('', `VIOLATION ${violation.text}`);
    this.#coverage.count('end', end);
    return {
      ...{ plan: this.#plan, end, violation, events: this.#events },
      ...{ virtualMs: this.#nowMs(), coverage: this.#coverage.counts() },
    };
  }

  #phases(): End {
    const { time } = this.#world;
    time.onEvent(() => {
      this.#afterEvent();
    });
    this.#found();
    for (const operation of this.#plan.operations) this.#schedule(operation);
    for (const fault of this.#plan.faults) this.#scheduleFault(fault);
    this.#advance(this.#plan.faultsMs);
    if (this.#isOver()) return 'stopped';
    this.#sightings.say('nemesis', 'all is healed, nobody asks for anything any more');
    this.#nemesis.healAll();
    return this.#converge();
  }

  #found(): void {
    const { managers, workers, swarm } = this.#plan;
    const [founder = 'm1', ...others] = managers;
    this.#world.init(founder, swarmSpec(swarm));
    for (const name of others) this.#world.join(name, 'manager');
    for (const name of workers) this.#world.join(name, 'worker');
  }

  #schedule(operation: PlannedOperation): void {
    this.#world.time.after(operation.atMs, () => {
      this.#client.play(operation);
    });
  }

  #scheduleFault(fault: PlannedFault): void {
    const { time } = this.#world;
    time.after(fault.atMs, () => {
      const heal = this.#nemesis.inject(fault);
      for (const key of faultKeys(fault))
        this.#coverage.count('fault', heal === null ? `${key} (nothing to hit)` : key);
      if (heal !== null) time.after(Math.min(fault.forMs, this.#plan.faultsMs - fault.atMs), heal);
    });
  }

  #converge(): End {
    const bound = convergenceBound(this.#plan, leaderStore(this.#world));
    const quiet = quietMs(this.#plan);
    const healedMs = this.#nowMs();
    let sinceMs = Infinity;
    for (;;) {
      this.#advance(STEP_MS);
      if (this.#isOver()) return 'stopped';
      const now = this.#nowMs();
      const lack = missing(this.#world, this.#expected().nodes, this.#unowed);
      if (lack !== '') sinceMs = Infinity;
      else if (sinceMs === Infinity) sinceMs = now;
      if (now - sinceMs >= quiet) return this.#rest();
      if (now - healedMs < bound.ms + quiet) continue;
      if (!hasQuorum(this.#world, this.#expected().nodes)) return 'quorum lost for good';
      const text = `${lack || 'it does not stay at rest'}, ${now - healedMs} ms after all was healed; allowed are ${bound.formula}`;
      this.#own = this.#violation(CONVERGES, text);
      return 'violation';
    }
  }

  /** A machine whose disk has rotted may be listed or not, and need not come back. */
  #expected(): ReturnType<Client['expected']> {
    const { nodes, unsureNodes, strayNodes } = this.#client.expected();
    const ruined = nodes.filter((name) => this.#nemesis.isRuined(name));
    return {
      nodes: nodes.filter((name) => !ruined.includes(name)),
      unsureNodes: [...unsureNodes, ...ruined],
      strayNodes,
    };
  }

  #rest(): End {
    const store = leaderStore(this.#world);
    const unsettledServices = store === null ? {} : unsettled(store, this.#unowed);
    this.#watch.atRest({ ...this.#expected(), unsettledServices });
    return 'converged';
  }

  /** In small steps, so that a violation ends the run soon. */
  #advance(ms: number): void {
    const { time } = this.#world;
    const end = time.now + ms;
    while (time.now < end && !this.#isOver()) {
      const left = Math.min(end - time.now, this.#beginMs + this.#untilMs - time.now);
      time.advance(Math.min(STEP_MS, left));
      this.#unowed.lostTouch.note();
    }
  }

  #isOver(): boolean {
    return this.#seen() !== null || this.#nowMs() >= this.#untilMs;
  }

  #seen(): Violation | null {
    return this.#watch.violations[0] ?? this.#own;
  }

  #afterEvent(): void {
    this.#events += 1;
    if (this.#events > this.#most) {
      this.#own = this.#violation(ENDS, `${this.#events} events and no end`);
      throw new Error(this.#own.text);
    }
    this.#sightings.look();
    this.#unowed.held.look();
    this.#unowed.forgotten.look();
    this.#unowed.unbegun.look();
    this.#unowed.lostTouch.look();
    this.#unowed.counted.look();
    this.#unowed.circling.look();
    this.#unowed.lostRestarts.look();
    this.#watch.check();
    if (this.#watch.violations.length > 0)
      this.#most = Math.min(this.#most, this.#events + LAST_EVENTS);
  }

  #nowMs(): number {
    return this.#world.time.now - this.#beginMs;
  }

  #violation(invariant: string, text: string): Violation {
    const atMs = this.#nowMs();
    return { invariant, atMs, text: `at ${atMs} ms: ${text} (rule: ${invariant})` };
  }

  #newClient(): Client {
    const { managers, workers } = this.#plan;
    return new Client(this.#world, [...managers, ...workers], {
      asked: (operation, machine) => {
        this.#sightings.say(
          'client',
          `${describeOperation(operation)} through ${machine || 'nobody'}`,
        );
      },
      ended: (operation, outcome, text) => {
        this.#coverage.count('operation', `${operation.do}: ${outcome}`);
        if (text !== '') this.#coverage.count('error text', withoutNames(text));
        const said = text === '' ? outcome : `${outcome}, ${text}`;
        this.#sightings.say('client', `${describeOperation(operation)}: ${said}`);
      },
      acknowledged: (op) => {
        this.#watch.acknowledged(op);
      },
    });
  }
}

/** One line about an operation. */
export function describeOperation(operation: PlannedOperation): string {
  const words = Object.entries(operation)
    .filter(([key]) => !['atMs', 'through', 'do'].includes(key))
    .map(([key, value]: [string, unknown]) => {
      if (typeof value === 'string') return value;
      return typeof value === 'object' ? `${key} ${JSON.stringify(value)}` : JSON.stringify(value);
    });
  return [operation.do, ...words].join(' ');
}

function swarmSpec(swarm: Plan['swarm']): SwarmSpec {
  const { Raft } = DEFAULT_SWARM_SPEC;
  return {
    ...DEFAULT_SWARM_SPEC,
    Orchestration: { TaskHistoryRetentionLimit: swarm.historyLimit },
    Raft: {
      ...Raft,
      SnapshotInterval: swarm.snapshotInterval,
      LogEntriesForSlowFollowers: swarm.keepEntries,
    },
    Dispatcher: { HeartbeatPeriod: swarm.heartbeatMs * NANOSECONDS_PER_MS },
  };
}

function describeThrown(caught: unknown): string {
  const stack = caught instanceof Error ? (caught.stack ?? '') : '';
  const places = stack.split('\n').filter((line) => line.includes('/src/'));
  const [place = ''] = places;
  return `${messageOf(caught)} ${place.trim().replace(/\(?file:.*\/src\//, '(src/')}`.trim();
}

/**
 * Outages drawn from a seed that both a simulated swarm and one in the lab can play: three managers, a few workers, a small stack, one or two
 * faults, some operations. Smaller than what the explorer draws, since each is played in real time; what is drawn is long enough for what
 * it causes to be over, so that two good runs end alike.
 */
import type {
  FaultDraft,
  NodeRef,
  Scenario,
  ServiceDraft,
  Step,
  SuiteName,
  UpdateDraft,
} from '../../model/scenario.ts';
import { Dice } from '../explore/dice.ts';

const MANAGERS = 3;
const MOST_WORKERS = 3;
const MOST_REPLICAS = 6;
/** Of a drawn wait; what is late on one side only is a miss. */
const START_S = 60;
const ELECTION_S = 80;
const DOWN_S = 90;
const SETTLE_S = 120;
const QUIET_S = 10;
const BRING_UP_S = 30;

/** What is broken: one node, two managers and so the quorum, or one container. */
const BREAKS = { node: 6, blip: 2, quorum: 2, container: 2 } as const;
const NODE_KINDS = { kill: 4, stop: 3, pause: 2, unplug: 1, isolate: 3 } as const;
/** Of faults that may be over before anybody is believed dead. */
const BLIP_KINDS = { pause: 1, unplug: 1, isolate: 1 } as const;

/** The scenario of a seed: always the same. `name` is a scenario's, in kebab-case. */
export function drawScenario(seed: string, name: string): Scenario {
  const drawing = new Drawing(new Dice(`fidelity/${seed}`));
  const { steps, title, suite, workers } = drawing.draw();
  return {
    ...{ name, suite, title, seed, steps, claims: [] },
    shape: { managers: MANAGERS, workers },
    expectedS: BRING_UP_S + Math.ceil(steps.reduce((sum, step) => sum + lengthS(step), 0)),
  };
}

/** About how long waits take; others end in seconds. */
const WAITS_S: Readonly<Record<string, number>> = {
  ...{ 'node-state': 25, leader: 12, 'no-leader': 25, healthy: 12 },
};

function lengthS(step: Step): number {
  if (step.do === 'hold') return step.seconds;
  return step.do === 'wait' ? (WAITS_S[step.until] ?? 5) : 1;
}

interface Drawn {
  readonly steps: readonly Step[];
  readonly title: string;
  readonly suite: SuiteName;
  readonly workers: number;
}

class Drawing {
  readonly #dice: Dice;
  readonly #workers: number;
  readonly #services: ServiceDraft[] = [];
  readonly #steps: Step[] = [];
  readonly #told: string[] = [];
  #suite: SuiteName = 'slot-refill';
  #faults = 0;
  #drained = false;

  constructor(dice: Dice) {
    this.#dice = dice;
    this.#workers = dice.from(0, MOST_WORKERS);
  }

  draw(): Drawn {
    const dice = this.#dice;
    const count = dice.chance(0.6) ? 1 : 2;
    for (let n = 0; n < count; n += 1) this.#create();
    this.#run();
    this.#hold(3, 'everything at rest');
    const breaks = dice.chance(0.65) ? 1 : 2;
    for (let n = 0; n < breaks; n += 1) {
      if (dice.chance(0.4)) this.#operation();
      this.#break();
    }
    if (this.#drained) this.#activate();
    this.#step({ do: 'wait', until: 'healthy', withinS: SETTLE_S });
    this.#settle();
    this.#hold(QUIET_S, 'nothing more may change');
    const [steps, title] = [this.#steps, `drawn: ${this.#told.join(', then ')}`];
    return { steps, title, suite: this.#suite, workers: this.#workers };
  }

  #step(step: Step): void {
    this.#steps.push(step);
  }

  #hold(seconds: number, why: string): void {
    this.#step({ do: 'hold', seconds, why });
  }

  #run(): void {
    for (const { service } of this.#services)
      this.#step({ do: 'wait', until: 'running', service, withinS: START_S });
  }

  #create(): void {
    const dice = this.#dice;
    const service: ServiceDraft = {
      service: `s${this.#services.length + 1}`,
      image: dice.weighted({ v1: 6, http: 1, 'ignore-term': 1 }),
      ...this.#extent(),
      ...(dice.chance(0.3) ? { restart: { condition: 'any', delayS: dice.one([1, 3, 8]) } } : {}),
      update: this.#update(),
    };
    this.#services.push(service);
    this.#step({ do: 'create', ...service });
  }

  /**
   * Mostly as many replicas as nodes, or twice that: then no tie decides how many tasks a node loses. A wait for a global service counts all nodes,
   * so that one is bound to no role.
   */
  #extent(): Pick<ServiceDraft, 'replicas' | 'global' | 'constraints'> {
    const dice = this.#dice;
    if (dice.chance(0.2)) return { global: true };
    const isBound = this.#workers > 1 && dice.chance(0.25);
    const nodes = isBound ? this.#workers : MANAGERS + this.#workers;
    const most = Math.ceil(MOST_REPLICAS / nodes);
    return {
      replicas: dice.chance(0.75) ? nodes * dice.from(1, most) : dice.from(1, MOST_REPLICAS),
      ...(isBound ? { constraints: ['node.role==worker'] } : {}),
    };
  }

  #update(): UpdateDraft {
    const dice = this.#dice;
    return {
      parallelism: dice.from(1, 3),
      delayS: dice.one([0, 1, 3]),
      failureAction: dice.weighted({ pause: 1, rollback: 2 }),
      monitorS: 5,
      order: dice.weighted({ 'stop-first': 2, 'start-first': 1 }),
    };
  }

  #break(): void {
    const kind = this.#dice.weighted(BREAKS);
    switch (kind) {
      case 'node':
        this.#loseNode();
        return;
      case 'blip':
        this.#blip();
        return;
      case 'quorum':
        this.#loseQuorum();
        return;
      case 'container':
        this.#killContainer();
    }
  }

  /** `leader`, `follower`, `worker`: by what a node is, since its name is chance after an election. */
  #node(): NodeRef {
    const weights = { leader: 4, follower: 2, worker: this.#workers === 0 ? 0 : 3 };
    return this.#dice.weighted(weights);
  }

  #fault(kind: keyof typeof NODE_KINDS, node: NodeRef): string {
    this.#faults += 1;
    const as = `fault-${this.#faults}`;
    const fault: FaultDraft =
      kind === 'isolate'
        ? { kind: 'partition', groups: [['rest'], [node]], plane: 'control' }
        : { kind, node };
    this.#step({ do: 'inject', as, fault });
    return as;
  }

  #loseNode(): void {
    const dice = this.#dice;
    const node = this.#node();
    const kind = dice.weighted(NODE_KINDS);
    this.#told.push(`${kind} ${node}`);
    const as = this.#fault(kind, node);
    if (node === 'leader') {
      this.#suite = 'quorum-loss';
      this.#step({ do: 'wait', until: 'leader', withinS: ELECTION_S });
    }
    this.#step({ do: 'wait', until: 'node-state', node: `@${as}`, state: 'down', withinS: DOWN_S });
    this.#run();
    if (dice.chance(0.4)) this.#operation();
    this.#hold(dice.from(2, 8), 'the node stays away');
    this.#heal(as);
  }

  /** Until what it caused is over: a stale task that is still being stopped when the next thing breaks ends as chance has it. */
  #heal(as: string): void {
    this.#step({ do: 'heal', fault: as });
    this.#step({ do: 'wait', until: 'healthy', withinS: SETTLE_S });
    this.#settle();
  }

  #settle(): void {
    for (const { service } of this.#services)
      this.#step({ do: 'wait', until: 'settled', service, withinS: SETTLE_S });
  }

  #blip(): void {
    const dice = this.#dice;
    const node = this.#node();
    const kind = dice.weighted(BLIP_KINDS);
    this.#told.push(`${kind} ${node} for a moment`);
    const as = this.#fault(kind, node);
    this.#hold(dice.from(1, 4), 'too short for anybody to be given up');
    this.#heal(as);
    // A session that broke is made again within its back-off; until then a node is nearer to Down than it looks.
    this.#hold(12, 'sessions that broke are made again');
  }

  /** Two of three managers, one after the other; the third is asked for something, and refuses. */
  #loseQuorum(): void {
    const dice = this.#dice;
    this.#suite = 'quorum-loss';
    const withLeader = dice.chance(0.5);
    const kind = dice.weighted({ kill: 2, stop: 1 });
    this.#told.push(`${kind} ${withLeader ? 'the leader and a follower' : 'both followers'}`);
    const [first, second, third] = withLeader
      ? (['leader', 'follower', 'follower-2'] as const)
      : (['follower', 'follower-2', 'leader'] as const);
    // Names first: what a node is may change as soon as one is gone.
    const survivor = `left-${this.#faults + 1}`;
    this.#step({ do: 'name', as: survivor, node: third });
    this.#step({ do: 'name', as: `${survivor}-other`, node: second });
    const one = this.#fault(kind, first);
    const two = this.#fault(kind, `@${survivor}-other`);
    this.#step({ do: 'wait', until: 'no-leader', node: `@${survivor}`, withinS: ELECTION_S });
    const service = this.#services[0]?.service ?? '';
    this.#step({ do: 'inspect', service, through: `@${survivor}`, label: `ask ${survivor}` });
    this.#hold(dice.from(2, 6), 'nobody decides anything');
    this.#step({ do: 'heal', fault: two });
    this.#step({ do: 'wait', until: 'leader', withinS: SETTLE_S });
    this.#heal(one);
  }

  #killContainer(): void {
    const replicated = this.#services.find(({ global }) => global !== true);
    if (replicated === undefined) {
      this.#blip();
      return;
    }
    const { service } = replicated;
    this.#faults += 1;
    this.#told.push(`kill a container of ${service}`);
    const fault: FaultDraft = { kind: 'kill-container', service };
    this.#step({ do: 'inject', as: `fault-${this.#faults}`, fault });
    this.#hold(2, 'its agent tells');
    this.#step({ do: 'wait', until: 'running', service, withinS: START_S });
    this.#hold(3, 'it stays up');
  }

  #operation(): void {
    const dice = this.#dice;
    const draft = dice.one(this.#services);
    const drain = this.#canDrain() ? 4 : 0;
    const kind = dice.weighted({ image: 3, scale: 2, failing: 2, force: 1, create: 1, drain });
    switch (kind) {
      case 'image':
        this.#renew(draft, { image: 'v2' }, `update ${draft.service}`);
        return;
      case 'force':
        this.#renew(draft, { force: true }, `force an update of ${draft.service}`);
        return;
      case 'scale':
        this.#scale(draft);
        return;
      case 'failing':
        this.#fail(draft);
        return;
      case 'drain':
        this.#drain();
        return;
      case 'create':
        this.#told.push('create another service');
        this.#create();
        this.#run();
    }
  }

  #renew(
    { service }: ServiceDraft,
    change: { readonly image: 'v2' } | { readonly force: true },
    told: string,
  ): void {
    this.#told.push(told);
    this.#suite = 'rollback';
    this.#step({ do: 'update', service, ...change });
    this.#step({ do: 'wait', until: 'renewed', service, withinS: SETTLE_S });
    this.#step({
      ...{ do: 'wait', until: 'update-state', service },
      ...{ state: 'completed', withinS: SETTLE_S },
    });
  }

  #scale(draft: ServiceDraft): void {
    const { service, replicas } = draft;
    if (replicas === undefined) {
      this.#renew(draft, { force: true }, `force an update of ${service}`);
      return;
    }
    const others = Array.from({ length: MOST_REPLICAS + 2 }, (_, index) => index + 1);
    const next = this.#dice.one(others.filter((count) => count !== replicas));
    this.#told.push(`scale ${service} from ${replicas} to ${next}`);
    this.#services[this.#services.indexOf(draft)] = { ...draft, replicas: next };
    this.#step({ do: 'update', service, replicas: next });
    this.#step({ do: 'wait', until: 'running', service, withinS: START_S });
  }

  /** A version that ends at once: the update is paused or rolled back. */
  #fail(draft: ServiceDraft): void {
    const { service, update } = draft;
    const rolls = update?.failureAction === 'rollback';
    this.#told.push(`update ${service} to a version that fails`);
    this.#suite = 'rollback';
    this.#step({ do: 'update', service, image: 'exit1' });
    const state = rolls ? 'rollback_completed' : 'paused';
    this.#step({ do: 'wait', until: 'update-state', service, state, withinS: SETTLE_S });
    // What was paused goes on failing and restarting until somebody decides.
    if (!rolls) this.#renew(draft, { image: 'v2' }, `update ${service} to one that works`);
    else this.#step({ do: 'wait', until: 'running', service, withinS: SETTLE_S });
  }

  /** One worker may be lost as well, and tasks that are bound to workers need one. */
  #canDrain(): boolean {
    const isBound = this.#services.some(({ constraints }) => constraints !== undefined);
    return !this.#drained && this.#workers >= (isBound ? 3 : 2);
  }

  #drain(): void {
    this.#drained = true;
    this.#suite = 'drain';
    this.#told.push('drain a worker');
    this.#step({ do: 'name', as: 'drained', node: 'worker-2' });
    this.#step({ do: 'set-node', node: '@drained', availability: 'drain' });
    this.#run();
  }

  #activate(): void {
    this.#told.push('activate it');
    this.#step({ do: 'set-node', node: '@drained', availability: 'active' });
    this.#run();
  }
}

/** What clients ask for: a stack at the beginning, and changes to it and to the nodes while faults are on. */
import {
  WORKLOADS,
  type RestartDraft,
  type UpdateDraft,
  type Workload,
} from '../../model/scenario.ts';
import type { Dice } from './dice.ts';
import type { Operation, PlannedOperation, ServiceChangePlan, ServicePlan } from './plan.ts';

/** The swarm that operations and faults are drawn for. */
export interface StagePlan {
  readonly managers: readonly string[];
  readonly workers: readonly string[];
  readonly faultsMs: number;
}

const IMAGES: Readonly<Record<Workload, number>> = {
  v1: 8,
  v2: 4,
  http: 1,
  exit1: 0.7,
  'exit0-later': 0.7,
  unhealthy: 0.5,
  'ignore-term': 1,
};

const KINDS: Readonly<Record<Operation['do'], number>> = {
  create: 1,
  update: 6,
  scale: 4,
  rollback: 2,
  remove: 1,
  availability: 5,
  promote: 2,
  demote: 2,
  'remove-node': 1.5,
  join: 1.5,
  leave: 1,
};

export function drawOperations(dice: Dice, stage: StagePlan): readonly PlannedOperation[] {
  const drawing = new Drawing(dice, stage);
  const stack = Array.from({ length: dice.chance(0.75) ? dice.from(1, 2) : dice.from(3, 5) }, () =>
    drawing.create(dice.moment(0, 2000)),
  );
  const count = dice.chance(0.15) ? 0 : dice.from(1, 2 + Math.ceil(stage.faultsMs / 15_000));
  const later = Array.from({ length: count }, () => dice.moment(6000, stage.faultsMs))
    .sort((a, b) => a - b)
    .map((atMs) => drawing.operation(atMs));
  return [...stack, ...later].sort((a, b) => a.atMs - b.atMs);
}

class Drawing {
  readonly #dice: Dice;
  readonly #stage: StagePlan;
  readonly #services: ServicePlan[] = [];
  readonly #nodes: string[];
  #spares = 0;

  constructor(dice: Dice, stage: StagePlan) {
    this.#dice = dice;
    this.#stage = stage;
    this.#nodes = [...stage.managers, ...stage.workers];
  }

  create(atMs: number): PlannedOperation {
    const service = this.#service(`s${this.#services.length + 1}`);
    this.#services.push(service);
    return { atMs, through: this.#through(), do: 'create', service };
  }

  operation(atMs: number): PlannedOperation {
    const kind = this.#dice.weighted(KINDS);
    return kind === 'create'
      ? this.create(atMs)
      : { atMs, through: this.#through(), ...this.#operation(kind) };
  }

  #operation(kind: Exclude<Operation['do'], 'create'>): Operation {
    const dice = this.#dice;
    const service = dice.one(this.#services).service;
    const node = dice.one(this.#nodes);
    switch (kind) {
      case 'update':
        return { do: kind, service, change: this.#change() };
      case 'scale':
        return { do: kind, service, replicas: this.#replicas() };
      case 'rollback':
      case 'remove':
        return { do: kind, service };
      case 'availability':
        return {
          do: kind,
          node,
          availability: dice.weighted({ drain: 3, pause: 1.5, active: 3 }),
        };
      case 'promote':
      case 'demote':
        return { do: kind, node };
      case 'remove-node':
        return { do: kind, node, force: dice.chance(0.5) };
      case 'leave':
        // A manager that leaves by force is a lost member; that one more or less is what quorum is about, so it is rare.
        return { do: kind, node: dice.chance(0.15) ? node : this.#worker(node) };
      case 'join':
        return { do: kind, node: this.#spare(), role: dice.weighted({ worker: 2, manager: 1 }) };
    }
  }

  #worker(otherwise: string): string {
    const { workers } = this.#stage;
    return workers.length === 0 ? otherwise : this.#dice.one(workers);
  }

  #spare(): string {
    this.#spares += 1;
    const name = `x${this.#spares}`;
    this.#nodes.push(name);
    return name;
  }

  #through(): string {
    const choice = this.#dice.weighted({ any: 5, leader: 3, one: 2 });
    return choice === 'one' ? this.#dice.one(this.#stage.managers) : choice;
  }

  #service(name: string): ServicePlan {
    const dice = this.#dice;
    const isGlobal = dice.chance(0.2);
    return {
      service: name,
      image: dice.weighted(IMAGES),
      ...(isGlobal ? { global: true } : { replicas: this.#replicas() }),
      ...(dice.chance(0.2) ? { constraints: this.#constraints() } : {}),
      ...(dice.chance(0.6) ? { restart: drawRestart(dice) } : {}),
      ...(dice.chance(0.7) ? { update: drawUpdate(dice) } : {}),
      ...(dice.chance(0.3) ? { rollback: drawUpdate(dice) } : {}),
      ...(!isGlobal && dice.chance(0.08) ? { maxReplicas: dice.from(1, 3) } : {}),
      ...(dice.chance(0.1) ? { stopGraceS: dice.from(1, 15) } : {}),
    };
  }

  #replicas(): number {
    const dice = this.#dice;
    return dice.chance(0.1) ? dice.from(0, 24) : dice.from(1, 6);
  }

  #constraints(): readonly string[] {
    const dice = this.#dice;
    return [
      dice.one([
        'node.role==worker',
        'node.role==manager',
        `node.hostname!=${dice.one(this.#nodes)}`,
        `node.hostname==${dice.one(this.#nodes)}`,
        'node.labels.zone==nowhere',
      ]),
    ];
  }

  #change(): ServiceChangePlan {
    const dice = this.#dice;
    const what = dice.weighted({ image: 6, env: 2, force: 2, constraints: 1, both: 1 });
    return {
      ...(what === 'image' || what === 'both' ? { image: drawImage(dice) } : {}),
      ...(what === 'env' ? { env: { GENERATION: String(dice.from(1, 9)) } } : {}),
      ...(what === 'force' ? { force: true } : {}),
      ...(what === 'constraints' ? { constraints: this.#constraints() } : {}),
      ...(what === 'both' ? { replicas: this.#replicas() } : {}),
      ...(dice.chance(0.3) ? { update: drawUpdate(dice) } : {}),
    };
  }
}

const drawImage = (dice: Dice): Workload =>
  dice.chance(0.2) ? dice.one(WORKLOADS) : dice.weighted(IMAGES);

function drawRestart(dice: Dice): RestartDraft {
  return {
    condition: dice.weighted({ any: 5, 'on-failure': 3, none: 1 }),
    delayS: dice.chance(0.5) ? 5 : dice.from(0, 30) / 10,
    ...(dice.chance(0.3) ? { maxAttempts: dice.from(1, 4) } : {}),
    ...(dice.chance(0.3) ? { windowS: dice.from(1, 30) } : {}),
  };
}

function drawUpdate(dice: Dice): UpdateDraft {
  return {
    parallelism: dice.from(0, 4),
    ...(dice.chance(0.4) ? { delayS: dice.from(0, 60) / 10 } : {}),
    monitorS: dice.from(5, 60) / 10,
    failureAction: dice.weighted({ pause: 2, continue: 1, rollback: 3 }),
    ...(dice.chance(0.3) ? { maxFailureRatio: dice.one([0.2, 0.5, 1]) } : {}),
    order: dice.weighted({ 'stop-first': 2, 'start-first': 1 }),
  };
}

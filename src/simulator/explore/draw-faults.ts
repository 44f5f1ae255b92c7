/** Fault schedules. Each plan has one or two themes, so that faults of a kind meet, and now and then everything at once. */
import type { Dice } from './dice.ts';
import type { StagePlan } from './draw-operations.ts';
import type {
  CutShape,
  ExplorerFault,
  PlannedFault,
  PlannedLink,
  PlannedOperation,
  Target,
} from './plan.ts';

const THEMES = {
  calm: 1,
  quorum: 3,
  'leader-hunt': 4,
  network: 4,
  machines: 4,
  disks: 2,
  containers: 2,
  clocks: 1,
  mixed: 4,
} as const;
type Theme = keyof typeof THEMES;

const FIRST_FAULT_MS = 4000;
/** With a member lost for good these may be refused for good, as real Swarm refuses them: then nobody could say what is owed. */
const CHANGES_OF_MEMBERS: readonly PlannedOperation['do'][] = [
  ...(['promote', 'demote', 'remove-node', 'leave'] as const),
];
const ROT = { log: 3, snapshot: 2, state: 2 } as const;
/** A registry that does not answer (moby: registry client). */
const PULL_FAILURE = 'Get "https://registry-1.docker.io/v2/": net/http: request canceled';
/** A swarm of many has too many links for one run to break them all one by one. */
const MOST_SWIZZLED = 12;

export function drawFaults(
  dice: Dice,
  stage: StagePlan,
  operations: readonly PlannedOperation[],
): readonly PlannedFault[] {
  const services = operations.flatMap((each) => (each.do === 'create' ? [each.service] : []));
  const drawing = new FaultDrawing(
    dice,
    stage,
    services.map((each) => each.service),
    !operations.some((each) => CHANGES_OF_MEMBERS.includes(each.do)),
  );
  const themes = [dice.weighted(THEMES), ...(dice.chance(0.35) ? [dice.weighted(THEMES)] : [])];
  return themes.flatMap((theme) => drawing.theme(theme)).sort((a, b) => a.atMs - b.atMs);
}

class FaultDrawing {
  readonly #dice: Dice;
  readonly #stage: StagePlan;
  readonly #services: readonly string[];
  readonly #nodes: readonly string[];
  readonly #mayRot: boolean;

  constructor(dice: Dice, stage: StagePlan, services: readonly string[], mayRot: boolean) {
    this.#dice = dice;
    this.#mayRot = mayRot;
    this.#stage = stage;
    this.#services = services;
    this.#nodes = [...stage.managers, ...stage.workers];
  }

  theme(theme: Theme): readonly PlannedFault[] {
    const dice = this.#dice;
    switch (theme) {
      case 'calm':
        return [];
      case 'quorum':
        return this.#quorum();
      case 'leader-hunt':
        return this.#some(1, 5, () => this.#onLeader());
      case 'network':
        return this.#network();
      case 'machines':
        return this.#some(1, 6, () => this.#machine(this.#dice.one(this.#nodes)));
      case 'disks':
        return this.#some(1, 3, () => this.#disk(this.#node())).flatMap((fault) =>
          this.#seen(fault),
        );
      case 'containers':
        return this.#some(1, 8, () => (dice.chance(0.75) ? this.#exit() : this.#pulls()));
      case 'clocks':
        return this.#some(1, 3, () =>
          dice.chance(0.75) ? this.#skew(this.#node()) : this.#slowMachine(this.#node()),
        );
      case 'mixed':
        return this.#some(2, 6, () => this.#any());
    }
  }

  #some(low: number, high: number, draw: () => ExplorerFault): readonly PlannedFault[] {
    const count = this.#dice.from(low, high);
    return Array.from({ length: count }, () => this.#timed(draw()));
  }

  #timed(fault: ExplorerFault, aroundMs?: number): PlannedFault {
    const dice = this.#dice;
    const { faultsMs } = this.#stage;
    const atMs =
      aroundMs === undefined
        ? dice.moment(FIRST_FAULT_MS, faultsMs)
        : Math.min(faultsMs, aroundMs + dice.duration(0, 4000));
    // The edges lie near the heartbeat (15 s), the election (10 to 20 s) and both together.
    return { ...fault, atMs, forMs: dice.duration(500, dice.chance(0.7) ? 45_000 : faultsMs) };
  }

  /** Managers only, as many as take the quorum away, about at the same time. */
  #quorum(): readonly PlannedFault[] {
    const dice = this.#dice;
    const { managers, faultsMs } = this.#stage;
    const aroundMs = dice.moment(FIRST_FAULT_MS, faultsMs * 0.7);
    const majority = Math.floor(managers.length / 2) + 1;
    const lost = dice
      .shuffled(managers)
      .slice(0, dice.from(managers.length - majority + 1, managers.length));
    return lost.map((node) => {
      const kind = dice.weighted({ crash: 3, stop: 2, pause: 1, away: 1 });
      return this.#timed(kind === 'away' ? this.#away(node) : { kind, node }, aroundMs);
    });
  }

  #network(): readonly PlannedFault[] {
    const dice = this.#dice;
    if (this.#nodes.length < 2) return this.#some(1, 3, () => this.#machine('leader'));
    if (dice.chance(0.25)) return this.#swizzle();
    return this.#some(1, 4, () => this.#onLinks());
  }

  /** Links cut one after the other, and healed in another order: those of whole nodes, or single ones. */
  #swizzle(): readonly PlannedFault[] {
    const dice = this.#dice;
    const all = dice.chance(0.5)
      ? this.#nodes.map((node) => bothWays([node], ['rest']))
      : this.#nodes.flatMap((from) =>
          this.#nodes.filter((to) => to !== from).map((to) => [{ from, to }]),
        );
    const some = dice.shuffled(all).slice(0, dice.from(1, Math.min(all.length, MOST_SWIZZLED)));
    const beginMs = dice.moment(FIRST_FAULT_MS, this.#stage.faultsMs * 0.7);
    const stepMs = dice.from(2, 40) * 100;
    const healing = dice.shuffled(some);
    return some.map((links, index) => {
      const atMs = beginMs + index * stepMs;
      const healMs = beginMs + (some.length + 1 + healing.indexOf(links)) * stepMs;
      return { ...this.#cut('swizzle', links), atMs, forMs: healMs - atMs };
    });
  }

  #any(): ExplorerFault {
    const dice = this.#dice;
    const weights = { machine: 4, leader: 2, network: 4, disk: 1.5, exit: 2, clock: 1, pulls: 0.7 };
    switch (dice.weighted(weights)) {
      case 'machine':
        return this.#machine(this.#node());
      case 'leader':
        return this.#onLeader();
      case 'network':
        return this.#onLinks();
      case 'disk':
        return this.#disk(this.#node());
      case 'exit':
        return this.#exit();
      case 'clock':
        return this.#skew(this.#node());
      case 'pulls':
        return this.#pulls();
    }
  }

  #onLeader(): ExplorerFault {
    const kind = this.#dice.weighted({ machine: 5, away: 3, 'one-way': 2, disk: 1, skew: 0.5 });
    switch (kind) {
      case 'machine':
        return this.#machine('leader');
      case 'away':
        return this.#away('leader');
      case 'one-way':
        return this.#oneWay('leader');
      case 'disk':
        return this.#disk('leader');
      case 'skew':
        return this.#skew('leader');
    }
  }

  #node(): Target {
    return this.#dice.chance(0.3) ? 'leader' : this.#dice.one(this.#nodes);
  }

  #machine(node: Target): ExplorerFault {
    const weights = { crash: 4, kill: 2, stop: 3, pause: 2, 'restart-engine': 1, slow: 1 } as const;
    const kind = this.#dice.weighted(weights);
    return kind === 'slow' ? this.#slowMachine(node) : { kind, node };
  }

  #slowMachine(node: Target): ExplorerFault {
    return { kind: 'slow-machine', node, factor: this.#dice.one([3, 10, 50]) };
  }

  #disk(node: Target): ExplorerFault {
    const dice = this.#dice;
    const kind = dice.weighted({
      ...{ 'disk-full': 2, 'disk-slow': 2, 'crash-at-write': 3, 'sync-fails': 1 },
      ...{ 'lost-writes': 2, 'disk-rot': this.#mayRot ? 2 : 0 },
    });
    switch (kind) {
      case 'crash-at-write':
        return { kind, node, writes: dice.from(1, 12) };
      case 'disk-slow':
        return { kind, node, syncMs: dice.one([50, 200, 1000, 4000]) };
      case 'lost-writes':
        return { kind, node, afterMs: dice.from(1, 30) * 100 };
      case 'disk-rot':
        // By name: whoever leads when the power fails is somebody else.
        return { kind, node: dice.one(this.#nodes), what: dice.weighted(ROT) };
      default:
        return { kind, node };
    }
  }

  /** Only a daemon that starts sees what has rotted, so the power of that machine fails somewhat later. */
  #seen(fault: PlannedFault): readonly PlannedFault[] {
    if (fault.kind !== 'disk-rot') return [fault];
    return [fault, this.#timed({ kind: 'crash', node: fault.node }, fault.atMs)];
  }

  #exit(): ExplorerFault {
    const dice = this.#dice;
    const code = dice.one([0, 1, 137]);
    return { kind: 'exit', service: dice.one(this.#services), pick: dice.from(0, 9), code };
  }

  #skew(node: Target): ExplorerFault {
    const dice = this.#dice;
    const offsetMs = dice.one([-3_600_000, -20_000, -2000, 2000, 20_000, 3_600_000]);
    const driftPpm = dice.one([-1, 1]) * dice.from(1, 20) * 1000;
    switch (dice.weighted({ skew: 2, drift: 1, both: 1 })) {
      case 'skew':
        return { kind: 'skew', node, offsetMs, driftPpm: 0 };
      case 'drift':
        return { kind: 'skew', node, offsetMs: 0, driftPpm };
      case 'both':
        return { kind: 'skew', node, offsetMs, driftPpm };
    }
  }

  #pulls(): ExplorerFault {
    const dice = this.#dice;
    const pullMs = dice.one([500, 5000, 20_000]);
    const slow = { kind: 'slow-pulls', node: this.#node(), pullMs } as const;
    return dice.chance(0.5) ? slow : { ...slow, failure: PULL_FAILURE };
  }

  #onLinks(): ExplorerFault {
    const kind = this.#dice.weighted({ cut: 7, slow: 2, reset: 1 });
    if (kind === 'cut') return this.#partition();
    return kind === 'slow' ? this.#slow() : this.#reset();
  }

  #reset(): ExplorerFault {
    const node = this.#node();
    const links = this.#dice.one([
      bothWays([node], ['rest']),
      [{ from: node, to: 'rest' }],
      [{ from: 'rest', to: node }],
    ]);
    return { kind: 'reset', links };
  }

  #slow(): ExplorerFault {
    const dice = this.#dice;
    const delayMs = dice.one([20, 100, 400, 1500]);
    const jitterMs = dice.one([0, delayMs]);
    const loss = dice.one([0, 0, 0.05, 0.3]);
    const duplication = dice.one([0, 0, 0.1, 0.5]);
    const links = bothWays([this.#node()], ['rest']);
    return { kind: 'slow', links, delayMs, jitterMs, loss, duplication };
  }

  #partition(): ExplorerFault {
    const dice = this.#dice;
    const nodes = dice.shuffled(this.#nodes);
    const middle = Math.floor(nodes.length / 2);
    const weights = { away: 3, halves: 3, 'one-way': 2 } as const;
    const shape: Exclude<CutShape, 'swizzle'> =
      nodes.length < 4 ? dice.weighted(weights) : dice.weighted({ ...weights, bridge: 2, ring: 2 });
    switch (shape) {
      case 'away':
        return this.#away(this.#node());
      case 'one-way':
        return this.#oneWay(this.#node());
      case 'halves':
        return this.#cut(shape, bothWays(nodes.slice(0, middle), nodes.slice(middle)));
      case 'bridge':
        return this.#cut(shape, bothWays(nodes.slice(1, middle + 1), nodes.slice(middle + 1)));
      case 'ring':
        return this.#cut(shape, ringCuts(nodes));
    }
  }

  #away(node: Target): ExplorerFault {
    return this.#cut('away', bothWays([node], ['rest']));
  }

  #oneWay(node: Target): ExplorerFault {
    const isDeaf = this.#dice.chance(0.5);
    const link = isDeaf ? { from: 'rest', to: node } : { from: node, to: 'rest' };
    return this.#cut('one-way', [link]);
  }

  #cut(shape: CutShape, links: readonly PlannedLink[]): ExplorerFault {
    return { kind: 'cut', shape, links };
  }
}

const bothWays = (left: readonly Target[], right: readonly Target[]): readonly PlannedLink[] =>
  left.flatMap((a) =>
    right.flatMap((b) => [
      { from: a, to: b },
      { from: b, to: a },
    ]),
  );

/** Everybody sees a majority, its neighbours on a ring, and no two see the same one. */
function ringCuts(nodes: readonly Target[]): readonly PlannedLink[] {
  const reach = Math.ceil(Math.floor(nodes.length / 2) / 2);
  const links: PlannedLink[] = [];
  for (const [a, from] of nodes.entries()) {
    for (const [b, to] of nodes.entries()) {
      const distance = Math.abs(a - b);
      if (a !== b && Math.min(distance, nodes.length - distance) > reach) links.push({ from, to });
    }
  }
  return links;
}

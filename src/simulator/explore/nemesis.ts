/** Injects a plan's faults into a world and heals them. A machine that several faults hold down comes back with the last of them. */
import type { World } from '../world.ts';
import type { ExplorerFault, PlannedLink, Target } from './plan.ts';

/** What happens when a fault is over. */
type Heal = () => void;
type Say = (machine: string, what: string) => void;

export class Nemesis {
  readonly #world: World;
  readonly #say: Say;
  readonly #active = new Map<number, Heal>();
  /** By machine, how many faults hold it down. */
  readonly #down = new Map<string, number>();
  /** By directed link, how many faults cut it. */
  readonly #cuts = new Map<string, number>();
  #injected = 0;

  constructor(world: World, say: Say) {
    this.#world = world;
    this.#say = say;
  }

  /** Injects; the answer heals, once. Null where there is nothing that it could hit now (a leader, a container). */
  inject(fault: ExplorerFault): Heal | null {
    const heal = this.#begin(fault);
    if (heal === null) return null;
    this.#injected += 1;
    const number = this.#injected;
    this.#active.set(number, heal);
    return () => {
      if (!this.#active.delete(number)) return;
      heal();
    };
  }

  healAll(): void {
    const heals = [...this.#active.values()];
    this.#active.clear();
    for (const heal of heals) heal();
  }

  #begin(fault: ExplorerFault): Heal | null {
    switch (fault.kind) {
      case 'crash':
      case 'stop':
        return this.#holdTarget(fault.node, fault.kind);
      case 'cut':
        return this.#cut(fault.shape, fault.links);
      default:
        return null;
    }
  }

  #holdTarget(target: Target, how: 'crash' | 'stop'): Heal | null {
    const name = this.#resolve(target);
    return name === '' ? null : this.#holdDown(name, how);
  }

  #holdDown(name: string, how: 'crash' | 'stop'): Heal | null {
    const machine = this.#world.machines.get(name);
    if (machine === undefined) return null;
    const held = this.#down.get(name) ?? 0;
    this.#down.set(name, held + 1);
    this.#say('nemesis', `${how} ${name}`);
    if (how === 'crash') machine.crash();
    else if (held === 0) machine.stop();
    return () => {
      const left = (this.#down.get(name) ?? 1) - 1;
      this.#down.set(name, left);
      if (left > 0) return;
      this.#say('nemesis', `start ${name}`);
      if (machine.process.isAlive()) machine.process.die();
      machine.start();
    };
  }

  #cut(shape: string, planned: readonly PlannedLink[]): Heal | null {
    const links = planned.flatMap((link) => this.#links(link));
    if (links.length === 0) return null;
    const { network } = this.#world;
    this.#say('nemesis', `cut (${shape}) ${describe(links)}`);
    for (const [from, to] of links) {
      network.cut(from, to);
      this.#cuts.set(`${from}>${to}`, (this.#cuts.get(`${from}>${to}`) ?? 0) + 1);
    }
    return () => {
      this.#say('nemesis', `heal cut (${shape}) ${describe(links)}`);
      this.#mend(links);
    };
  }

  /** A link that another fault still cuts stays cut. */
  #mend(links: readonly (readonly [string, string])[]): void {
    const { network } = this.#world;
    for (const [from, to] of links) {
      const left = (this.#cuts.get(`${from}>${to}`) ?? 1) - 1;
      if (left > 0) this.#cuts.set(`${from}>${to}`, left);
      else this.#cuts.delete(`${from}>${to}`);
    }
    network.heal();
    for (const link of this.#cuts.keys()) {
      const [from = '', to = ''] = link.split('>');
      network.cut(from, to);
    }
  }

  #links({ from, to }: PlannedLink): readonly (readonly [string, string])[] {
    const rest = (other: string): readonly string[] =>
      [...this.#world.machines.keys()].filter((name) => name !== other);
    const froms = from === 'rest' ? null : this.#resolve(from);
    const tos = to === 'rest' ? null : this.#resolve(to);
    if (froms === '' || tos === '') return [];
    const sources = froms === null ? rest(tos ?? '') : [froms];
    return sources.flatMap((source) =>
      (tos === null ? rest(source) : [tos])
        .filter((sink) => sink !== source)
        .map((sink) => [source, sink] as const),
    );
  }

  /** A machine's name, or `''` where there is none now. */
  #resolve(target: Target): string {
    if (target === 'leader') return this.#world.leader();
    return this.#world.machines.has(target) ? target : '';
  }
}

const describe = (links: readonly (readonly [string, string])[]): string =>
  links.map(([from, to]) => `${from}>${to}`).join(' ');

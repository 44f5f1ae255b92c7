/** Injects a plan's faults into a world and heals them, through the faults of the simulator. */
import { isToolError } from '../../model/errors.ts';
import type { DirectedLink, Fault } from '../../model/fault.ts';
import { inject } from '../faults.ts';
import type { SimFault } from '../sim-fault.ts';
import type { World } from '../world.ts';
import { describeFault } from './fault-words.ts';
import type { ExplorerFault, PlannedLink, Target } from './plan.ts';

/** What happens when a fault is over. */
type Heal = () => void;
type Say = (machine: string, what: string) => void;

/** Of these a machine has one at a time: a second one would only take the place of the first. */
const ALONE: readonly ExplorerFault['kind'][] = [
  ...(['skew', 'disk-full', 'sync-fails', 'lost-writes', 'slow-machine', 'slow-pulls'] as const),
];

export class Nemesis {
  readonly #world: World;
  readonly #say: Say;
  readonly #active = new Map<number, Heal>();
  readonly #alone = new Set<string>();
  readonly #rotten = new Set<string>();
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

  /** Whether the machine's disk has rotted and its daemon, or its manager, refuses what it finds there. Nothing heals that: its node is to be removed by hand. */
  isRuined(name: string): boolean {
    const machine = this.#world.machines.get(name);
    if (machine === undefined || !this.#rotten.has(name)) return false;
    if (machine.disk.rotten.length === 0) return false;
    const { node } = machine.process;
    return !machine.isUp || (node.role() === 'manager' && node.manager === null);
  }

  #begin(fault: ExplorerFault): Heal | null {
    const real = this.#realFault(fault);
    if (real === null) return null;
    const key = 'node' in real && ALONE.includes(fault.kind) ? `${fault.kind} ${real.node}` : '';
    if (this.#alone.has(key)) return null;
    const active = attempt(this.#world, real);
    if (active === null) return null;
    if (key !== '') this.#alone.add(key);
    const words = describeFault(fault, real);
    this.#say('nemesis', words);
    return () => {
      this.#say('nemesis', `heal ${words}`);
      this.#alone.delete(key);
      active.heal();
    };
  }

  /** The fault with machines in the place of targets; null where there are none. */
  #realFault(fault: ExplorerFault): Fault | SimFault | null {
    switch (fault.kind) {
      case 'cut':
        return this.#onLinks(fault.links, (links) => ({ kind: 'cut', links }));
      case 'slow':
        return this.#onLinks(fault.links, (links) => ({ ...fault, links }));
      case 'reset': {
        const toxic = { kind: 'reset' } as const;
        return this.#onLinks(fault.links, (links) => ({
          ...({ kind: 'links', plane: 'control' } as const),
          ...{ links, toxic },
        }));
      }
      case 'exit':
        return this.#exit(fault);
      case 'disk-rot': {
        const node = this.#resolve(fault.node);
        return node === '' || !this.#mayRot(node) ? null : { ...fault, node };
      }
      default: {
        const node = this.#resolve(fault.node);
        return node === '' ? null : { ...fault, node };
      }
    }
  }

  #onLinks(
    planned: readonly PlannedLink[],
    make: (links: readonly DirectedLink[]) => Fault | SimFault,
  ): Fault | SimFault | null {
    const links = planned.flatMap((link) => this.#links(link));
    return links.length === 0 ? null : make(links);
  }

  /** A container of the service that runs, wherever that is. */
  #exit({ service, pick, code }: Extract<ExplorerFault, { kind: 'exit' }>): SimFault | null {
    const running = [...this.#world.machines.values()].flatMap(({ name, engine }) =>
      engine.containers
        .filter(({ isUp, task }) => isUp && task.serviceName === service)
        .map(({ id }) => ({ node: name, container: id })),
    );
    const chosen = running[pick % running.length];
    return chosen === undefined ? null : { kind: 'exit', code, ...chosen };
  }

  /** Swarm bears as many members with rotten disks as it bears lost ones: fewer than half. */
  #mayRot(name: string): boolean {
    const { machines } = this.#world;
    const leader = machines.get(this.#world.leader())?.process.node.manager;
    const members = leader?.members();
    if (members === undefined) return false;
    this.#rotten.add(name);
    const rotten = members.filter(({ nodeId }) =>
      [...this.#rotten].some((each) => machines.get(each)?.process.node.nodeId() === nodeId),
    );
    const isBearable = rotten.length < members.length / 2;
    if (!isBearable) this.#rotten.delete(name);
    return isBearable;
  }

  #links({ from, to }: PlannedLink): readonly DirectedLink[] {
    const rest = (other: string): readonly string[] =>
      [...this.#world.machines.keys()].filter((name) => name !== other);
    const froms = from === 'rest' ? null : this.#resolve(from);
    const tos = to === 'rest' ? null : this.#resolve(to);
    if (froms === '' || tos === '') return [];
    const sources = froms === null ? rest(tos ?? '') : [froms];
    return sources.flatMap((source) =>
      (tos === null ? rest(source) : [tos])
        .filter((sink) => sink !== source)
        .map((sink) => ({ from: source, to: sink })),
    );
  }

  /** A machine's name, or `''` where there is none now. */
  #resolve(target: Target): string {
    if (target === 'leader') return this.#world.leader();
    return this.#world.machines.has(target) ? target : '';
  }
}

/** Null where the world has nothing that it could hit: no log that could rot, no container any more. */
function attempt(world: World, fault: Fault | SimFault): ReturnType<typeof inject> | null {
  try {
    return inject(world, fault);
  } catch (caught) {
    if (isToolError(caught) && caught.code === 'bad-scenario') return null;
    throw caught;
  }
}

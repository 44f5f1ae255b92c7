/** Faults on a simulated swarm, with the time that they take in the lab: a node does not die, and above all does not come back, in no time. */
import { SwarmtwinError } from '../model/errors.ts';
import type { Fault, NodeName, Proof } from '../model/fault.ts';
import { isInstant } from '../model/history.ts';
import { inject, type ActiveFault } from '../simulator/faults.ts';
import type { World } from '../simulator/world.ts';
import type { Presence } from './simulated-client.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** From `docker start` of a node to a daemon that answers (reference/measured.md, E3: ready 2 s after the start at the earliest). */
const BOOT_MS = 1500;
/** What putting a fault in force takes, and looking whether it bit. */
const PROOF_MS = 500;
const STOP_LOOK_MS = 50;
/** From `docker stop` of a node to its end: its part in the swarm ends within 2 s, dockerd and containerd take the rest (fixtures/histories: 7.5 to 9.4 s with the proof). */
const LEAST_STOP_MS = 7500;
/** Of all that a stopping node has to end, its containers take longest. */
const STOP_LIMIT_MS = 40_000;

interface Active {
  readonly fault: Fault;
  readonly active: ActiveFault;
}

export class SimulatedFaults {
  readonly #world: World;
  readonly #clock: VirtualClock;
  readonly #active = new Map<string, Active>();

  constructor(world: World, clock: VirtualClock) {
    this.#world = world;
    this.#clock = clock;
  }

  /** How the node meets whoever knocks at its Engine API. A machine that is away does not even refuse, as in the lab. */
  presence(name: NodeName): Presence {
    const machine = this.#world.machine(name);
    if (machine.isPaused || this.#isHit(name, ['unplug'])) return 'silent';
    if (machine.isUp) return 'answers';
    return this.#isHit(name, ['kill', 'stop']) ? 'silent' : 'refuses';
  }

  /** @throws SwarmtwinError `bad-scenario` for a fault that cannot be simulated, with the reason */
  async inject(name: string, fault: Fault): Promise<Proof> {
    const active = inject(this.#world, fault);
    if (!isInstant(fault)) this.#active.set(name, { fault, active });
    if (fault.kind === 'stop') await this.#untilDown(fault.node);
    await this.#clock.sleep(PROOF_MS);
    return active.proof;
  }

  /** @throws SwarmtwinError `bad-usage` where no such fault is in force */
  async heal(name: string): Promise<Proof> {
    const inForce = this.#active.get(name);
    if (inForce === undefined)
      throw new SwarmtwinError(
        'bad-usage',
        `no fault named ${name} is in force`,
        'Heal a fault that an earlier inject step named.',
      );
    if (['kill', 'stop'].includes(inForce.fault.kind)) await this.#clock.sleep(BOOT_MS);
    this.#active.delete(name);
    return inForce.active.heal();
  }

  #isHit(name: NodeName, kinds: readonly Fault['kind'][]): boolean {
    return [...this.#active.values()].some(
      ({ fault }) => 'node' in fault && fault.node === name && kinds.includes(fault.kind),
    );
  }

  async #untilDown(name: NodeName): Promise<void> {
    const begun = this.#clock.now();
    while (this.#world.machine(name).isUp && this.#clock.now() < begun + STOP_LIMIT_MS)
      await this.#clock.sleep(STOP_LOOK_MS);
    const leftMs = begun + LEAST_STOP_MS - this.#clock.now();
    if (leftMs > 0) await this.#clock.sleep(leftMs);
  }
}

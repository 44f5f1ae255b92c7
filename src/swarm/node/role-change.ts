import type { NodeRole } from '../../model/specs.ts';
import type { Ports, Timer } from '../ports.ts';
import type { ManagerLife } from './manager-life.ts';
import type { NodeState } from './node-ports.ts';

/** SwarmKit: a manager that lost its membership waits twice 16 s for a worker's certificate; if it is a manager still, it joins again. */
const ROLE_WAIT_MS = 32_000;

/** The manager of a node follows its certificate. */
export class RoleChange {
  readonly #timers: Ports['timers'];
  readonly #life: ManagerLife;
  readonly #state: () => NodeState;
  #rejoin: Timer | null = null;

  constructor(timers: Ports['timers'], life: ManagerLife, state: () => NodeState) {
    this.#timers = timers;
    this.#life = life;
    this.#state = state;
  }

  /** The new certificate has another role. */
  take(role: NodeRole): void {
    this.#rejoin?.cancel();
    const isMember = this.#life.isOn || this.#state().raftId !== '';
    if (role === 'manager' && !this.#life.isOn) this.#life.joinAny();
    else if (role === 'worker' && isMember) this.#life.leaveRaft();
  }

  /** Raft has left this manager out, and its certificate does not say so yet. */
  rejoinLater(): void {
    this.#rejoin?.cancel();
    this.#rejoin = this.#timers.after(ROLE_WAIT_MS, () => {
      const isManager = this.#state().identity.role === 'manager';
      if (isManager && !this.#life.isOn) this.#life.joinAny();
    });
  }

  stop(): void {
    this.#rejoin?.cancel();
  }
}

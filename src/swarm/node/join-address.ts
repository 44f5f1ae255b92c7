import { nodeId } from '../../model/ids.ts';
import type { WeightedPeer } from '../session.ts';
import type { Timer } from '../ports.ts';
import type { NodePorts } from './node-ports.ts';

/** moby: a node that ended by an error begins anew after 0.2 s, after 0.4 s the next time, and so on up to 30 s. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;

/**
 * The manager that a node joined through, where that is the only one it asks to take it in (`NodePorts.keepsJoinAddress`). It is known to the process that
 * joined, and to a later one only if it is all that the node knew of managers: one that is joining, or began anew for want of this manager (moby: JoinInProgress).
 */
export class JoinAddress {
  readonly #ports: Pick<NodePorts, 'keepsJoinAddress' | 'timers'>;
  #addr: string | null = null;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: Timer | null = null;

  constructor(ports: Pick<NodePorts, 'keepsJoinAddress' | 'timers'>) {
    this.#ports = ports;
  }

  /** Null where any manager may be asked. */
  get addr(): string | null {
    return this.#addr;
  }

  joined(addr: string): void {
    if (this.#ports.keepsJoinAddress === true) this.#addr = addr;
  }

  /** What a process finds on its disk. A manager that was met has an id. */
  recall(managers: readonly WeightedPeer[]): void {
    const [only, ...others] = managers;
    if (only?.nodeId === nodeId('') && others.length === 0) this.joined(only.addr);
  }

  /** All that a node knows of managers that begins anew. */
  managers(): readonly WeightedPeer[] {
    return this.#addr === null ? [] : [{ nodeId: nodeId(''), addr: this.#addr, weight: 1 }];
  }

  beginLater(begin: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#ports.timers.after(this.#pauseMs, begin);
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }

  stop(): void {
    this.#timer?.cancel();
  }
}

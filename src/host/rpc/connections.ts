import { SwarmError } from '../../model/errors.ts';
import type { Identity } from '../../swarm/node/node-ports.ts';
import { Connection } from '../wire/client.ts';

/** The connections of this node to managers, one an address, all with the identity in force. */
export class Connections {
  readonly #open = new Map<string, Connection>();
  /** Those that only finish what is under way. */
  #retired: Connection[] = [];
  #identity: Identity | null = null;

  get identity(): Identity | null {
    return this.#identity;
  }

  /**
   * New calls go with the new certificate. Calls under way go on where it says the same of this node, as after a renewal in time, so that a session outlives
   * it; where it says another role they are ended.
   */
  use(identity: Identity | null): void {
    const before = this.#identity;
    this.#identity = identity;
    if (before === null || identity === null || !saysTheSame(before, identity)) this.closeAll();
    else this.#retireAll();
  }

  /** Errors: Unavailable while this node has no certificate. */
  to(addr: string): Connection {
    const identity = this.#identity;
    if (identity === null) throw new SwarmError('Unavailable', 'this node has no certificate yet');
    let connection = this.#open.get(addr);
    if (connection === undefined) {
      const { rootCa, key, certificate } = identity;
      connection = new Connection({
        address: addr,
        trust: { rootCa, identity: { key, certificate } },
      });
      this.#open.set(addr, connection);
    }
    return connection;
  }

  close(addr: string): void {
    this.#open.get(addr)?.close();
    this.#open.delete(addr);
  }

  closeAll(): void {
    for (const addr of [...this.#open.keys()]) this.close(addr);
    for (const connection of this.#retired) connection.close();
    this.#retired = [];
  }

  #retireAll(): void {
    this.#retired = [...this.#retired.filter(({ isOver }) => !isOver), ...this.#open.values()];
    this.#open.clear();
    for (const connection of this.#retired) connection.retire();
  }
}

const saysTheSame = (one: Identity, other: Identity): boolean =>
  one.nodeId === other.nodeId && one.clusterId === other.clusterId && one.role === other.role;

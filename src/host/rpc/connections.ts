import { SwarmError } from '../../model/errors.ts';
import type { Identity } from '../../swarm/node/node-ports.ts';
import { Connection } from '../wire/client.ts';

/** The connections of this node to managers, one an address, all with the identity in force. */
export class Connections {
  readonly #open = new Map<string, Connection>();
  #identity: Identity | null = null;

  get identity(): Identity | null {
    return this.#identity;
  }

  /** Calls under way on old connections are ended: their certificate says what is no longer so. */
  use(identity: Identity | null): void {
    this.#identity = identity;
    this.closeAll();
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
  }
}

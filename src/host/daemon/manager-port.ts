import { messageOf, SwarmError } from '../../model/errors.ts';
import type { Identity } from '../../swarm/node/node-ports.ts';
import { mountServices, type ServedNode } from '../rpc/services.ts';
import type { raftCodec } from '../rpc/raft-codec.ts';
import { WireServer } from '../wire/server.ts';

export interface ManagerPortOptions {
  readonly node: ServedNode;
  readonly codec: ReturnType<typeof raftCodec>;
  log(message: string): void;
}

/** The node's manager port: open while the node is, or is about to become, a manager. */
export class ManagerPort {
  readonly #options: ManagerPortOptions;
  #identity: Identity | null = null;
  #server: WireServer | null = null;

  constructor(options: ManagerPortOptions) {
    this.#options = options;
  }

  use(identity: Identity | null): void {
    this.#identity = identity;
    if (identity !== null) this.#server?.renew(identity);
  }

  /** Errors in moby's words where the address is taken. Listening twice is listening once. */
  async listen(addr: string): Promise<SwarmError | null> {
    const identity = this.#identity;
    if (this.#server !== null) return null;
    if (identity === null)
      return new SwarmError('Unavailable', 'this node has no certificate yet', 'facade');
    const server = new WireServer({
      identity,
      membership: {
        organization: () => this.#identity?.clusterId ?? '',
        isRemoved: (nodeId) => this.#isRemoved(nodeId),
      },
      routes: (router) => {
        mountServices(router, this.#options.node, this.#options.codec);
      },
      onFailure: (method, failure) => {
        this.#options.log(`${method} failed: ${messageOf(failure)}`);
      },
    });
    const [, host = '0.0.0.0', port = '2377'] = /^(.*):(\d+)$/.exec(addr) ?? [];
    try {
      await server.listen(host.replace(/^\[|\]$/g, ''), Number(port));
    } catch (caught) {
      return new SwarmError(
        'Unknown',
        `failed to listen on remote API address: ${messageOf(caught)}`,
        'facade',
      );
    }
    this.#server = server;
    return null;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await server?.close();
  }

  #isRemoved(nodeId: string): boolean {
    const cluster = this.#options.node.manager?.store.read.all('cluster')[0];
    return cluster !== undefined && Object.hasOwn(cluster.blacklist, nodeId);
  }
}

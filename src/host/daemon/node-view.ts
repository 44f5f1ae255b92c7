import { networkInterfaces } from 'node:os';
import type Dockerode from 'dockerode';
import type { ControlReplies, ControlRequest } from '../../model/control.ts';
import { SwarmError } from '../../model/errors.ts';
import type { Random } from '../../model/random.ts';
import { failed, ok, type Done } from '../../model/result.ts';
import type {
  NetworkResolution,
  SwarmNodeView,
  SystemInterface,
} from '../../engine-api/node-view.ts';
import type { SwarmNode } from '../../swarm/node/swarm-node.ts';
import { askEngine } from '../http/engine-question.ts';
import { engineError, statusOf } from '../engine/engine-error.ts';

/** moby takes this one for predefined too, and then finds that the swarm has none such. */
const WITHOUT_TWIN = 'none';
/** Interfaces that container engines make; their addresses are not advertised. */
const OF_ENGINE = /^(docker\d|docker_gwbridge|br-|veth)/;

/** The node as the Engine API sees it. */
export function nodeView(node: SwarmNode, docker: Dockerode, random: Random): SwarmNodeView {
  return {
    random,
    localState: () => node.localState(),
    role: () => node.role(),
    managerReady: () => node.managerReady(),
    certificatesExpired: () => false,
    nodeId: () => node.nodeId(),
    interfaces,
    control: <R extends ControlRequest>(
      request: R,
      done: Done<ControlReplies[R['method']]>,
      budgetMs?: number,
    ): void => {
      node.control(request, done, budgetMs);
    },
    logs: (request, sink) => {
      node.logs(request, sink);
    },
    network: (reference, done) => {
      resolveNetwork(docker, reference, done);
    },
    engine: (request, done) => {
      askEngine({ socketPath: socketOf(docker) }, request, done);
    },
    init: (request, done) => {
      node.init(request, done);
    },
    join: (request, done) => {
      node.join(request, done);
    },
    unlock: (key, done) => {
      node.unlock(key, done);
    },
    leave: (done) => {
      node.leave(done);
    },
    info: (done) => {
      node.info(done);
    },
  };
}

function interfaces(): readonly SystemInterface[] {
  return Object.entries(networkInterfaces()).map(([name, addresses = []]) => ({
    name,
    up: true,
    loopback: addresses.some((address) => address.internal),
    ofEngine: OF_ENGINE.test(name),
    addresses: addresses.map(({ address }) => address),
  }));
}

/** Where the engine listens; dockerode keeps what it was given. */
const socketOf = (docker: Dockerode): string =>
  (docker.modem as { readonly socketPath?: string }).socketPath ?? '';

/** What the engine knows is local to the node, whatever the swarm has. */
function resolveNetwork(docker: Dockerode, reference: string, done: Done<NetworkResolution>): void {
  if (reference === WITHOUT_TWIN) {
    const text = `could not find the corresponding predefined swarm network: network ${reference} not found`;
    done(failed(new SwarmError('NotFound', text, 'facade')));
    return;
  }
  (docker.getNetwork(reference).inspect() as Promise<{ readonly Name: string }>).then(
    (network) => {
      done(ok({ kind: 'local', name: network.Name }));
    },
    (caught: unknown) => {
      if (statusOf(caught) === 404) done(ok({ kind: 'unknown' }));
      else done(failed(engineError(caught)));
    },
  );
}

/** Networks of the swarm and of the node's engine as one (moby: network router). The engine's part is its own answer; nothing of it is made up here. */
import type { Filters } from '../model/control.ts';
import { SwarmError } from '../model/errors.ts';
import type { Network } from '../model/objects.ts';
import { PREDEFINED_LABEL } from '../swarm/allocator/network-needs.ts';
import { hasLabels } from '../swarm/control/filter.ts';
import { queryValue, type ApiRequest, type ApiResponse } from './api-message.ts';
import { guarded, then, type Call } from './call.ts';
import { convertNetwork, renderNetwork, type PostedNetwork } from './convert-network.ts';
import { readFilters, type FilterArgs } from './filters.ts';
import { encodeGo } from './go-encode.ts';
import { ipamProblem, subnetProblem20 } from './ipam-check.ts';
import { NETWORK, NETWORK_CREATE, NETWORK_CREATED } from './network-schema.ts';
import { notManager } from './not-manager.ts';
import { refused } from './posted.ts';
import { readBody } from './read-body.ts';

/** moby: IsPreDefinedNetwork. */
const PREDEFINED = ['bridge', 'host', 'none', 'default'];
/** Those that dockerd brings; a driver that it does not know is the engine's to refuse. */
const DRIVERS = ['', 'overlay', 'bridge', 'macvlan', 'ipvlan', 'host', 'null'];
const ELSEWHERE =
  'Cannot create a multi-host network from a worker node. Please create the network from a manager node.';

/** Of a network of the engine's own, as far as finding one goes. */
interface EngineNetwork {
  readonly Name: string;
  readonly Id: string;
}

/** The engine judges the filters; what it answers well is added to, and never fails because of the swarm. */
export const listNetworks = (call: Call): void => {
  const merge = (response: ApiResponse): void => {
    if (response.status !== 200) {
      call.reply.relay(response);
      return;
    }
    const filters = readFilters(call.request, call.options.behaveLike);
    swarmNetworks(call, (networks) => {
      const shown = networks.filter((network) => passes(network, filters));
      if (shown.length === 0) call.reply.relay(response);
      else call.reply.relay({ ...response, body: merged(call, shown, response.body) });
    });
  };
  call.node.engine(call.request, guarded(call, merge));
};

export const inspectNetwork = (call: Call): void => {
  call.node.engine(call.request, (response) => {
    const local = engineNetwork(response);
    if (local?.Id === call.id || (response.status !== 200 && response.status !== 404)) {
      call.reply.relay(response);
      return;
    }
    const scope = queryValue(call.request, 'scope');
    swarmNetworks(call, (networks) => {
      const found = findIn(networks, call.id);
      if (found !== null && (found.id.startsWith(call.id) || scope === 'swarm'))
        call.reply.json(renderNetwork(found), NETWORK);
      else if (found === null || scope === 'local' || isHidden(found)) call.reply.relay(response);
      else if (local?.Name === call.id) call.reply.error(ambiguous(call.id, 'inspect'));
      else call.reply.json(renderNetwork(found), NETWORK);
    });
  });
};

export const createNetwork = (call: Call): void => {
  const posted = readBody(call.request, NETWORK_CREATE, call.options.behaveLike) as PostedNetwork;
  const { Name = '' } = posted;
  swarmNetworks(call, (networks) => {
    if (networks.some(({ spec }) => spec.Name === Name)) throw taken(Name);
    if (!isOfSwarm(posted)) {
      call.node.engine(call.request, (response) => {
        call.reply.relay(response);
      });
      return;
    }
    checkSwarmScoped(call, posted);
    withoutNamesake(call, Name, () => {
      call.node.control(
        { method: 'create-network', spec: convertNetwork(posted) },
        then(call, ({ id }) => {
          call.reply.json({ Id: id, Warning: '' }, NETWORK_CREATED, 201);
        }),
      );
    });
  });
};

export const removeNetwork = (call: Call): void => {
  lookLocally(call, call.id, (local) => {
    swarmNetworks(call, (networks) => {
      const visible = networks.filter((network) => !isHidden(network));
      const found = local?.Id === call.id ? null : findIn(visible, call.id);
      const isNamed = found?.spec.Name === call.id;
      if (isNamed && local?.Name === call.id) throw ambiguous(call.id, 'remove');
      if (found === null || (!isNamed && found.id !== call.id && local !== null))
        call.node.engine(call.request, (response) => {
          call.reply.relay(response);
        });
      else
        call.node.control(
          { method: 'remove-network', ref: found.id },
          then(call, () => {
            call.reply.noContent();
          }),
        );
    });
  });
};

/** All of the swarm's networks, none where this node cannot tell. */
function swarmNetworks(call: Call, next: (networks: readonly Network[]) => void): void {
  const all = (networks: readonly Network[]): void => {
    then<readonly Network[]>(call, next)({ ok: true, value: networks });
  };
  if (notManager(call.node) !== null) {
    all([]);
    return;
  }
  const filters: Filters = {};
  call.node.control({ method: 'list-networks', filters }, (result) => {
    all(result.ok ? result.value : []);
  });
}

function lookLocally(
  call: Call,
  reference: string,
  next: (local: EngineNetwork | null) => void,
): void {
  const path = `/networks/${encodeURIComponent(reference)}`;
  const question = { method: 'GET', path, query: new Map(), headers: {}, body: new Uint8Array() };
  call.node.engine(question, (response) => {
    then<null>(call, () => {
      next(engineNetwork(response));
    })({ ok: true, value: null });
  });
}

function withoutNamesake(call: Call, name: string, next: () => void): void {
  lookLocally(call, name, (local) => {
    if (local?.Name === name) throw taken(name);
    next();
  });
}

function engineNetwork({ status, body }: ApiResponse): EngineNetwork | null {
  return status === 200 ? (JSON.parse(body) as EngineNetwork) : null;
}

/** By full id, else name, else a prefix of an id that fits one only. */
function findIn(networks: readonly Network[], reference: string): Network | null {
  const exact = networks.find(({ id }) => id === reference);
  const named = networks.find(({ spec }) => spec.Name === reference);
  const begun = networks.filter(({ id }) => id.startsWith(reference));
  return exact ?? named ?? (begun.length === 1 ? (begun[0] ?? null) : null);
}

/** The swarm's twins of the engines' own networks are not shown beside those. */
const isHidden = ({ spec }: Network): boolean => spec.Labels[PREDEFINED_LABEL] === 'true';

/** moby: Cluster.GetNetworks, which takes names as they are and ids by their beginning. */
function passes(network: Network, filters: FilterArgs): boolean {
  const { id, spec, driverState } = network;
  const any = (key: string, fits: (value: string) => boolean): boolean => {
    const values = filters.get(key) ?? [];
    return values.length === 0 || values.some(fits);
  };
  return (
    !isHidden(network) &&
    any('name', (name) => spec.Name === name) &&
    any('id', (prefix) => id.startsWith(prefix)) &&
    any('driver', (driver) => (driverState?.Name ?? '') === driver) &&
    any('scope', (scope) => scope === 'swarm') &&
    any('type', (type) => type === 'custom') &&
    any('dangling', (value) => value === 'true' || value === '1') &&
    hasLabels(filters.get('label'), spec.Labels)
  );
}

/** The swarm's before the engine's, whose text is not touched. */
function merged(call: Call, networks: readonly Network[], body: string): string {
  const own = networks.map((one) => encodeGo(renderNetwork(one), NETWORK, call.options.behaveLike));
  const rest = body.trim().slice(1, -1).trim();
  return `[${[...own, ...(rest === '' ? [] : [rest])].join(',')}]\n`;
}

function isOfSwarm({ Driver = '', Scope = '', ConfigOnly = false }: PostedNetwork): boolean {
  if (ConfigOnly || !DRIVERS.includes(Driver)) return false;
  return Driver === 'overlay' || Scope === 'swarm';
}

/** What dockerd refuses before it asks the swarm (moby: Daemon.createNetwork, libnetwork's NewNetwork). */
function checkSwarmScoped(call: Call, posted: PostedNetwork): void {
  const { Name = '', Driver = '', Scope = '', Ingress = false } = posted;
  const isOld = call.options.behaveLike === '20.10';
  if (PREDEFINED.includes(Name))
    throw forbidden(`operation is not permitted on predefined ${Name} network `);
  const subnet = isOld ? subnetProblem20(posted.IPAM) : null;
  if (subnet !== null) throw new SwarmError('Unknown', subnet, 'facade');
  const problem = notManager(call.node);
  if (Driver === 'overlay' && problem !== null) {
    if (isOld && call.node.role() === 'worker') throw forbidden(ELSEWHERE);
    throw new SwarmError(isOld ? 'Unknown' : 'PermissionDenied', NOT_IN_SWARM, 'facade');
  }
  const ipam = isOld ? null : ipamProblem(posted.IPAM, posted.EnableIPv6 ?? false);
  if (ipam !== null) throw refused(ipam);
  if (Name.trim() === '') throw refused(`invalid name: ${Name}`);
  if (Driver === 'overlay' && Scope === 'local')
    throw forbidden('cannot downgrade network scope for overlay networks');
  if (Ingress && Driver !== 'overlay')
    throw forbidden('Ingress network can only be global scope network');
  if (problem === null) return;
  throw forbidden(
    call.node.role() === 'worker'
      ? ELSEWHERE
      : 'cannot create a swarm scoped network when swarm is not active',
  );
}

const NOT_IN_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

const taken = (name: string): SwarmError =>
  new SwarmError('AlreadyExists', `network with name ${name} already exists`, 'facade');

const ambiguous = (reference: string, call: 'inspect' | 'remove'): SwarmError =>
  refused(
    call === 'inspect'
      ? `2 matches found based on name: network ${reference} is ambiguous`
      : `network ${reference} is ambiguous (2 matches found based on name)`,
  );

const forbidden = (message: string): SwarmError =>
  new SwarmError('PermissionDenied', message, 'facade');

/** A request's path and query as they stand in a request line. */
export function targetOf({ path, query }: Pick<ApiRequest, 'path' | 'query'>): string {
  const pairs = [...query].flatMap(([key, values]) =>
    values.map((value) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`),
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

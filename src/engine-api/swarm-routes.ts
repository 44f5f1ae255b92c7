import { isOn, rotationFlag, versionOf } from './query.ts';
import { guard, managersOnly, then, type Call } from './call.ts';
import { checkAddressPool, checkDataPathPort } from './address-pool.ts';
import {
  completeAddress,
  resolveAdvertise,
  resolveDataPath,
  resolveListen,
  resolveLocal,
  type HostPort,
} from './addresses.ts';
import { INIT_REQUEST, JOIN_REQUEST, SWARM, SWARM_SPEC, UNLOCK_REQUEST } from './cluster-schema.ts';
import { isSwarmError, SwarmError } from '../model/errors.ts';
import {
  checkSwarmName,
  convertInitSpec,
  convertUpdateSpec,
  startAvailability,
  type PostedSwarmSpec,
} from './convert-swarm.ts';
import { STRING, always, struct } from './go-type.ts';
import { joinHostPort } from './ip-text.ts';
import { leave } from './leave.ts';
import type { InitRequest, JoinRequest, SystemInterface } from './node-view.ts';
import { LIVE_RESTORE, livesOn } from './live-restore.ts';
import { notManager, unavailable, workerCannot } from './not-manager.ts';
import { refused } from './posted.ts';
import { readBody } from './read-body.ts';
import { renderSwarm } from './render-swarm.ts';
import { readUnlockKey, showUnlockKey } from './unlock-key.ts';

interface PostedInit {
  readonly ListenAddr?: string;
  readonly AdvertiseAddr?: string;
  readonly DataPathAddr?: string;
  readonly DataPathPort?: number;
  readonly ForceNewCluster?: boolean;
  readonly Spec?: PostedSwarmSpec;
  readonly AutoLockManagers?: boolean;
  readonly Availability?: string;
  readonly DefaultAddrPool?: readonly string[];
  readonly SubnetSize?: number;
}

interface PostedJoin extends Pick<
  PostedInit,
  'ListenAddr' | 'AdvertiseAddr' | 'DataPathAddr' | 'Availability'
> {
  readonly RemoteAddrs?: readonly string[];
  readonly JoinToken?: string;
}

const ALREADY =
  'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.';
const NO_BODY = new Uint8Array();
const UNLOCK_KEY = struct('swarm.UnlockKeyResponse', always('UnlockKey', STRING));

export const inspectSwarm = (call: Call): void => {
  managersOnly(call);
  call.node.control(
    { method: 'get-cluster' },
    then(call, (cluster) => {
      call.reply.json(renderSwarm(cluster), SWARM);
    }),
  );
};

export const unlockKey = (call: Call): void => {
  managersOnly(call);
  call.node.control(
    { method: 'get-unlock-key' },
    then(call, ({ key }) => {
      call.reply.json({ UnlockKey: showUnlockKey(key) }, UNLOCK_KEY);
    }),
  );
};

export const initSwarm = (call: Call): void => {
  const { node, reply } = call;
  const posted = readBody(call.request, INIT_REQUEST, call.options.behaveLike) as PostedInit;
  if (node.localState() !== 'inactive') {
    if (posted.ForceNewCluster !== true) throw unavailable(ALREADY);
    if (node.role() !== 'manager' || !node.managerReady()) throw workerCannot();
  }
  const wanted = initRequest(posted, node.interfaces(), call.options.defaultAdvertiseAddr);
  whenCompatible(call, () => {
    node.init(
      wanted,
      then(call, ({ nodeId }) => {
        reply.json(nodeId, STRING);
      }),
    );
  });
};

/** An engine that keeps containers while it is away cannot be in a swarm (moby: IsSwarmCompatible). */
function whenCompatible(call: Call, next: () => void): void {
  const question = { method: 'GET', path: '/info', query: new Map(), headers: {}, body: NO_BODY };
  call.node.engine(question, (answer) => {
    guard(call, () => {
      if (livesOn(answer)) throw new SwarmError('Unknown', LIVE_RESTORE, 'facade');
      next();
    });
  });
}

function initRequest(
  posted: PostedInit,
  interfaces: readonly SystemInterface[],
  defaultAdvertise?: string,
): InitRequest {
  const address = completeAddress(posted.ListenAddr ?? '', 'ListenAddr');
  checkSwarmName(posted.Spec?.Name);
  const listen = resolveListen(address, interfaces);
  const advertise = resolveAdvertise(
    posted.AdvertiseAddr ?? '',
    listen.port,
    interfaces,
    defaultAdvertise,
  );
  const dataPathAddr = resolveDataPath(posted.DataPathAddr ?? '', interfaces);
  const localAddr = resolveLocal(listen.host, advertise.host, interfaces);
  const subnetSize = posted.SubnetSize ?? 0;
  const defaultAddressPool = checkAddressPool(posted.DefaultAddrPool, subnetSize);
  const dataPathPort = checkDataPathPort(posted.DataPathPort ?? 0);
  const availability = startAvailability(posted.Availability);
  return {
    listenAddr: joined(listen),
    advertiseAddr: joined(advertise),
    localAddr,
    dataPathAddr,
    dataPathPort,
    forceNewCluster: posted.ForceNewCluster ?? false,
    defaultAddressPool,
    showsNoPool: posted.DefaultAddrPool?.length === 0,
    subnetSize,
    availability,
    spec: convertInitSpec(posted.Spec ?? {}),
    respec: (base) => convertInitSpec(posted.Spec ?? {}, base),
  };
}

export const joinSwarm = (call: Call): void => {
  const posted = readBody(call.request, JOIN_REQUEST, call.options.behaveLike) as PostedJoin;
  if (call.node.localState() !== 'inactive') throw unavailable(ALREADY);
  const wanted = joinRequest(posted, call.node.interfaces());
  whenCompatible(call, () => {
    call.node.join(
      wanted,
      then(call, () => {
        call.reply.empty();
      }),
    );
  });
};

function joinRequest(posted: PostedJoin, interfaces: readonly SystemInterface[]): JoinRequest {
  const address = completeAddress(posted.ListenAddr ?? '', 'ListenAddr');
  const [remoteAddr] = (posted.RemoteAddrs ?? []).map((one) => completeAddress(one, 'remoteAddr'));
  if (remoteAddr === undefined) throw refused('at least 1 RemoteAddr is required to join');
  const listen = resolveListen(address, interfaces);
  return {
    listenAddr: joined(listen),
    advertiseAddr: joinAdvertise(posted.AdvertiseAddr ?? '', listen.port, interfaces),
    dataPathAddr: resolveDataPath(posted.DataPathAddr ?? '', interfaces),
    remoteAddr,
    joinToken: posted.JoinToken ?? '',
    availability: startAvailability(posted.Availability),
  };
}

/** A joiner's advertised address may be wrong: the other side finds it out (moby ignores the error). */
function joinAdvertise(
  given: string,
  listenPort: string,
  interfaces: readonly SystemInterface[],
): string {
  if (given === '') return '';
  try {
    return joined(resolveAdvertise(given, listenPort, interfaces));
  } catch (caught) {
    if (isSwarmError(caught)) return '';
    throw caught;
  }
}

export const leaveSwarm = (call: Call): void => {
  leave(call, isOn(call.request, 'force'));
};

export const updateSwarm = (call: Call): void => {
  const { request, node, reply } = call;
  const posted = readBody(request, SWARM_SPEC, call.options.behaveLike) as PostedSwarmSpec;
  const version = versionOf(request, 'swarm');
  const rotateWorkerToken = rotationFlag(request, 'rotateWorkerToken');
  const rotateManagerToken = rotationFlag(request, 'rotateManagerToken');
  const rotateUnlockKey = rotationFlag(request, 'rotateManagerUnlockKey');
  managersOnly(call);
  node.control(
    { method: 'get-cluster' },
    then(call, () => {
      checkSwarmName(posted.Name);
      const spec = convertUpdateSpec(posted);
      node.control(
        {
          method: 'update-cluster',
          version,
          spec,
          rotateWorkerToken,
          rotateManagerToken,
          rotateUnlockKey,
        },
        then(call, () => {
          reply.empty();
        }),
      );
    }),
  );
};

/** Opens a locked manager; where nothing is locked it says why not (moby: Cluster.UnlockSwarm). */
export const unlockSwarm = (call: Call): void => {
  const { UnlockKey = '' } = readBody(call.request, UNLOCK_REQUEST, call.options.behaveLike) as {
    readonly UnlockKey?: string;
  };
  const problem = notManager(call.node);
  if (problem === null) throw new SwarmError('AlreadyExists', 'swarm is not locked', 'facade');
  if (call.node.localState() !== 'locked') throw problem;
  const key = readUnlockKey(UnlockKey);
  if (key === null) throw refused('invalid key string');
  call.node.unlock(
    key,
    then(call, () => {
      call.reply.empty();
    }),
  );
};

const joined = ({ host, port }: HostPort): string => joinHostPort(host, port);

/** What a machine needs to get into a swarm: an identity, and for a founder the first state of the store. */
import { clusterId, nodeId } from '../../model/ids.ts';
import { drawId } from '../../model/random.ts';
import { ok, type Done } from '../../model/result.ts';
import type { NodeAvailability, SwarmSpec } from '../../model/specs.ts';
import type { FirstState } from '../manager/leader.ts';
import { drawRaftId } from '../manager/member-changes.ts';
import { hostOf } from './node-info.ts';
import type { JoinParameters, NodePorts, NodeState } from './node-ports.ts';

const DEFAULT_PORT = '2377';

export interface InitParameters {
  readonly listenAddr: string;
  readonly advertiseAddr: string;
  readonly availability: NodeAvailability;
  readonly spec: SwarmSpec;
  readonly defaultAddressPool: readonly string[];
  readonly subnetSize: number;
  readonly dataPathPort: number;
  /** The list of address pools was there, and empty. */
  readonly showsNoPool?: boolean;
  /** The spec of a swarm that this manager goes on with alone, from what it was. Founding does not ask for it. */
  readonly respec?: (base: SwarmSpec) => SwarmSpec;
}

export interface JoinSwarmParameters extends JoinParameters {
  readonly listenAddr: string;
  /** `''` where the manager that is asked shall take the address that the call comes from. */
  readonly advertiseAddr: string;
}

export interface Founding {
  readonly state: NodeState;
  readonly first: FirstState;
}

/** Makes a root certificate, and with it the founder's own. */
export function prepareFounding(
  ports: NodePorts,
  parameters: InitParameters,
  done: Done<Founding>,
): void {
  const { authority, enrolment, random } = ports;
  const self = nodeId(drawId(random));
  const cluster = clusterId(drawId(random));
  authority.createRoot((root) => {
    if (!root.ok) {
      done(root);
      return;
    }
    enrolment.selfSign(root.value, self, cluster, (signed) => {
      if (!signed.ok) {
        done(signed);
        return;
      }
      const { csr, ...identity } = signed.value;
      const { listenAddr, advertiseAddr, ...settings } = parameters;
      const isLocking = settings.spec.EncryptionConfig.AutoLockManagers;
      const { certificate } = identity;
      const raftId = drawRaftId(ports, () => false);
      const managers = [{ nodeId: self, addr: advertiseAddr, weight: 10 }];
      const addr = hostOf(advertiseAddr);
      const { spec, availability, defaultAddressPool, subnetSize, dataPathPort } = settings;
      done(
        ok({
          state: { identity, raftId, listenAddr, advertiseAddr, managers },
          first: {
            rootCa: root.value,
            certificate,
            csr,
            addr,
            spec,
            availability,
            defaultAddressPool,
            subnetSize,
            dataPathPort,
            showsNoPool: settings.showsNoPool ?? false,
            ...(isLocking ? { unlockKey: authority.unlockKey() } : {}),
          },
        }),
      );
    });
  });
}

/** Asks the manager at the remote address for a certificate, by the token. */
export function prepareJoin(
  ports: NodePorts,
  parameters: JoinSwarmParameters,
  done: Done<NodeState>,
): void {
  const { listenAddr, remoteAddr } = parameters;
  const port = /:(\d+)$/.exec(listenAddr)?.[1] ?? DEFAULT_PORT;
  const left: Pick<NodeState, 'joinAddr'> =
    parameters.advertiseAddr === '' ? { joinAddr: `0.0.0.0:${port}` } : {};
  const advertiseAddr = left.joinAddr ?? parameters.advertiseAddr;
  const managers = [{ nodeId: nodeId(''), addr: remoteAddr, weight: 1 }];
  ports.enrolment.join(parameters, (result) => {
    if (!result.ok) done(result);
    else {
      const identity = result.value;
      done(ok({ identity, raftId: '', listenAddr, advertiseAddr, ...left, managers }));
    }
  });
}

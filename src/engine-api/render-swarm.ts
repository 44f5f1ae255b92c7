import type { ClusterView } from '../model/control.ts';
import { readIssuer } from './certificate-issuer.ts';
import { renderMeta } from './render-service.ts';

/** The swarm without its tokens, as `/info` shows it (moby: convert.SwarmFromGRPC). Keys are never shown. */
export function renderCluster(cluster: ClusterView): Record<string, unknown> {
  const { spec } = cluster;
  const { rootCa } = cluster;
  const issuer = readIssuer((rootCa.rotation ?? rootCa).certificate);
  const { NodeCertExpiry, ForceRotate, ExternalCAs } = spec.CAConfig;
  return {
    ID: cluster.id,
    ...renderMeta(cluster.meta),
    Spec: {
      ...spec,
      Orchestration: {
        TaskHistoryRetentionLimit: spec.Orchestration.TaskHistoryRetentionLimit ?? 0,
      },
      // A root of one's own is never shown: whoever posts what was shown would bring it a second time, without its key.
      CAConfig: { NodeCertExpiry, ForceRotate, ExternalCAs },
      // Kept, never given back: moby does not convert it.
      TaskDefaults: {},
    },
    TLSInfo: {
      TrustRoot: cluster.rootCa.certificate,
      CertIssuerSubject: issuer?.subject,
      CertIssuerPublicKey: issuer?.publicKey,
    },
    RootRotationInProgress: rootCa.rotation !== undefined,
    DefaultAddrPool: pools(cluster),
    SubnetSize: cluster.subnetSize === 0 ? 24 : cluster.subnetSize,
    DataPathPort: cluster.dataPathPort === 0 ? 4789 : cluster.dataPathPort,
  };
}

function pools({ defaultAddressPool, showsNoPool }: ClusterView): readonly string[] | undefined {
  if (defaultAddressPool.length > 0) return defaultAddressPool;
  return showsNoPool === true ? undefined : ['10.0.0.0/8'];
}

/** The swarm as `GET /swarm` shows it. */
export const renderSwarm = (cluster: ClusterView): Record<string, unknown> => ({
  ...renderCluster(cluster),
  JoinTokens: { Worker: cluster.joinTokens.worker, Manager: cluster.joinTokens.manager },
});

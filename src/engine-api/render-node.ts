import type { NodeView } from '../model/control.ts';
import type { NodeDescription } from '../model/objects.ts';
import { renderMeta } from './render-service.ts';

/** A node as `GET /nodes/{id}` shows it (moby: convert.NodeFromGRPC); the role in its spec is the desired one. */
export function renderNode({ node, manager }: NodeView): Record<string, unknown> {
  return {
    ID: node.id,
    ...renderMeta(node.meta),
    Spec: node.spec,
    Description: node.description === undefined ? {} : renderDescription(node.description),
    Status: { State: node.status.state, Message: node.status.message, Addr: node.status.addr },
    ManagerStatus:
      manager === undefined
        ? undefined
        : { Leader: manager.leader, Reachability: manager.reachability, Addr: manager.addr },
  };
}

function renderDescription(description: NodeDescription): Record<string, unknown> {
  const { resources, engine, tls } = description;
  return {
    Hostname: description.hostname,
    Platform: description.platform,
    Resources: {
      NanoCPUs: resources.nanoCpus,
      MemoryBytes: resources.memoryBytes,
      GenericResources: resources.generic,
    },
    Engine: { EngineVersion: engine.version, Labels: engine.labels, Plugins: engine.plugins },
    TLSInfo:
      tls === undefined
        ? {}
        : {
            TrustRoot: tls.trustRoot,
            CertIssuerSubject: tls.issuerSubject,
            CertIssuerPublicKey: tls.issuerPublicKey,
          },
  };
}

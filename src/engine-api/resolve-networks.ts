import { SwarmError } from '../model/errors.ts';
import type { Network } from '../model/objects.ts';
import type { NetworkAttachmentConfig } from '../model/specs.ts';
import { then, type Call } from './call.ts';
import type { PostedServiceSpec } from './convert-service.ts';
import type { NetworkResolution } from './node-view.ts';
import type { Posted } from './posted.ts';

type Attachment = Posted<NetworkAttachmentConfig>;

/**
 * Puts ids in place of the names of a spec's networks and goes on with it. moby asks before it looks at the rest of the spec: those of the task
 * template, else those of the service (Cluster.populateNetworkID). An unknown one is status 500, one of the engine's own 403.
 */
export function resolveNetworks(
  call: Call,
  spec: PostedServiceSpec,
  next: (spec: PostedServiceSpec) => void,
): void {
  const ofTask = spec.TaskTemplate?.Networks ?? [];
  const isOfTask = ofTask.length > 0;
  resolveAll(call, isOfTask ? ofTask : (spec.Networks ?? []), [], (networks) => {
    if (networks.length === 0) next(spec);
    else if (isOfTask)
      next({ ...spec, TaskTemplate: { ...spec.TaskTemplate, Networks: networks } });
    else next({ ...spec, Networks: networks });
  });
}

function resolveAll(
  call: Call,
  left: readonly Attachment[],
  resolved: readonly Attachment[],
  next: (networks: readonly Attachment[]) => void,
): void {
  const [first, ...rest] = left;
  if (first === undefined) {
    next(resolved);
    return;
  }
  const target = first.Target ?? '';
  const goOn = (id: string): void => {
    resolveAll(call, rest, [...resolved, { ...first, Target: id }], next);
  };
  call.node.control({ method: 'get-network', ref: target }, (result) => {
    if (result.ok)
      then<Network>(call, ({ id }) => {
        goOn(id);
      })(result);
    else
      call.node.network(
        target,
        then(call, (found) => {
          goOn(idOf(found, target, result.error));
        }),
      );
  });
}

/** `cause` is why the swarm does not say; that it has no such network is no gRPC error, and therefore status 500. */
function idOf(found: NetworkResolution, target: string, cause: SwarmError): string {
  if (found.kind === 'swarm') return found.id;
  if (found.kind === 'unknown')
    throw cause.code === 'NotFound'
      ? new SwarmError('Unknown', `network ${target} not found`, 'facade')
      : cause;
  throw new SwarmError(
    'PermissionDenied',
    `The network ${found.name} cannot be used with services. Only networks scoped to the swarm can be used, such as those created with the overlay driver.`,
    'facade',
  );
}

import { SwarmError } from '../model/errors.ts';
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
  call.node.network(
    target,
    then(call, (found) => {
      resolveAll(call, rest, [...resolved, { ...first, Target: idOf(found, target) }], next);
    }),
  );
}

function idOf(found: NetworkResolution, target: string): string {
  if (found.kind === 'swarm') return found.id;
  if (found.kind === 'unknown')
    throw new SwarmError('Unknown', `network ${target} not found`, 'facade');
  throw new SwarmError(
    'PermissionDenied',
    `The network ${found.name} cannot be used with services. Only networks scoped to the swarm can be used, such as those created with the overlay driver.`,
    'facade',
  );
}

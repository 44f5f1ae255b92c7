import type { Node, Service, Task } from '../../model/objects.ts';
import type { TaskSpec } from '../../model/specs.ts';
import { compareStates } from '../../model/task-state.ts';
import { matchesConstraints, placementConstraints } from '../constraint.ts';
import { isRunnable, type Slot } from './slot.ts';
import { sameSpec } from './spec-equality.ts';

/**
 * Whether the service's spec asks for the task to be replaced (SwarmKit: IsTaskDirty). The spec version settles it where it is equal. A
 * template in which nothing but the placement differs leaves the task where its node still fits; ports are not looked at then, so changing
 * ports and placement together touches nothing. Labels of the service, update settings and replicas never make a task dirty.
 */
export function isTaskDirty(service: Service, task: Task, node: Node | undefined): boolean {
  if (task.specVersion === service.specVersion) return false;
  const template = hasPulled(task)
    ? withPullOptionsOf(task, service.spec.TaskTemplate)
    : service.spec.TaskTemplate;
  const samePlacement = sameSpec(template.Placement, task.spec.Placement, 'Placement');
  const sameRest = sameSpec(
    { ...template, Placement: undefined },
    { ...task.spec, Placement: undefined },
  );
  if (!samePlacement && sameRest && fits(service, node)) return false;
  if (!samePlacement || !sameRest) return true;
  return task.endpoint !== undefined && !sameSpec(service.spec.EndpointSpec, task.endpoint.spec);
}

/** Other credentials are no reason to replace what has its image already. */
const hasPulled = (task: Task): boolean =>
  isRunnable(task) &&
  compareStates(task.status.state, 'ready') >= 0 &&
  compareStates(task.status.state, 'running') <= 0;

function withPullOptionsOf(task: Task, template: TaskSpec): TaskSpec {
  const { PullOptions } = task.spec.ContainerSpec ?? {};
  const { ContainerSpec } = template;
  if (ContainerSpec === undefined || ContainerSpec.PullOptions === PullOptions) return template;
  // An undefined member is the same as none to whoever compares specs.
  const same = { ...ContainerSpec, PullOptions } as typeof ContainerSpec;
  return { ...template, ContainerSpec: same };
}

/** A slot with more than one live task is dirty, whatever they are. */
export function isSlotDirty(
  service: Service,
  slot: Slot,
  nodeOf: (task: Task) => Node | undefined,
): boolean {
  const [first, ...more] = slot;
  if (first === undefined) return false;
  return more.length > 0 || isTaskDirty(service, first, nodeOf(first));
}

const fits = (service: Service, node: Node | undefined): boolean =>
  node !== undefined &&
  matchesConstraints(placementConstraints(service.spec.TaskTemplate.Placement), node);

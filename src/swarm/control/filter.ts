/** The filters of list calls (behaviour.md 11.4 to 11.6): alternatives within a key, every key must match. */
import type { Filters } from '../../model/control.ts';
import { SwarmError } from '../../model/errors.ts';
import type { Node, Service, Task } from '../../model/objects.ts';
import { taskName } from '../../model/objects.ts';
import type { Labels } from '../../model/specs.ts';
import { TASK_STATES } from '../../model/task-state.ts';
import type { Reader } from '../tables.ts';
import { resolveNode, resolveService } from './resolve.ts';

type Match = (value: string) => boolean;

const any = (values: readonly string[] | undefined, match: Match): boolean =>
  values === undefined || values.length === 0 || values.some(match);

/** `key` matches a label that is there, `key=value` one with that value; every wanted label must be there. */
export const hasLabels = (values: readonly string[] | undefined, labels: Labels): boolean =>
  (values ?? []).every((wanted) => {
    const at = wanted.indexOf('=');
    const key = at < 0 ? wanted : wanted.slice(0, at);
    return Object.hasOwn(labels, key) && (at < 0 || labels[key] === wanted.slice(at + 1));
  });

function checkValues(
  key: string,
  values: readonly string[] | undefined,
  allowed: readonly string[],
): void {
  const wrong = values?.find((value) => !allowed.includes(value));
  if (wrong !== undefined)
    throw new SwarmError('Unknown', `Invalid ${key} filter: '${wrong}'`, 'facade');
}

export function nodeFilter(filters: Filters): (node: Node) => boolean {
  const { name, id, label, role, membership } = filters;
  const nodeLabels = filters['node.label'];
  checkValues('role', role, ['worker', 'manager']);
  checkValues('membership', membership, ['accepted', 'pending']);
  return (node) =>
    any(name, (prefix) => (node.description?.hostname ?? '').startsWith(prefix)) &&
    any(id, (prefix) => node.id.startsWith(prefix)) &&
    any(role, (value) => node.role === value) &&
    any(membership, (value) => value === 'accepted') &&
    hasLabels(label, node.description?.engine.labels ?? {}) &&
    hasLabels(nodeLabels, node.spec.Labels);
}

export function modeOf(service: Service): string {
  const { Global, ReplicatedJob, GlobalJob } = service.spec.Mode;
  if (Global !== undefined) return 'global';
  if (ReplicatedJob !== undefined) return 'replicated-job';
  return GlobalJob === undefined ? 'replicated' : 'global-job';
}

export function serviceFilter(filters: Filters): (service: Service) => boolean {
  const { name, id, label, mode, runtime } = filters;
  return (service) =>
    any(name, (prefix) => service.spec.Name.startsWith(prefix)) &&
    any(id, (prefix) => service.id.startsWith(prefix)) &&
    any(mode, (value) => modeOf(service) === value) &&
    any(runtime, (value) => (service.spec.TaskTemplate.Runtime ?? 'container') === value) &&
    hasLabels(label, service.spec.Labels);
}

export function taskFilter(read: Reader, filters: Filters): (task: Task) => boolean {
  const { name, id, label, runtime } = filters;
  const desired = filters['desired-state'];
  checkValues('desired-state', desired, TASK_STATES);
  const services = filters['service']?.map((ref) => resolveService(read, ref).id);
  const nodes = filters['node']?.map((ref) => resolveNode(read, ref).id);
  const upToDate = filters['_up-to-date'];
  const current = (task: Task): boolean =>
    read.get('service', task.serviceId)?.specVersion === task.specVersion;
  return (task) =>
    any(name, (prefix) => taskName(task).startsWith(prefix)) &&
    any(id, (prefix) => task.id.startsWith(prefix)) &&
    any(desired, (state) => task.desiredState === state) &&
    any(runtime, (value) => (task.spec.Runtime ?? 'container') === value) &&
    (services === undefined || services.includes(task.serviceId)) &&
    (nodes === undefined || nodes.includes(task.nodeId)) &&
    any(upToDate, (value) => current(task) === (value === 'true' || value === '1')) &&
    hasLabels(label, task.serviceLabels);
}

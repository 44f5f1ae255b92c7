/** What the leader does with requests about services (behaviour.md 6.5, 11.5; SwarmKit: controlapi/service). */
import type { ControlReplies, ControlRequest, Filters, ServiceView } from '../../model/control.ts';
import { SwarmError } from '../../model/errors.ts';
import { serviceId } from '../../model/ids.ts';
import type { Service, Task } from '../../model/objects.ts';
import { drawId } from '../../model/random.ts';
import { failed, type Done } from '../../model/result.ts';
import type { PortConfig, ServiceSpec } from '../../model/specs.ts';
import { compareStates } from '../../model/task-state.ts';
import type { Reader } from '../tables.ts';
import type { ControlContext } from './context.ts';
import { modeOf, serviceFilter } from './filter.ts';
import { resolveService } from './resolve.ts';
import { validateServiceSpec } from './validate-service.ts';

type Request<M extends ControlRequest['method']> = Extract<ControlRequest, { method: M }>;

export function createService(
  context: ControlContext,
  request: Request<'create-service'>,
  done: Done<ControlReplies['create-service']>,
): void {
  const { store, ports } = context;
  const invalid = validateServiceSpec(request.spec);
  if (invalid !== null) {
    done(failed(invalid));
    return;
  }
  const id = serviceId(drawId(ports.random));
  store.update((transaction) => {
    checkReferences(transaction, request.spec);
    checkPorts(transaction, request.spec, id);
    const name = request.spec.Name.toLowerCase();
    if (transaction.all('service').some((other) => other.spec.Name.toLowerCase() === name)) {
      const text = `name conflicts with an existing object: service ${request.spec.Name} already exists`;
      throw new SwarmError('AlreadyExists', text);
    }
    transaction.create('service', { id, spec: request.spec, specVersion: 0 });
    return { id };
  }, done);
}

export function updateService(
  context: ControlContext,
  request: Request<'update-service'>,
  done: Done<ControlReplies['update-service']>,
): void {
  const invalid = validateServiceSpec(request.spec);
  context.store.update((transaction) => {
    const service = resolveService(transaction, request.ref);
    if (invalid !== null) throw invalid;
    checkReferences(transaction, request.spec);
    checkPorts(transaction, request.spec, service.id);
    if (request.spec.Name !== service.spec.Name) {
      throw new SwarmError('Unimplemented', 'renaming services is not supported');
    }
    if (modeOf({ ...service, spec: request.spec }) !== modeOf(service)) {
      throw new SwarmError('Unimplemented', 'service mode change is not allowed');
    }
    const next = request.rollback
      ? rolledBack(service, context.ports.clock.now())
      : respecified(service, request.spec);
    transaction.update('service', { ...next, meta: { ...service.meta, version: request.version } });
    return {};
  }, done);
}

export function removeService(
  context: ControlContext,
  request: Request<'remove-service'>,
  done: Done<ControlReplies['remove-service']>,
): void {
  context.store.update((transaction) => {
    transaction.remove('service', resolveService(transaction, request.ref).id);
    return {};
  }, done);
}

export function listServices(read: Reader, filters: Filters): readonly ServiceView[] {
  const matches = serviceFilter(filters);
  const services = read.all('service').filter(matches);
  return services.sort((a, b) => (a.id < b.id ? -1 : 1)).map((service) => view(read, service));
}

// A normal update forgets the update's outcome and remembers the spec that a rollback returns to.
function respecified(service: Service, spec: ServiceSpec): Service {
  const { id, meta, jobStatus, endpoint } = service;
  return {
    id,
    meta,
    ...(jobStatus === undefined ? {} : { jobStatus }),
    ...(endpoint === undefined ? {} : { endpoint }),
    spec,
    specVersion: service.meta.version,
    previousSpec: service.spec,
    previousSpecVersion: service.specVersion,
  };
}

function rolledBack(service: Service, now: number): Service {
  if (service.previousSpec === undefined) {
    throw new SwarmError(
      'FailedPrecondition',
      `service ${service.id} does not have a previous spec`,
    );
  }
  return {
    ...service,
    spec: service.previousSpec,
    specVersion: service.previousSpecVersion ?? 0,
    previousSpec: service.spec,
    previousSpecVersion: service.specVersion,
    updateStatus: {
      state: 'rollback_started',
      message: 'manually requested rollback',
      startedAt: now,
    },
  };
}

function view(read: Reader, service: Service): ServiceView {
  const tasks = read.tasksOfService(service.id);
  const count = (matches: (task: Task) => boolean): number => tasks.filter(matches).length;
  return {
    service,
    runningTasks: count((task) => task.status.state === 'running'),
    desiredTasks: desiredTasks(service, tasks),
    completedTasks: count((task) => task.status.state === 'complete'),
  };
}

function desiredTasks(service: Service, tasks: readonly Task[]): number {
  const { Replicated, ReplicatedJob } = service.spec.Mode;
  if (Replicated !== undefined) return Replicated.Replicas ?? 1;
  if (ReplicatedJob !== undefined) return ReplicatedJob.MaxConcurrent ?? 1;
  return tasks.filter((task) => compareStates(task.desiredState, 'running') === 0).length;
}

const portsOf = (spec: ServiceSpec, mode: 'ingress' | 'host'): readonly PortConfig[] =>
  (spec.EndpointSpec?.Ports ?? []).filter(
    (port) => (port.PublishMode ?? 'ingress') === mode && (port.PublishedPort ?? 0) !== 0,
  );

// Two services may both publish a port in host mode; everything else collides.
function checkPorts(read: Reader, spec: ServiceSpec, self: string): void {
  const ingress = portsOf(spec, 'ingress');
  const host = portsOf(spec, 'host');
  if (ingress.length + host.length === 0) return;
  const taken = (
    other: Service,
    theirs: readonly PortConfig[],
    ours: readonly PortConfig[],
    as: string,
  ): void => {
    for (const port of ours) {
      const same = (their: PortConfig): boolean =>
        their.PublishedPort === port.PublishedPort &&
        (their.Protocol ?? 'tcp') === (port.Protocol ?? 'tcp');
      if (!theirs.some(same)) continue;
      const text = `port '${port.PublishedPort ?? 0}' is already in use by service '${other.spec.Name}' (${other.id}) as ${as} port`;
      throw new SwarmError('InvalidArgument', text);
    }
  };
  for (const other of read.all('service')) {
    if (other.id === self) continue;
    taken(other, portsOf(other.spec, 'ingress'), [...ingress, ...host], 'an ingress');
    taken(other, portsOf(other.spec, 'host'), ingress, 'a host-published');
  }
}

function checkReferences(read: Reader, spec: ServiceSpec): void {
  const container = spec.TaskTemplate.ContainerSpec;
  const secrets = (container?.Secrets ?? []).filter(
    (ref) => read.get('secret', ref.SecretID)?.spec.Name !== ref.SecretName,
  );
  missing(
    'secret',
    secrets.map((ref) => ref.SecretName),
  );
  const configs = (container?.Configs ?? []).filter(
    (ref) => read.get('config', ref.ConfigID)?.spec.Name !== ref.ConfigName,
  );
  missing(
    'config',
    configs.map((ref) => ref.ConfigName),
  );
}

function missing(kind: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const plural = names.length === 1 ? kind : `${kind}s`;
  throw new SwarmError('InvalidArgument', `${plural} not found: ${names.join(', ')}`);
}

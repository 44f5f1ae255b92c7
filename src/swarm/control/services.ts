/** What the leader does with requests about services (behaviour.md 6.5, 11.5; SwarmKit: controlapi/service). */
import type { ControlReplies, ControlRequest, Filters, ServiceView } from '../../model/control.ts';
import { SwarmError } from '../../model/errors.ts';
import { serviceId } from '../../model/ids.ts';
import type { Service, Task } from '../../model/objects.ts';
import { drawId } from '../../model/random.ts';
import { failed, type Done } from '../../model/result.ts';
import type { ServiceSpec } from '../../model/specs.ts';
import { sameValue } from '../dispatcher/task-equality.ts';
import type { Reader } from '../tables.ts';
import type { ControlContext } from './context.ts';
import { modeOf, serviceFilter } from './filter.ts';
import { resolveService } from './resolve.ts';
import {
  checkIngress,
  checkNetworks,
  checkNetworkUpdate,
  checkPorts,
  checkReferences,
} from './service-needs.ts';
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
    checkNetworks(transaction, request.spec);
    checkPorts(transaction, request.spec, id);
    checkIngress(transaction, request.spec);
    checkReferences(transaction, request.spec);
    const name = request.spec.Name.toLowerCase();
    if (transaction.all('service').some((other) => other.spec.Name.toLowerCase() === name)) {
      const text = `name conflicts with an existing object: service ${request.spec.Name} already exists`;
      throw new SwarmError('AlreadyExists', text);
    }
    const { spec } = request;
    const job = isJob(spec)
      ? { jobStatus: { iteration: 0, lastExecution: ports.clock.now() } }
      : {};
    transaction.create('service', { id, spec, specVersion: 0, ...job });
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
    checkUpdate(transaction, service, request.spec);
    checkIngress(transaction, request.spec);
    const now = context.ports.clock.now();
    const next = request.rollback ? rolledBack(service, now) : respecified(service, request.spec);
    const meta = { ...service.meta, version: request.version };
    transaction.update('service', { ...next, meta, ...nextIteration(service, now) });
    return {};
  }, done);
}

// In SwarmKit's order, since the first refusal is the one that people see.
function checkUpdate(read: Reader, service: Service, spec: ServiceSpec): void {
  checkNetworks(read, spec);
  if (!sameValue(spec.EndpointSpec, service.spec.EndpointSpec)) checkPorts(read, spec, service.id);
  checkNetworkUpdate(service.spec, spec);
  checkReferences(read, spec);
  if (modeOf({ ...service, spec }) !== modeOf(service)) {
    throw new SwarmError('Unimplemented', 'service mode change is not allowed');
  }
  if (spec.Name !== service.spec.Name) {
    throw new SwarmError('Unimplemented', 'renaming services is not supported');
  }
}

const isJob = ({ Mode }: ServiceSpec): boolean =>
  Mode.ReplicatedJob !== undefined || Mode.GlobalJob !== undefined;

/** Every update of a job, whatever it changes, is another run of it (SwarmKit: JobIteration). */
const nextIteration = ({ jobStatus }: Service, now: number): Pick<Service, 'jobStatus'> =>
  jobStatus === undefined
    ? {}
    : { jobStatus: { iteration: jobStatus.iteration + 1, lastExecution: now } };

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

/** A job's counts are those of its present iteration (SwarmKit: ListServiceStatuses). */
function view(read: Reader, service: Service): ServiceView {
  const { jobStatus } = service;
  const all = read.tasksOfService(service.id);
  const tasks =
    jobStatus === undefined ? all : all.filter((task) => task.jobIteration === jobStatus.iteration);
  const count = (matches: (task: Task) => boolean): number => tasks.filter(matches).length;
  return {
    service,
    runningTasks: count((task) => task.status.state === 'running'),
    desiredTasks: desiredTasks(service, count),
    completedTasks: jobStatus === undefined ? 0 : count((task) => task.status.state === 'complete'),
  };
}

function desiredTasks(
  service: Service,
  count: (matches: (task: Task) => boolean) => number,
): number {
  const { Replicated, ReplicatedJob } = service.spec.Mode;
  if (Replicated !== undefined) return Replicated.Replicas ?? 1;
  if (ReplicatedJob !== undefined) return ReplicatedJob.MaxConcurrent ?? 1;
  return count(
    ({ desiredState, status }) =>
      desiredState === 'running' || (desiredState === 'complete' && status.state !== 'complete'),
  );
}

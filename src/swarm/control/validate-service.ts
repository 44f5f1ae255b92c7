/** Specs as the leader judges them before it writes them (SwarmKit: controlapi); refusals reach people with the rpc prefix. */
import { SwarmError, isSwarmError } from '../../model/errors.ts';
import type {
  EndpointSpec,
  NodeSpec,
  Resources,
  RestartPolicy,
  ServiceMode,
  ServiceSpec,
  SwarmSpec,
  TaskSpec,
  UpdateConfig,
} from '../../model/specs.ts';
import { parseConstraints } from '../constraint.ts';
import { checkContainer, checkReferences } from './validate-container.ts';

/** The same names as SwarmKit's `^[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*$`, in a form that cannot run away. */
const DNS_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?$/;
const MAX_NAME_LENGTH = 63;
const LEAST_NANO_CPUS = 1_000_000;
const LEAST_MEMORY_BYTES = 4 * 1024 * 1024;
const MAX_INT64 = 2 ** 63;
const HOUR = 3_600_000_000_000;

/** The first thing that is wrong with a service's spec, null when it may be written. What needs the store is not looked at here. */
export function validateServiceSpec(spec: ServiceSpec): SwarmError | null {
  return problemOf(() => {
    checkName(spec.Name);
    checkTask(spec.TaskTemplate);
    checkMode(spec.Mode);
    const isJob = spec.Mode.GlobalJob !== undefined || spec.Mode.ReplicatedJob !== undefined;
    if (isJob && spec.UpdateConfig !== undefined)
      throw invalid('Jobs may not have an update config');
    checkUpdate(spec.UpdateConfig);
    checkEndpoint(spec.EndpointSpec);
  });
}

/** The first thing that is wrong with a swarm's spec. 0 stands for "not set" and is allowed. */
export function validateClusterSpec(spec: SwarmSpec): SwarmError | null {
  const expiry = spec.CAConfig.NodeCertExpiry;
  if (expiry !== 0 && expiry < HOUR) return invalid('minimum certificate expiry time is: 1h0m0s');
  if (spec.Dispatcher.HeartbeatPeriod < 0)
    return invalid('heartbeat time period cannot be a negative duration');
  return spec.Name === 'default' ? null : invalid('modification of cluster name is not allowed');
}

/** Nothing in a node's spec is wrong by itself once the facade has taken it; what a demotion breaks is the store's to say. */
export const validateNodeSpec: (spec: NodeSpec) => SwarmError | null = () => null;

/** Of services and networks. */
export function checkName(name: string): void {
  if (name === '') throw invalid('meta: name must be provided');
  if (!DNS_NAME.test(name)) throw invalid('name must be valid as a DNS name component');
  if (name.length > MAX_NAME_LENGTH) throw invalid('name must be 63 characters or fewer');
}

function checkTask(task: TaskSpec): void {
  checkResources(task.Resources?.Limits);
  checkResources(task.Resources?.Reservations);
  checkRestart(task.RestartPolicy);
  const constraints = parseConstraints(task.Placement?.Constraints ?? []);
  // SwarmKit lets the parser's plain error through, so its code is Unknown.
  if (!constraints.ok) throw new SwarmError('Unknown', constraints.error);
  if (task.ContainerSpec === undefined) throw invalid('TaskSpec: missing runtime');
  checkReferences(task.ContainerSpec);
  checkContainer(task.ContainerSpec);
}

function checkResources(resources: Resources | undefined): void {
  const cpus = resources?.NanoCPUs ?? 0;
  if (cpus !== 0 && cpus < LEAST_NANO_CPUS)
    throw invalid(`invalid cpu value ${shortest(cpus / 1e9)}: Must be at least 0.001`);
  const memory = resources?.MemoryBytes ?? 0;
  if (memory !== 0 && memory < LEAST_MEMORY_BYTES)
    throw invalid(`invalid memory value ${memory}: Must be at least 4MiB`);
}

/** Go's %g: exponents of two digits, from 1e-05 down and 1e+21 up. */
function shortest(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e21) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function checkRestart(policy: RestartPolicy | undefined): void {
  if ((policy?.Delay ?? 0) < 0) throw invalid('TaskSpec: restart-delay cannot be negative');
  if ((policy?.Window ?? 0) < 0) throw invalid('TaskSpec: restart-window cannot be negative');
}

function checkMode({ Replicated, ReplicatedJob }: ServiceMode): void {
  if ((Replicated?.Replicas ?? 0) >= MAX_INT64)
    throw invalid('Number of replicas must be non-negative');
  if ((ReplicatedJob?.MaxConcurrent ?? 0) >= MAX_INT64)
    throw invalid('Maximum concurrent jobs must not be negative');
  if ((ReplicatedJob?.TotalCompletions ?? 0) >= MAX_INT64)
    throw invalid('Total completed jobs must not be negative');
}

/** A rollback's settings are not looked at, as SwarmKit does not. */
function checkUpdate(config: UpdateConfig | undefined): void {
  if (config === undefined) return;
  if ((config.Delay ?? 0) < 0) throw invalid('TaskSpec: update-delay cannot be negative');
  if ((config.Monitor ?? 0) < 0) throw invalid('TaskSpec: update-monitor cannot be negative');
  if (config.MaxFailureRatio < 0 || config.MaxFailureRatio > 1)
    throw invalid('TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1');
}

function checkEndpoint(spec: EndpointSpec | undefined): void {
  const taken = new Set<string>();
  for (const { PublishMode, PublishedPort = 0, Protocol = 'tcp' } of spec?.Ports ?? []) {
    if (spec?.Mode === 'dnsrr' && PublishMode !== 'host')
      throw invalid("EndpointSpec: port published with ingress mode can't be used with dnsrr mode");
    if (PublishedPort === 0) continue;
    const port = `${PublishedPort}/${Protocol}`;
    if (taken.has(port)) throw invalid('EndpointSpec: duplicate published ports provided');
    taken.add(port);
  }
}

function problemOf(check: () => void): SwarmError | null {
  try {
    check();
    return null;
  } catch (caught) {
    if (isSwarmError(caught)) return caught;
    throw caught;
  }
}

const invalid = (message: string): SwarmError => new SwarmError('InvalidArgument', message);

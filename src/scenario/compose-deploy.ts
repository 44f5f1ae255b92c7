/** The `deploy` section of a compose service, as `docker stack deploy` takes it. */
import type {
  Placement,
  ResourceRequirements,
  Resources,
  RestartPolicy,
  ServiceMode,
  UpdateConfig,
} from '../model/specs.ts';
import type { ComposeNode } from './compose-node.ts';
import { bytesOf, durationOf, nanoCpusOf } from './compose-values.ts';

export interface Deploy {
  readonly mode: ServiceMode;
  readonly labels: Readonly<Record<string, string>>;
  readonly update?: UpdateConfig;
  readonly rollback?: UpdateConfig;
  readonly restart?: RestartPolicy;
  readonly placement?: Placement;
  readonly resources?: ResourceRequirements;
  readonly endpointMode?: 'vip' | 'dnsrr';
}

const KNOWN = [
  ...(['mode', 'replicas', 'labels', 'update_config', 'rollback_config'] as const),
  ...(['restart_policy', 'placement', 'resources', 'endpoint_mode'] as const),
];

export function readDeploy(node: ComposeNode | undefined): Deploy {
  const members = node?.members() ?? new Map<string, ComposeNode>();
  refuseUnknown(members, KNOWN);
  const of = <T>(name: string, read: (found: ComposeNode) => T): T | undefined => {
    const found = members.get(name);
    return found === undefined ? undefined : read(found);
  };
  const update = of('update_config', readUpdate);
  const rollback = of('rollback_config', readUpdate);
  const restart = of('restart_policy', readRestart);
  const placement = of('placement', readPlacement);
  const resources = of('resources', readResources);
  const endpointMode = of('endpoint_mode', (found) => found.oneOf(['vip', 'dnsrr'] as const));
  return {
    mode: modeOf(members),
    labels: of('labels', (found) => found.pairs()) ?? {},
    ...(update === undefined ? {} : { update }),
    ...(rollback === undefined ? {} : { rollback }),
    ...(restart === undefined ? {} : { restart }),
    ...(placement === undefined ? {} : { placement }),
    ...(resources === undefined ? {} : { resources }),
    ...(endpointMode === undefined || endpointMode === null ? {} : { endpointMode }),
  };
}

/** A name that nobody knows is a slip, and a slip in a `deploy` section would be believed otherwise. */
export function refuseUnknown(
  members: ReadonlyMap<string, ComposeNode>,
  known: readonly string[],
): void {
  for (const [name, found] of members)
    if (!known.includes(name) && !name.startsWith('x-'))
      found.wrong(`unknown field, expected one of ${known.join(', ')}`);
}

const MODES = ['replicated', 'global', 'replicated-job', 'global-job'] as const;

function modeOf(members: ReadonlyMap<string, ComposeNode>): ServiceMode {
  const mode = members.get('mode')?.oneOf(MODES) ?? 'replicated';
  const replicas = members.get('replicas')?.integer() ?? 1;
  if (mode.endsWith('-job'))
    members
      .get('mode')
      ?.log.note(
        'when a job is done is not known here: its tasks are taken to run on, and the table leaves jobs out',
      );
  switch (mode) {
    case 'replicated':
      return { Replicated: { Replicas: replicas } };
    case 'global':
      return { Global: {} };
    case 'replicated-job':
      return { ReplicatedJob: { MaxConcurrent: replicas, TotalCompletions: replicas } };
    case 'global-job':
      return { GlobalJob: {} };
  }
}

const DURATION = 'a duration, as in 10s or 1m30s';

/** What is left out has the engine's default: parallelism 1, no delay, pause, monitor 5 s, ratio 0, stop-first. */
function readUpdate(node: ComposeNode): UpdateConfig {
  const members = node.members();
  refuseUnknown(members, [
    ...['parallelism', 'delay', 'failure_action', 'monitor', 'max_failure_ratio', 'order'],
  ]);
  const delay = members.get('delay')?.read(durationOf, DURATION);
  const monitor = members.get('monitor')?.read(durationOf, DURATION);
  const order = members.get('order')?.oneOf(['stop-first', 'start-first'] as const);
  const action = members.get('failure_action')?.oneOf(['pause', 'continue', 'rollback'] as const);
  return {
    Parallelism: members.get('parallelism')?.integer() ?? 1,
    MaxFailureRatio: members.get('max_failure_ratio')?.number() ?? 0,
    ...(delay == null ? {} : { Delay: delay }),
    ...(monitor == null ? {} : { Monitor: monitor }),
    ...(order == null ? {} : { Order: order }),
    ...(action == null ? {} : { FailureAction: action }),
  };
}

function readRestart(node: ComposeNode): RestartPolicy {
  const members = node.members();
  refuseUnknown(members, ['condition', 'delay', 'max_attempts', 'window']);
  const condition = members.get('condition')?.oneOf(['none', 'on-failure', 'any'] as const);
  const delay = members.get('delay')?.read(durationOf, DURATION);
  const attempts = members.get('max_attempts')?.integer();
  const window = members.get('window')?.read(durationOf, DURATION);
  return {
    ...(condition == null ? {} : { Condition: condition }),
    ...(delay == null ? {} : { Delay: delay }),
    ...(attempts == null ? {} : { MaxAttempts: attempts }),
    ...(window == null ? {} : { Window: window }),
  };
}

function readPlacement(node: ComposeNode): Placement {
  const members = node.members();
  refuseUnknown(members, ['constraints', 'preferences', 'max_replicas_per_node']);
  const constraints = members.get('constraints')?.texts() ?? [];
  const most = members.get('max_replicas_per_node')?.integer();
  const spreads = (members.get('preferences')?.list() ?? []).flatMap((item) => {
    const spread = item.members().get('spread')?.text();
    return spread == null ? [] : [{ Spread: { SpreadDescriptor: spread } }];
  });
  return {
    ...(constraints.length === 0 ? {} : { Constraints: constraints }),
    ...(spreads.length === 0 ? {} : { Preferences: spreads }),
    ...(most == null ? {} : { MaxReplicas: most }),
  };
}

function readResources(node: ComposeNode): ResourceRequirements {
  const members = node.members();
  refuseUnknown(members, ['limits', 'reservations']);
  const limits = members.get('limits');
  const reservations = members.get('reservations');
  return {
    ...(limits === undefined ? {} : { Limits: resourcesOf(limits) }),
    ...(reservations === undefined ? {} : { Reservations: resourcesOf(reservations) }),
  };
}

function resourcesOf(node: ComposeNode): Resources {
  const members = node.members();
  refuseUnknown(members, ['cpus', 'memory', 'pids', 'generic_resources', 'devices']);
  const cpus = members.get('cpus')?.read(nanoCpusOf, 'a number of cores, as in 0.5');
  const memory = members.get('memory')?.read(bytesOf, 'a size, as in 50M');
  const pids = members.get('pids')?.integer();
  if (members.has('generic_resources') || members.has('devices'))
    node.log.note('generic resources and devices are left out: the simulated nodes have none');
  return {
    ...(cpus == null ? {} : { NanoCPUs: cpus }),
    ...(memory == null ? {} : { MemoryBytes: memory }),
    ...(pids == null ? {} : { Pids: pids }),
  };
}

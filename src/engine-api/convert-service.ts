import type { Random } from '../model/random.ts';
import type {
  EndpointSpec,
  GenericResource,
  NetworkAttachmentConfig,
  Placement,
  PortConfig,
  ResourceRequirements,
  RestartPolicy,
  ServiceMode,
  ServiceSpec,
  TaskSpec,
  UpdateConfig,
} from '../model/specs.ts';
import { convertContainer } from './convert-container.ts';
import { goQuote } from './go-quote.ts';
import { compact, count, labels, refused, some, text, type Posted } from './posted.ts';
import { drawServiceName } from './service-name.ts';

/** A service spec as decoded, with the parts that no container service has. */
export type PostedServiceSpec = Posted<ServiceSpec> & {
  readonly TaskTemplate?: Posted<TaskSpec> & { readonly PluginSpec?: object };
};

/**
 * A service spec as real Swarm keeps it: defaults of the conversion filled in, empty things gone, a name drawn where there is none
 * (moby: convert.ServiceSpecToGRPC and back). Throws the facade's refusals, in moby's order.
 */
export function convertServiceSpec(posted: PostedServiceSpec, random: Random): ServiceSpec {
  const template = posted.TaskTemplate ?? {};
  checkRuntime(posted);
  const container = convertContainer(template.ContainerSpec ?? {});
  const restart = convertRestartPolicy(template.RestartPolicy);
  const update = convertUpdateConfig(posted.UpdateConfig);
  const rollback = convertUpdateConfig(posted.RollbackConfig);
  return compact<ServiceSpec>({
    Name: posted.Name === undefined || posted.Name === '' ? drawServiceName(random) : posted.Name,
    Labels: (posted.Labels ?? {}) as Readonly<Record<string, string>>,
    TaskTemplate: compact<TaskSpec>({
      ContainerSpec: container,
      Resources: convertResources(template.Resources),
      RestartPolicy: restart,
      Placement: convertPlacement(template.Placement),
      Networks: convertNetworks(template.Networks),
      LogDriver: convertDriver(template.LogDriver),
      ForceUpdate: template.ForceUpdate ?? 0,
      Runtime: 'container',
    }),
    UpdateConfig: update,
    RollbackConfig: rollback,
    Networks: convertNetworks(posted.Networks),
    EndpointSpec: convertEndpoint(posted.EndpointSpec),
    Mode: convertMode(posted.Mode ?? {}),
  });
}

function checkRuntime(posted: PostedServiceSpec): void {
  const { Runtime = '', ContainerSpec, PluginSpec } = posted.TaskTemplate ?? {};
  if (Runtime !== 'container' && Runtime !== '' && Runtime !== 'plugin')
    throw refused('unsupported runtime');
  if ((Runtime === 'plugin' ? PluginSpec : ContainerSpec) === undefined)
    throw refused('mismatched Runtime and *Spec fields');
  if (Runtime === 'plugin' && posted.Mode?.Replicated !== undefined)
    throw refused('plugins must not use replicated mode');
}

function convertMode(posted: Posted<ServiceMode>): ServiceMode {
  const given = [posted.Global, posted.Replicated, posted.ReplicatedJob, posted.GlobalJob];
  if (given.filter((mode) => mode !== undefined).length > 1)
    throw refused('must specify only one service mode');
  if (posted.Global !== undefined) return { Global: {} };
  if (posted.GlobalJob !== undefined) return { GlobalJob: {} };
  if (posted.ReplicatedJob !== undefined) {
    const { MaxConcurrent = 1, TotalCompletions = MaxConcurrent } = posted.ReplicatedJob;
    return { ReplicatedJob: { MaxConcurrent, TotalCompletions } };
  }
  return { Replicated: { Replicas: posted.Replicated?.Replicas ?? 1 } };
}

function convertRestartPolicy(
  posted: Posted<RestartPolicy> | undefined,
): RestartPolicy | undefined {
  if (posted === undefined) return undefined;
  const condition = posted.Condition ?? '';
  if (!['', 'none', 'on-failure', 'any'].includes(condition))
    throw refused(`invalid RestartCondition: ${goQuote(condition)}`);
  return compact<RestartPolicy>({
    Condition: (condition === '' ? 'any' : condition) as RestartPolicy['Condition'],
    Delay: posted.Delay,
    MaxAttempts: posted.MaxAttempts ?? 0,
    Window: posted.Window,
  });
}

function convertUpdateConfig(posted: Posted<UpdateConfig> | undefined): UpdateConfig | undefined {
  if (posted === undefined) return undefined;
  const action = posted.FailureAction ?? '';
  if (!['', 'pause', 'continue', 'rollback'].includes(action))
    throw refused(`unrecognized update failure action ${action}`);
  const order = posted.Order ?? '';
  if (!['', 'stop-first', 'start-first'].includes(order))
    throw refused(`unrecognized update order ${order}`);
  return compact<UpdateConfig>({
    Parallelism: posted.Parallelism ?? 0,
    Delay: count(posted.Delay),
    FailureAction: (action === '' ? 'pause' : action) as UpdateConfig['FailureAction'],
    Monitor: count(posted.Monitor),
    MaxFailureRatio: posted.MaxFailureRatio ?? 0,
    Order: (order === '' ? 'stop-first' : order) as UpdateConfig['Order'],
  });
}

function convertResources(
  posted: Posted<ResourceRequirements> | undefined,
): ResourceRequirements | undefined {
  if (posted === undefined) return undefined;
  const { Limits, Reservations } = posted;
  return {
    ...(Limits === undefined ? {} : { Limits: resources(Limits) }),
    ...(Reservations === undefined
      ? {}
      : {
          Reservations: {
            ...resources({ ...Reservations, Pids: 0 }),
            ...generic(Reservations.GenericResources as readonly GenericResource[] | undefined),
          },
        }),
  };
}

const resources = (posted: {
  readonly NanoCPUs?: number;
  readonly MemoryBytes?: number;
  readonly Pids?: number;
}): { NanoCPUs?: number; MemoryBytes?: number; Pids?: number } =>
  compact({
    NanoCPUs: count(posted.NanoCPUs),
    MemoryBytes: count(posted.MemoryBytes),
    Pids: count(posted.Pids),
  });

/** SwarmKit keeps one kind each; a discrete one wins. Members that name neither are left out. */
function generic(posted: readonly GenericResource[] | undefined): {
  GenericResources?: readonly GenericResource[];
} {
  const kept = (posted ?? []).flatMap((one): GenericResource[] => {
    if (one.DiscreteResourceSpec !== undefined)
      return [{ DiscreteResourceSpec: one.DiscreteResourceSpec }];
    return one.NamedResourceSpec === undefined
      ? []
      : [{ NamedResourceSpec: one.NamedResourceSpec }];
  });
  return kept.length === 0 ? {} : { GenericResources: kept };
}

function convertPlacement(posted: Posted<Placement> | undefined): Placement | undefined {
  if (posted === undefined) return undefined;
  const preferences = posted.Preferences?.flatMap(({ Spread }) =>
    Spread === undefined ? [] : [{ Spread: { SpreadDescriptor: Spread.SpreadDescriptor ?? '' } }],
  );
  return compact<Placement>({
    Constraints: some(posted.Constraints),
    Preferences: some(preferences),
    MaxReplicas: count(posted.MaxReplicas),
    Platforms: some(posted.Platforms),
  });
}

const convertNetworks = (
  posted: readonly Posted<NetworkAttachmentConfig>[] | undefined,
): readonly NetworkAttachmentConfig[] | undefined =>
  some(
    posted?.map((one) =>
      compact<NetworkAttachmentConfig>({
        Target: text(one.Target),
        Aliases: some(one.Aliases),
        DriverOpts: labels(one.DriverOpts as Record<string, string> | undefined),
      }),
    ),
  );

const convertDriver = (posted: Posted<TaskSpec>['LogDriver']): TaskSpec['LogDriver'] =>
  posted === undefined
    ? undefined
    : compact<NonNullable<TaskSpec['LogDriver']>>({
        Name: text(posted.Name),
        Options: labels(posted.Options as Record<string, string> | undefined),
      });

function convertEndpoint(posted: Posted<EndpointSpec> | undefined): EndpointSpec | undefined {
  if (posted === undefined) return undefined;
  const mode = posted.Mode ?? '';
  if (!['', 'vip', 'dnsrr'].includes(mode))
    throw refused(`invalid resolution mode: ${goQuote(mode)}`);
  return compact<EndpointSpec>({
    Mode: mode === 'dnsrr' ? 'dnsrr' : 'vip',
    Ports: some(posted.Ports?.map(convertPort)),
  });
}

/** Words that SwarmKit does not know become tcp and ingress, silently. */
function convertPort(posted: Posted<PortConfig>): PortConfig {
  const protocol = (posted.Protocol ?? '').toLowerCase();
  return compact<PortConfig>({
    Name: text(posted.Name),
    Protocol: protocol === 'udp' || protocol === 'sctp' ? protocol : 'tcp',
    TargetPort: count(posted.TargetPort),
    PublishedPort: count(posted.PublishedPort),
    PublishMode: (posted.PublishMode ?? '').toLowerCase() === 'host' ? 'host' : 'ingress',
  });
}

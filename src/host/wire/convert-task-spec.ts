/** TaskSpec between the API's words and the wire. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  NetworkAttachmentConfig,
  Placement,
  Resources,
  RestartCondition,
  RestartPolicy,
  TaskSpec,
} from '../../model/specs.ts';
import {
  count,
  driverFromWire,
  driverToWire,
  durationFromWire,
  durationToWire,
  genericFromWire,
  genericToWire,
  labels,
  many,
  platformFromWire,
  platformToWire,
  prune,
  some,
  text,
  wide,
  words,
} from './convert-basics.ts';
import { containerFromWire, containerToWire } from './convert-container.ts';
import type { TaskSpecSchema } from './gen/specs_pb.js';
import type * as specs from './gen/specs_pb.js';
import type {
  NetworkAttachmentConfigSchema,
  PlacementSchema,
  ResourcesSchema,
  RestartPolicySchema,
} from './gen/types_pb.js';
import { RestartPolicy_RestartCondition } from './gen/types_pb.js';
import type * as types from './gen/types_pb.js';

// A policy that names none means any (moby: convert).
const CONDITIONS = words<RestartCondition, RestartPolicy_RestartCondition>(
  {
    none: RestartPolicy_RestartCondition.NONE,
    'on-failure': RestartPolicy_RestartCondition.ON_FAILURE,
    any: RestartPolicy_RestartCondition.ANY,
  },
  'any',
);

export function taskSpecToWire(spec: TaskSpec): MessageInitShape<typeof TaskSpecSchema> {
  const { Limits: limits, Reservations: reservations } = spec.Resources ?? {};
  return prune({
    runtime: some(spec.ContainerSpec, (container) => ({
      case: 'container' as const,
      value: containerToWire(container, limits?.Pids),
    })),
    resources: some(spec.Resources, (resources) =>
      prune({
        limits: some(limits, resourcesToWire),
        reservations: some(reservations, resourcesToWire),
        swapBytes: some(resources.SwapBytes, wide),
        memorySwappiness: some(resources.MemorySwappiness, wide),
      }),
    ),
    restart: some(spec.RestartPolicy, restartToWire),
    placement: some(spec.Placement, placementToWire),
    logDriver: some(spec.LogDriver, driverToWire),
    networks: (spec.Networks ?? []).map(networkToWire),
    forceUpdate: wide(spec.ForceUpdate),
  });
}

export function taskSpecFromWire(wire: specs.TaskSpec | undefined): TaskSpec {
  if (wire === undefined) return { ForceUpdate: 0 };
  const container = wire.runtime.case === 'container' ? wire.runtime.value : undefined;
  return prune({
    ContainerSpec: some(container, containerFromWire),
    Resources: some(wire.resources, (resources) =>
      prune({
        Limits: some(resources.limits, (limits) =>
          prune({ ...resourcesFromWire(limits), Pids: count(container?.pidsLimit ?? 0) }),
        ),
        Reservations: some(resources.reservations, resourcesFromWire),
        SwapBytes: some(resources.swapBytes, Number),
        MemorySwappiness: some(resources.memorySwappiness, Number),
      }),
    ),
    RestartPolicy: some(wire.restart, restartFromWire),
    Placement: some(wire.placement, placementFromWire),
    LogDriver: some(wire.logDriver, driverFromWire),
    Networks: many(wire.networks.map(networkFromWire)),
    ForceUpdate: Number(wire.forceUpdate),
    Runtime: container === undefined ? undefined : 'container',
  });
}

const resourcesToWire = (resources: Resources): MessageInitShape<typeof ResourcesSchema> => ({
  nanoCpus: wide(resources.NanoCPUs),
  memoryBytes: wide(resources.MemoryBytes),
  generic: (resources.GenericResources ?? []).map(genericToWire),
});

const resourcesFromWire = (wire: types.Resources): Resources =>
  prune({
    NanoCPUs: count(wire.nanoCpus),
    MemoryBytes: count(wire.memoryBytes),
    GenericResources: many(wire.generic.map(genericFromWire)),
  });

const restartToWire = (policy: RestartPolicy): MessageInitShape<typeof RestartPolicySchema> =>
  prune({
    condition: CONDITIONS.toWire(policy.Condition ?? 'any'),
    delay: some(policy.Delay, durationToWire),
    maxAttempts: wide(policy.MaxAttempts),
    window: some(policy.Window, durationToWire),
  });

const restartFromWire = (wire: types.RestartPolicy): RestartPolicy =>
  prune({
    Condition: CONDITIONS.fromWire(wire.condition),
    Delay: some(wire.delay, durationFromWire),
    MaxAttempts: count(wire.maxAttempts),
    Window: some(wire.window, durationFromWire),
  });

const placementToWire = (placement: Placement): MessageInitShape<typeof PlacementSchema> => ({
  constraints: [...(placement.Constraints ?? [])],
  preferences: (placement.Preferences ?? []).flatMap(({ Spread: spread }) =>
    spread === undefined
      ? []
      : [
          {
            Preference: {
              case: 'spread' as const,
              value: { spreadDescriptor: spread.SpreadDescriptor },
            },
          },
        ],
  ),
  platforms: (placement.Platforms ?? []).map(platformToWire),
  maxReplicas: wide(placement.MaxReplicas),
});

const placementFromWire = (wire: types.Placement): Placement =>
  prune({
    Constraints: many(wire.constraints),
    Preferences: many(
      wire.preferences.flatMap(({ Preference: preference }) =>
        preference.case === 'spread'
          ? [{ Spread: { SpreadDescriptor: preference.value.spreadDescriptor } }]
          : [],
      ),
    ),
    Platforms: many(wire.platforms.map(platformFromWire)),
    MaxReplicas: count(wire.maxReplicas),
  });

const networkToWire = (
  network: NetworkAttachmentConfig,
): MessageInitShape<typeof NetworkAttachmentConfigSchema> => ({
  target: network.Target ?? '',
  aliases: [...(network.Aliases ?? [])],
  driverAttachmentOpts: { ...network.DriverOpts },
});

const networkFromWire = (wire: types.NetworkAttachmentConfig): NetworkAttachmentConfig =>
  prune({
    Target: text(wire.target),
    Aliases: many(wire.aliases),
    DriverOpts: labels(wire.driverAttachmentOpts),
  });

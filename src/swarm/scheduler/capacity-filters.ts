/** Filters on what is left on a node: resources, host ports, room for one more replica, volumes. */
import type { Filter } from './filter.ts';
import { onNodes } from './filter.ts';
import { hostPortsOf, reservationsOf } from './node-info.ts';

/** Only reservations count; limits are never used for placement. */
export const resourceFilter: Filter = {
  forTask(task) {
    const { NanoCPUs = 0, MemoryBytes = 0, GenericResources = [] } = reservationsOf(task);
    if (NanoCPUs === 0 && MemoryBytes === 0 && GenericResources.length === 0) return null;
    return (info) =>
      info.freeNanoCpus >= NanoCPUs &&
      info.freeMemoryBytes >= MemoryBytes &&
      info.freeGeneric.has(GenericResources);
  },
  explain: onNodes('insufficient resources'),
};

export const hostPortFilter: Filter = {
  forTask(task) {
    const ports = hostPortsOf(task);
    if (ports.length === 0) return null;
    return (info) => !ports.some((port) => info.usedHostPorts.has(port));
  },
  explain: onNodes('host-mode port already in use'),
};

export const maxReplicasFilter: Filter = {
  forTask(task) {
    const limit = task.spec.Placement?.MaxReplicas ?? 0;
    if (limit === 0) return null;
    return (info) => info.activeOf(task.serviceId) < limit;
  },
  explain: () => 'max replicas per node limit exceed',
};

/** There are no cluster volumes in this swarm, so no node can serve a mount of that type. */
export const volumesFilter: Filter = {
  forTask(task) {
    const mounts = task.spec.ContainerSpec?.Mounts ?? [];
    return mounts.some((mount) => mount.Type === 'cluster') ? () => false : null;
  },
  explain: onNodes('cannot fulfill requested CSI volume mounts'),
};

import type { Service } from '../../model/objects.ts';

/** Whether the replicated orchestrator owns the service. */
export const isReplicated = (service: Service | undefined): service is Service =>
  service?.spec.Mode.Replicated !== undefined;

/** Whether the global orchestrator owns the service. */
export const isGlobal = (service: Service | undefined): service is Service =>
  service?.spec.Mode.Global !== undefined;

export const isReplicatedJob = (service: Service | undefined): service is Service =>
  service?.spec.Mode.ReplicatedJob !== undefined;

export const isGlobalJob = (service: Service | undefined): service is Service =>
  service?.spec.Mode.GlobalJob !== undefined;

/** Whether the jobs orchestrator owns the service: its tasks are to complete, not to run on. */
export const isJob = (service: Service | undefined): service is Service =>
  isReplicatedJob(service) || isGlobalJob(service);

/** Whether the service's tasks belong to nodes and not to slots. */
export const isPerNode = (service: Service | undefined): service is Service =>
  isGlobal(service) || isGlobalJob(service);

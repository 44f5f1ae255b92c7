import type { Service } from '../../model/objects.ts';

/** Whether the replicated orchestrator owns the service. Jobs belong to neither orchestrator of this room. */
export const isReplicated = (service: Service | undefined): service is Service =>
  service?.spec.Mode.Replicated !== undefined;

/** Whether the global orchestrator owns the service. */
export const isGlobal = (service: Service | undefined): service is Service =>
  service?.spec.Mode.Global !== undefined;

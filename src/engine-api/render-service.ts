import type { ServiceView } from '../model/control.ts';
import type { Meta, Service } from '../model/objects.ts';
import type { ServiceSpec, TaskSpec } from '../model/specs.ts';

/** The members of moby's Meta. */
export const renderMeta = (meta: Meta): Record<string, unknown> => ({
  Version: { Index: meta.version },
  CreatedAt: meta.createdAt,
  UpdatedAt: meta.updatedAt,
});

/** A service as `GET /services/{id}` shows it (moby: convert.ServiceFromGRPC). */
export function renderService(service: Service): Record<string, unknown> {
  const { updateStatus, jobStatus, endpoint } = service;
  return {
    ID: service.id,
    ...renderMeta(service.meta),
    Spec: renderSpec(service.spec),
    PreviousSpec: service.previousSpec === undefined ? undefined : renderSpec(service.previousSpec),
    Endpoint: {
      Spec: endpoint?.spec,
      Ports: endpoint?.ports,
      VirtualIPs: endpoint?.virtualIps.map(({ networkId, addr }) => ({
        NetworkID: networkId,
        Addr: addr,
      })),
    },
    UpdateStatus:
      updateStatus === undefined
        ? undefined
        : {
            State: updateStatus.state,
            StartedAt: updateStatus.startedAt,
            CompletedAt: updateStatus.completedAt,
            Message: updateStatus.message,
          },
    JobStatus:
      jobStatus === undefined
        ? undefined
        : {
            JobIteration: { Index: jobStatus.iteration },
            LastExecution: jobStatus.lastExecution,
          },
  };
}

/** A service in a list, with the counts of its tasks. */
export const renderListed = (view: ServiceView): Record<string, unknown> => ({
  ...renderService(view.service),
  ServiceStatus: {
    RunningTasks: view.runningTasks,
    DesiredTasks: view.desiredTasks,
    CompletedTasks: view.completedTasks,
  },
});

const renderSpec = (spec: ServiceSpec): Record<string, unknown> => ({
  ...spec,
  TaskTemplate: { ...renderTaskSpec(spec.TaskTemplate), Runtime: 'container' },
});

/** A task's own spec: moby names the runtime of a service's template, never of a container task. Secrets without a file are not shown. */
export function renderTaskSpec(spec: TaskSpec): Record<string, unknown> {
  const { ContainerSpec } = spec;
  const rest = { ...spec, Runtime: undefined };
  if (ContainerSpec === undefined) return rest;
  const secrets = ContainerSpec.Secrets?.filter((secret) => secret.File !== undefined);
  return {
    ...rest,
    ContainerSpec: {
      ...ContainerSpec,
      Isolation: ContainerSpec.Isolation ?? 'default',
      Secrets: secrets,
    },
  };
}

import type { ServiceSpec, UpdateConfig } from '../model/specs.ts';

const SECOND = 1_000_000_000;

const UPDATE: UpdateConfig = {
  Parallelism: 1,
  FailureAction: 'pause',
  Monitor: 5 * SECOND,
  MaxFailureRatio: 0,
  Order: 'stop-first',
};

/** The spec with what it leaves open filled in, for `insertDefaults` (SwarmKit: api/defaults InterpolateService). */
export function insertDefaults(spec: ServiceSpec): ServiceSpec {
  const template = spec.TaskTemplate;
  const container = template.ContainerSpec;
  return {
    ...spec,
    TaskTemplate: {
      ...template,
      ...(container === undefined
        ? {}
        : {
            ContainerSpec: {
              ...container,
              StopGracePeriod: container.StopGracePeriod ?? 10 * SECOND,
              DNSConfig: container.DNSConfig ?? {},
            },
          }),
      Resources: template.Resources ?? {},
      RestartPolicy: {
        Condition: 'any',
        MaxAttempts: 0,
        ...template.RestartPolicy,
        Delay: template.RestartPolicy?.Delay ?? 5 * SECOND,
      },
      Placement: template.Placement ?? {},
    },
    UpdateConfig: withMonitor(spec.UpdateConfig),
    RollbackConfig: withMonitor(spec.RollbackConfig),
  };
}

const withMonitor = (config: UpdateConfig | undefined): UpdateConfig =>
  config === undefined ? UPDATE : { ...config, Monitor: config.Monitor ?? 5 * SECOND };

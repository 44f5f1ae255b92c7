/** A plan's service as the control plane wants it. */
import { NANOSECONDS_PER_S, envOf, restartPolicyOf, updateConfigOf } from '../../model/policies.ts';
import type { ContainerSpec, Placement, ServiceMode, ServiceSpec } from '../../model/specs.ts';
import type { ServiceChangePlan, ServicePlan } from './plan.ts';

const IMAGE = 'workload:';

/** The spec of a new service. */
export function specOf(plan: ServicePlan): ServiceSpec {
  const { restart, update, rollback, env } = plan;
  return {
    Name: plan.service,
    Labels: {},
    TaskTemplate: {
      ContainerSpec: {
        Image: IMAGE + plan.image,
        ...(env === undefined ? {} : { Env: envOf(env) }),
        ...(plan.stopGraceS === undefined
          ? {}
          : { StopGracePeriod: plan.stopGraceS * NANOSECONDS_PER_S }),
      },
      ForceUpdate: 0,
      ...(restart === undefined ? {} : { RestartPolicy: restartPolicyOf(restart) }),
      ...placementOf(plan),
    },
    Mode: modeOf(plan),
    ...(update === undefined ? {} : { UpdateConfig: updateConfigOf(update) }),
    ...(rollback === undefined ? {} : { RollbackConfig: updateConfigOf(rollback) }),
  };
}

/** The spec after a change, made on top of the one in force, as the CLI makes it. */
export function changed(spec: ServiceSpec, change: ServiceChangePlan): ServiceSpec {
  const template = spec.TaskTemplate;
  const { Placement } = template;
  const { image, env, constraints, replicas, update } = change;
  const container: ContainerSpec = {
    ...(template.ContainerSpec ?? { Image: '' }),
    ...(image === undefined ? {} : { Image: IMAGE + image }),
    ...(env === undefined ? {} : { Env: envOf(env) }),
  };
  return {
    ...spec,
    TaskTemplate: {
      ...template,
      ContainerSpec: container,
      ...(constraints === undefined
        ? {}
        : { Placement: { ...Placement, Constraints: constraints } }),
      ForceUpdate: template.ForceUpdate + (change.force === true ? 1 : 0),
    },
    ...(replicas === undefined ? {} : { Mode: scaled(spec.Mode, replicas) }),
    ...(update === undefined ? {} : { UpdateConfig: updateConfigOf(update) }),
  };
}

function modeOf({ global, job, replicas }: ServicePlan): ServiceMode {
  if (global === true) return job === undefined ? { Global: {} } : { GlobalJob: {} };
  if (job === undefined) return { Replicated: { Replicas: replicas ?? 1 } };
  return { ReplicatedJob: { MaxConcurrent: job.concurrent, TotalCompletions: job.completions } };
}

/** As the CLI scales: of a job the completions are meant. Services that are on every node cannot be scaled. */
function scaled(mode: ServiceMode, replicas: number): ServiceMode {
  if (mode.Replicated !== undefined) return { Replicated: { Replicas: replicas } };
  if (mode.ReplicatedJob === undefined) return mode;
  return { ReplicatedJob: { ...mode.ReplicatedJob, TotalCompletions: replicas } };
}

function placementOf({ constraints, maxReplicas }: ServicePlan): { Placement?: Placement } {
  if (constraints === undefined && maxReplicas === undefined) return {};
  return {
    Placement: {
      ...(constraints === undefined ? {} : { Constraints: constraints }),
      ...(maxReplicas === undefined ? {} : { MaxReplicas: maxReplicas }),
    },
  };
}

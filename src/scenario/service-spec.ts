/** A service as a scenario writes it, as the Engine API wants it. Seconds become nanoseconds; left-out update fields the engine's defaults. */
import type {
  MountDraft,
  RestartDraft,
  ServiceChange,
  ServiceDraft,
  UpdateDraft,
} from '../model/scenario.ts';
import type { Mount, RestartPolicy, ServiceSpec, UpdateConfig } from '../model/specs.ts';

const NANOSECONDS_PER_S = 1_000_000_000;
const IMAGE = 'swarmtwin/workload:';

/** The spec of a new service. */
export function specOf(draft: ServiceDraft): ServiceSpec {
  const base: ServiceSpec = {
    Name: draft.nameless === true ? '' : draft.service,
    Labels: {},
    TaskTemplate: {
      ContainerSpec: {
        Image: IMAGE + draft.image,
        ...(draft.mounts === undefined ? {} : { Mounts: draft.mounts.map(mountOf) }),
      },
      ForceUpdate: 0,
      ...(draft.restart === undefined ? {} : { RestartPolicy: restartPolicy(draft.restart) }),
    },
    Mode:
      draft.global === true ? { Global: {} } : { Replicated: { Replicas: draft.replicas ?? 1 } },
  };
  const { env, constraints, update, rollback } = draft;
  return changed(base, {
    ...(env === undefined ? {} : { env }),
    ...(constraints === undefined ? {} : { constraints }),
    ...(update === undefined ? {} : { update }),
    ...(rollback === undefined ? {} : { rollback }),
  });
}

/** The spec after a change, made as the CLI makes it: on top of the one in force. */
export function changed(spec: ServiceSpec, change: ServiceChange): ServiceSpec {
  const template = spec.TaskTemplate;
  const container = {
    ...(template.ContainerSpec ?? { Image: '' }),
    ...(change.image === undefined ? {} : { Image: IMAGE + change.image }),
    ...(change.env === undefined ? {} : { Env: envList(change.env) }),
  };
  return {
    ...spec,
    TaskTemplate: {
      ...template,
      ContainerSpec: container,
      ...(change.constraints === undefined
        ? {}
        : { Placement: { ...template.Placement, Constraints: change.constraints } }),
      ForceUpdate: template.ForceUpdate + (change.force === true ? 1 : 0),
    },
    ...(change.replicas === undefined
      ? {}
      : { Mode: { Replicated: { Replicas: change.replicas } } }),
    ...(change.update === undefined ? {} : { UpdateConfig: updateConfig(change.update) }),
    ...(change.rollback === undefined ? {} : { RollbackConfig: updateConfig(change.rollback) }),
  };
}

const mountOf = ({ type, source, target, readOnly }: MountDraft): Mount => ({
  Type: type,
  ...(source === undefined ? {} : { Source: source }),
  Target: target,
  ...(readOnly === undefined ? {} : { ReadOnly: readOnly }),
});

const envList = (env: Readonly<Record<string, string>>): string[] =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`);

function restartPolicy(draft: RestartDraft): RestartPolicy {
  return {
    ...(draft.condition === undefined ? {} : { Condition: draft.condition }),
    ...(draft.delayS === undefined ? {} : { Delay: draft.delayS * NANOSECONDS_PER_S }),
    ...(draft.maxAttempts === undefined ? {} : { MaxAttempts: draft.maxAttempts }),
    ...(draft.windowS === undefined ? {} : { Window: draft.windowS * NANOSECONDS_PER_S }),
  };
}

/** The API takes an absent parallelism for "all at once", so the default is written out. */
function updateConfig(draft: UpdateDraft): UpdateConfig {
  return {
    Parallelism: draft.parallelism ?? 1,
    MaxFailureRatio: draft.maxFailureRatio ?? 0,
    FailureAction: draft.failureAction ?? 'pause',
    Order: draft.order ?? 'stop-first',
    ...(draft.delayS === undefined ? {} : { Delay: draft.delayS * NANOSECONDS_PER_S }),
    ...(draft.monitorS === undefined ? {} : { Monitor: draft.monitorS * NANOSECONDS_PER_S }),
  };
}

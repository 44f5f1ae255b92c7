/** A service as a scenario writes it, as the Engine API wants it. */
import { envOf, restartPolicyOf, updateConfigOf } from '../model/policies.ts';
import type { MountDraft, ServiceChange, ServiceDraft } from '../model/scenario.ts';
import type { Mount, ServiceSpec } from '../model/specs.ts';

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
      ...(draft.restart === undefined ? {} : { RestartPolicy: restartPolicyOf(draft.restart) }),
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
    ...(change.env === undefined ? {} : { Env: envOf(change.env) }),
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
    ...(change.update === undefined ? {} : { UpdateConfig: updateConfigOf(change.update) }),
    ...(change.rollback === undefined ? {} : { RollbackConfig: updateConfigOf(change.rollback) }),
  };
}

const mountOf = ({ type, source, target, readOnly }: MountDraft): Mount => ({
  Type: type,
  ...(source === undefined ? {} : { Source: source }),
  Target: target,
  ...(readOnly === undefined ? {} : { ReadOnly: readOnly }),
});

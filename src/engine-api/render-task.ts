import type { Task } from '../model/objects.ts';
import { renderAttachment } from './convert-network.ts';
import { renderMeta, renderTaskSpec } from './render-service.ts';

/** A task as `GET /tasks/{id}` shows it (moby: convert.TaskFromGRPC). Its own annotations are always empty. */
export function renderTask(task: Task): Record<string, unknown> {
  const { status } = task;
  return {
    ID: task.id,
    ...renderMeta(task.meta),
    Labels: {},
    Spec: renderTaskSpec(task.spec),
    ServiceID: task.serviceId,
    Slot: task.slot,
    NodeID: task.nodeId,
    Status: {
      Timestamp: status.timestamp,
      State: status.state,
      Message: status.message,
      Err: status.err,
      ContainerStatus:
        status.container === undefined
          ? undefined
          : {
              ContainerID: status.container.containerId,
              PID: status.container.pid,
              ExitCode: status.container.exitCode,
            },
      PortStatus: { Ports: status.ports },
    },
    DesiredState: task.desiredState,
    NetworksAttachments: task.networks?.map(renderAttachment),
    GenericResources: task.genericResources,
    JobIteration: task.jobIteration === undefined ? undefined : { Index: task.jobIteration },
  };
}

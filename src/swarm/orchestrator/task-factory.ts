import { nodeId as toNodeId, taskId, type NodeId } from '../../model/ids.ts';
import type { Cluster, Service, Task } from '../../model/objects.ts';
import { drawId } from '../../model/random.ts';
import type { TaskState } from '../../model/task-state.ts';
import type { Ports } from '../ports.ts';
import type { Reader } from '../tables.ts';
import { isPerNode } from './service-mode.ts';

export type TaskDraft = Omit<Task, 'meta'>;

/** Where a new task belongs: a slot number (from 1, a job's from 0), or, for a global service or job, a node and slot 0. */
export interface Place {
  readonly slot: number;
  readonly nodeId: NodeId;
}

export const NO_NODE = toNodeId('');

/** The place of a task that takes over from `task` (SwarmKit: the scheduler chooses anew for a slot, a global task stays on its node). */
export const placeOf = (service: Service, task: Task): Place =>
  isPerNode(service) ? { slot: 0, nodeId: task.nodeId } : { slot: task.slot, nodeId: NO_NODE };

/**
 * A task as the service's spec has it now, observed `new` with the message `created`. The log driver is the template's, else the cluster's
 * default (SwarmKit: orchestrator.NewTask). A job's task belongs to the job's present iteration.
 */
export function draftTask(
  ports: Ports,
  cluster: Cluster | undefined,
  service: Service,
  place: Place,
  desiredState: TaskState,
): TaskDraft {
  const { spec, jobStatus } = service;
  const logDriver = spec.TaskTemplate.LogDriver ?? cluster?.spec.TaskDefaults.LogDriver;
  return {
    id: taskId(drawId(ports.random)),
    serviceId: service.id,
    ...place,
    serviceName: spec.Name,
    serviceLabels: spec.Labels,
    spec: spec.TaskTemplate,
    specVersion: service.specVersion,
    desiredState,
    status: { state: 'new', timestamp: ports.clock.now(), message: 'created', err: '' },
    endpoint: {
      ...(spec.EndpointSpec === undefined ? {} : { spec: spec.EndpointSpec }),
      ports: [],
      virtualIps: [],
    },
    ...(logDriver === undefined ? {} : { logDriver }),
    ...(jobStatus === undefined ? {} : { jobIteration: jobStatus.iteration }),
  };
}

/** The swarm's one cluster object; undefined in the moment before it is made. */
export const clusterOf = (reader: Reader): Cluster | undefined => reader.all('cluster')[0];

import type { Service, Task } from '../../model/objects.ts';
import { compareStates } from '../../model/task-state.ts';
import type { Ports } from '../ports.ts';
import type { Store } from '../store.ts';
import { startNow } from './delayed-starts.ts';
import type { Change } from './loop-writes.ts';
import { restartDelayMs, type RestartSupervisor } from './restart-supervisor.ts';
import { groupBySlot, taskTime } from './slot.ts';

export interface TaskInit {
  readonly ports: Ports;
  readonly store: Store;
  readonly restarts: RestartSupervisor;
  /** Whether the orchestrator that starts owns the service. */
  readonly owns: (service: Service) => boolean;
}

/**
 * What a new leader finds unfinished (SwarmKit: taskinit): tasks whose service is gone are removed; tasks left in desired ready are started
 * when the rest of their restart delay is over, without waiting for the task before them; and the restart history is rebuilt from the
 * tasks of each slot's newest spec version, of which all but the oldest were restarts.
 */
export function initTasks(init: TaskInit): readonly Change[] {
  const { store, restarts } = init;
  const changes: Change[] = [];
  const owned = new Map<Service, Task[]>();
  for (const task of store.read.all('task')) {
    if (task.serviceId === '') continue;
    const service = store.read.get('service', task.serviceId);
    if (service === undefined) {
      changes.push((transaction) => {
        transaction.remove('task', task.id);
      });
      continue;
    }
    if (!init.owns(service)) continue;
    const tasks = owned.get(service);
    if (tasks === undefined) owned.set(service, [task]);
    else tasks.push(task);
    const resume = resumed(init, task);
    if (resume !== null) changes.push(resume);
  }
  for (const [service, tasks] of owned) rebuildHistory(restarts, service, tasks);
  return changes;
}

function resumed(init: TaskInit, task: Task): Change | null {
  const waiting =
    task.desiredState === 'ready' && compareStates(task.status.state, 'complete') <= 0;
  if (!waiting) return null;
  const delayMs = restartDelayMs(task);
  const restMs = Math.min(delayMs, taskTime(task) + delayMs - init.ports.clock.now());
  if (restMs <= 0)
    return (transaction) => {
      startNow(transaction, task.id);
    };
  return (transaction) => {
    if (transaction.get('task', task.id)?.desiredState === 'ready')
      init.restarts.starts.arm(task.id, restMs, null);
  };
}

function rebuildHistory(
  restarts: RestartSupervisor,
  service: Service,
  tasks: readonly Task[],
): void {
  for (const slot of groupBySlot(service, tasks).values()) {
    const newest = slot.reduce((version, task) => Math.max(version, task.specVersion), 0);
    const ofNewest = slot.filter((task) => task.specVersion === newest);
    ofNewest.sort((a, b) => a.meta.createdAt - b.meta.createdAt);
    for (const task of ofNewest.slice(1)) restarts.history.record(service, task);
  }
}

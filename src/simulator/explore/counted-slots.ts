/** Slots that count as replicas although nothing is to run in them, as Swarm has it: their last task was given up, and its restart policy leaves it at that. */
import type { Service, Task } from '../../model/objects.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import { newestTask } from '../../swarm/orchestrator/slot.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { Reader } from '../../swarm/tables.ts';
import type { World } from '../world.ts';
import { Reign } from './reign.ts';

/**
 * The slots of a replicated service are counted when it is written, when the record of a task that is to run vanishes, and when a reign begins. A slot that a scale-down
 * has just given up counts then as long as the record of its task is there, where that task would not be restarted (SwarmKit: UpdatableTasksInSlot, shouldRestart). So
 * a scale-up right after makes no task for it; and when the task has stopped and its record goes, nobody counts again (SwarmKit: replicated orchestrator,
 * handleTaskEvent, which looks at records of tasks that are to run only).
 */
export class CountedSlots {
  readonly #reign: Reign;
  /** By service: the slots that counted when it was last looked at. */
  readonly #counted = new Map<string, ReadonlySet<number>>();
  #read: Reader | null = null;

  constructor(world: World) {
    this.#reign = new Reign(world, {
      begins: (read) => {
        this.#read = read;
        this.#counted.clear();
        for (const service of read.all('service')) this.#count(read, service);
      },
      follow: (events) => {
        for (const event of events) this.#follow(event);
      },
    });
  }

  /** After every event. */
  look(): void {
    this.#reign.look();
  }

  /** Slots that counted as replicas, with nothing to run in them, when the service was last looked at; their records may be gone since. */
  of({ id }: Service): ReadonlySet<number> {
    return this.#counted.get(id) ?? new Set();
  }

  #follow(event: StoreEvent): void {
    const isLoss = event.kind === 'task' && event.action === 'remove' && isLive(event.object);
    if (event.kind !== 'service' && !isLoss) return;
    const id = isLoss ? event.object.serviceId : event.object.id;
    const service = this.#read?.get('service', id);
    if (this.#read === null || service === undefined) this.#counted.delete(id);
    else this.#count(this.#read, service);
  }

  #count(read: Reader, { id, spec, updateStatus }: Service): void {
    this.#counted.delete(id);
    if (spec.Mode.Replicated === undefined || updateStatus?.state === 'rollback_started') return;
    const slots = Map.groupBy(read.tasksOfService(id), ({ slot }) => slot);
    const counted = [...slots].filter(([, tasks]) => {
      const newest = newestTask(tasks);
      return !tasks.some(isLive) && newest !== undefined && isNotReplaced(newest);
    });
    this.#counted.set(id, new Set(counted.map(([slot]) => slot)));
  }
}

/** It is to run. */
export const isLive = ({ desiredState, jobIteration }: Task): boolean =>
  compareStates(desiredState, jobIteration === undefined ? 'running' : 'complete') <= 0;

/** It ended, or was given up with its node, and its restart policy leaves it at that. */
export function isNotReplaced(task: Task): boolean {
  const { Condition = 'any', MaxAttempts = 0 } = task.spec.RestartPolicy ?? {};
  if (Condition === 'none' || MaxAttempts > 0)
    return !isLive(task) || isTerminal(task.status.state);
  return Condition === 'on-failure' && task.status.state === 'complete';
}

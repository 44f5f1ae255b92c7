import type { Service, Task } from '../../model/objects.ts';
import { NANOSECONDS_PER_MS } from '../../model/time.ts';
import { slotKey, taskTime } from './slot.ts';

interface Restarts {
  specVersion: number;
  total: number;
  /** When each replacement was made, oldest first; kept only under a policy with a window. */
  times: number[];
}

/**
 * How often each slot was restarted, and what a restart policy says to that. Only slots under a policy with a limit of attempts are
 * remembered, and a new spec version forgets what was before it (SwarmKit: restart.Supervisor).
 */
export class RestartHistory {
  readonly #services = new Map<string, Map<string, Restarts>>();

  /** Counts `replacement`, a task made in place of one that ended. */
  record(service: Service, replacement: Task): void {
    const policy = replacement.spec.RestartPolicy;
    if (attemptLimit(replacement) === 0) return;
    const restarts = this.#slot(service, replacement);
    if (restarts.specVersion !== replacement.specVersion) {
      restarts.specVersion = replacement.specVersion;
      restarts.total = 0;
      restarts.times = [];
    }
    restarts.total += 1;
    if ((policy?.Window ?? 0) > 0) restarts.times.push(replacement.meta.createdAt);
  }

  /**
   * Whether the policy of the task's own spec lets it be replaced. No condition means any, no attempts or 0 means without end. Without a
   * window every restart of the slot counts; with one, those made in the window that ends with the task's own end. For a job any means
   * on-failure, and a global job's attempts are never limited (SwarmKit records them by node and looks them up without).
   */
  allows(service: Service, task: Task): boolean {
    const policy = task.spec.RestartPolicy;
    const condition = policy?.Condition ?? 'any';
    if (condition === 'none') return false;
    const { GlobalJob, ReplicatedJob } = service.spec.Mode;
    const isJob = GlobalJob !== undefined || ReplicatedJob !== undefined;
    const needsFailure = condition === 'on-failure' || isJob;
    if (needsFailure && task.status.state === 'complete') return false;
    const limit = attemptLimit(task);
    if (limit === 0 || GlobalJob !== undefined) return true;
    const restarts = this.#services.get(service.id)?.get(slotKey(service, task));
    if (restarts?.specVersion !== task.specVersion) return true;
    const windowMs = (policy?.Window ?? 0) / NANOSECONDS_PER_MS;
    if (windowMs === 0) return restarts.total < limit;
    const end = taskTime(task);
    // Later tasks end later, so what is too old now stays too old.
    restarts.times = restarts.times.filter((time) => time > end - windowMs);
    return restarts.times.filter((time) => time < end).length < limit;
  }

  forgetService(serviceId: string): void {
    this.#services.delete(serviceId);
  }

  #slot(service: Service, task: Task): Restarts {
    let slots = this.#services.get(service.id);
    if (slots === undefined) {
      slots = new Map();
      this.#services.set(service.id, slots);
    }
    const key = slotKey(service, task);
    let restarts = slots.get(key);
    if (restarts === undefined) {
      restarts = { specVersion: task.specVersion, total: 0, times: [] };
      slots.set(key, restarts);
    }
    return restarts;
  }
}

const attemptLimit = (task: Task): number => task.spec.RestartPolicy?.MaxAttempts ?? 0;

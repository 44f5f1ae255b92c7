import type { Task } from '../../model/objects.ts';
import type { NodeInfo } from './node-info.ts';

/** SwarmKit: failures of the last 5 minutes count, and from 5 on they decide. */
const WINDOW_MS = 300_000;
export const MAX_FAILURES = 5;

/** Tasks of one service and one version of its spec fail or not for the same reasons. */
export const versionKey = (task: Task): string => `${task.serviceId}/${String(task.specVersion)}`;

/** Remembers which nodes a service keeps failing on, so that others are preferred. Not stored: a new leader starts with none. */
export class FailureLog {
  readonly #times = new Map<string, Map<NodeInfo, number[]>>();
  #cleanedAt = 0;

  record(info: NodeInfo, task: Task, now: number): void {
    if (now - this.#cleanedAt >= WINDOW_MS) this.#clean(now);
    const key = versionKey(task);
    const byNode = this.#times.get(key) ?? new Map<NodeInfo, number[]>();
    this.#times.set(key, byNode);
    byNode.set(info, [...recent(byNode.get(info), now), now]);
  }

  /** The nodes on which the task's service has failed five times or more of late, and how often. */
  suspects(task: Task, now: number): ReadonlyMap<NodeInfo, number> {
    const suspects = new Map<NodeInfo, number>();
    for (const [info, times] of this.#times.get(versionKey(task)) ?? []) {
      const count = recent(times, now).length;
      if (count >= MAX_FAILURES) suspects.set(info, count);
    }
    return suspects;
  }

  #clean(now: number): void {
    this.#cleanedAt = now;
    for (const [key, byNode] of this.#times) {
      for (const [info, times] of byNode) if (recent(times, now).length === 0) byNode.delete(info);
      if (byNode.size === 0) this.#times.delete(key);
    }
  }
}

const recent = (times: readonly number[] | undefined, now: number): readonly number[] =>
  (times ?? []).filter((time) => now - time < WINDOW_MS);

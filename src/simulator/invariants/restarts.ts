import type { Task } from '../../model/objects.ts';
import type { Committed, Sight } from './ledger.ts';

/** What restarts make is what the restart policy of the task before allows. */
export class Restarts {
  readonly #sight: Sight;
  /** Replacements by slot, of one reign: what a new leader remembers is for it to find out. Another spec version, also an older one, begins anew (SwarmKit: RecordRestartHistory). */
  readonly #made = new Map<string, { readonly specVersion: number; readonly count: number }>();
  #term = 0;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  committed({ events, term }: Committed): void {
    if (term !== this.#term) this.#made.clear();
    this.#term = term;
    const stopped = events.flatMap((event) =>
      event.kind === 'task' &&
      event.action === 'update' &&
      event.previous.desiredState !== 'shutdown' &&
      event.object.desiredState === 'shutdown'
        ? [event.object]
        : [],
    );
    if (stopped.length === 0) return;
    for (const event of events)
      if (
        event.kind === 'task' &&
        event.action === 'create' &&
        event.object.desiredState === 'ready'
      )
        this.#judge(event.object, stopped);
  }

  // An update also makes one task and stops another, but never of the same spec; a job has rules of its own.
  #judge(task: Task, stopped: readonly Task[]): void {
    const slot = slotOf(task);
    const { specVersion } = task;
    const [old, ...more] = stopped.filter((other) => slotOf(other) === slot);
    if (old !== undefined && old.specVersion !== specVersion)
      this.#made.set(slot, { specVersion, count: 0 });
    if (old === undefined || more.length > 0 || old.specVersion !== specVersion) return;
    if (task.jobIteration !== undefined) return;
    const { Condition = 'any', MaxAttempts = 0, Window = 0 } = old.spec.RestartPolicy ?? {};
    const { state } = old.status;
    const what = `task ${task.serviceName}.${task.slot}.${task.id} takes the place of ${old.id}, which is ${state}`;
    if (Condition === 'none' || (Condition === 'on-failure' && state === 'complete'))
      this.#sight.report('restart-policy', `${what}; its restart condition is ${Condition}`);
    if (MaxAttempts === 0 || Window > 0) return;
    const known = this.#made.get(slot);
    const made = (known?.specVersion === specVersion ? known.count : 0) + 1;
    this.#made.set(slot, { specVersion, count: made });
    if (made > MaxAttempts)
      this.#sight.report(
        'restart-policy',
        `${what}, as number ${made} in the slot; ${MaxAttempts} are allowed`,
      );
  }
}

const slotOf = ({ serviceId, slot, nodeId }: Task): string =>
  `${serviceId}/${slot === 0 ? nodeId : slot}`;

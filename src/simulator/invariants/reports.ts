import type { Task } from '../../model/objects.ts';
import { compareStates } from '../../model/task-state.ts';
import type { Committed, Sight } from './ledger.ts';

/** What is committed of a task was said by the agent of its node, which writes down each state before it reports it. */
export class Reports {
  readonly #sight: Sight;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  committed({ events }: Committed): void {
    for (const event of events)
      if (event.kind === 'task' && event.action === 'update')
        this.#judge(event.previous, event.object);
  }

  #judge(before: Task, { id, nodeId, serviceName, slot, status }: Task): void {
    if (status.appliedBy === undefined || status.appliedAt === before.status.appliedAt) return;
    if (status.state === before.status.state || status.state === 'orphaned') return;
    const { world, machineOf, report } = this.#sight;
    const name = machineOf(nodeId);
    const own = world.machines.get(name)?.disk.tasks.task(id)?.status;
    if (own !== undefined && compareStates(own.state, status.state) < 0)
      report(
        'reported-by-own-agent',
        `task ${serviceName}.${slot}.${id} is committed as ${status.state}; the agent of ${name} has it ${own.state}`,
      );
  }
}

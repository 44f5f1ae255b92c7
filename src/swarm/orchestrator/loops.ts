import type { Ports } from '../ports.ts';
import type { Store } from '../store.ts';
import { ConstraintEnforcer } from './constraint-enforcer.ts';
import { GlobalOrchestrator } from './global.ts';
import { JobOrchestrator } from './jobs.ts';
import { ReplicatedOrchestrator } from './replicated.ts';
import { RestartSupervisor } from './restart-supervisor.ts';
import { TaskReaper } from './task-reaper.ts';
import { UpdateSupervisor } from './updater.ts';

export interface Loops {
  /** Begins on the state the store holds. To be called when the store has its proposer. */
  start(): void;
  /** Cancels every timer and watch; nothing is written afterwards. The loops can be started again, and remember nothing. */
  stop(): void;
}

/** The loops that turn services into tasks, for one leader. */
export function createOrchestrationLoops(ports: Ports, store: Store): Loops {
  let running: readonly Loops[] = [];
  return {
    start: () => {
      const restarts = new RestartSupervisor(ports, store);
      const replicatedUpdates = new UpdateSupervisor(ports, store, restarts);
      const globalUpdates = new UpdateSupervisor(ports, store, restarts);
      running = [
        restarts,
        new TaskReaper(ports, store),
        new ReplicatedOrchestrator(ports, store, restarts, replicatedUpdates),
        new GlobalOrchestrator(ports, store, restarts, globalUpdates),
        new JobOrchestrator(ports, store, restarts),
        new ConstraintEnforcer(ports, store),
        onlyStops(replicatedUpdates),
        onlyStops(globalUpdates),
      ];
      for (const loop of running) loop.start();
    },
    stop: () => {
      for (const loop of running) loop.stop();
      running = [];
    },
  };
}

const onlyStops = (updates: UpdateSupervisor): Loops => ({
  start: () => undefined,
  stop: () => {
    updates.stop();
  },
});

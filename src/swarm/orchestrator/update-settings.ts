import type { Service } from '../../model/objects.ts';
import type { FailureAction, UpdateOrder } from '../../model/specs.ts';
import { NANOSECONDS_PER_MS } from '../../model/time.ts';

/** SwarmKit: how long a new task is watched where the configuration does not say. */
const DEFAULT_MONITOR_MS = 5_000;

export interface UpdateSettings {
  /** How many slots at once; 0 means all. */
  readonly parallelism: number;
  readonly delayMs: number;
  readonly monitorMs: number;
  readonly maxFailureRatio: number;
  readonly failureAction: FailureAction;
  readonly order: UpdateOrder;
}

/** What governs an update of the service as it is: its rollback settings while it rolls back, its update settings else, and the defaults. */
export function updateSettings(service: Service): UpdateSettings {
  const rollback = service.updateStatus?.state === 'rollback_started';
  const config = rollback ? service.spec.RollbackConfig : service.spec.UpdateConfig;
  const monitor = config?.Monitor ?? 0;
  return {
    parallelism: config === undefined ? 1 : config.Parallelism,
    delayMs: (config?.Delay ?? 0) / NANOSECONDS_PER_MS,
    monitorMs: monitor === 0 ? DEFAULT_MONITOR_MS : monitor / NANOSECONDS_PER_MS,
    maxFailureRatio: config?.MaxFailureRatio ?? 0,
    failureAction: config?.FailureAction ?? 'pause',
    order: config?.Order ?? 'stop-first',
  };
}

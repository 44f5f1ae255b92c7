/** Parts of a service as scenarios and plans write them, as the Engine API wants them: seconds become nanoseconds, left-out update fields the engine's defaults. */
import type { RestartDraft, UpdateDraft } from './scenario.ts';
import type { RestartPolicy, UpdateConfig } from './specs.ts';

export const NANOSECONDS_PER_S = 1_000_000_000;

/** `NAME=value` each, in the order of their writing. */
export const envOf = (env: Readonly<Record<string, string>>): string[] =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`);

export function restartPolicyOf(draft: RestartDraft): RestartPolicy {
  return {
    ...(draft.condition === undefined ? {} : { Condition: draft.condition }),
    ...(draft.delayS === undefined ? {} : { Delay: draft.delayS * NANOSECONDS_PER_S }),
    ...(draft.maxAttempts === undefined ? {} : { MaxAttempts: draft.maxAttempts }),
    ...(draft.windowS === undefined ? {} : { Window: draft.windowS * NANOSECONDS_PER_S }),
  };
}

/** The API takes an absent parallelism for "all at once", so the default is written out. */
export function updateConfigOf(draft: UpdateDraft): UpdateConfig {
  return {
    Parallelism: draft.parallelism ?? 1,
    MaxFailureRatio: draft.maxFailureRatio ?? 0,
    FailureAction: draft.failureAction ?? 'pause',
    Order: draft.order ?? 'stop-first',
    ...(draft.delayS === undefined ? {} : { Delay: draft.delayS * NANOSECONDS_PER_S }),
    ...(draft.monitorS === undefined ? {} : { Monitor: draft.monitorS * NANOSECONDS_PER_S }),
  };
}

/** Rollouts: what an update or a rollback did to each slot of its service. */
import type { ServiceSpec, UpdateConfig } from '../model/specs.ts';
import { MONITOR_MS } from '../model/bounds.ts';
import type { ServiceSeen } from '../model/history.ts';
import { NANOSECONDS_PER_MS } from '../model/time.ts';
import type { Operation } from './operations.ts';
import { imageOf, replicasOf } from './operations.ts';
import { formAt } from './story.ts';
import type { At, Story } from './story.ts';
import { liveAt } from './task-lives.ts';
import type { TaskLife } from './task-lives.ts';

/** One slot's change: the task that was there and the one that came. */
export interface SlotChange {
  readonly place: string;
  readonly old: TaskLife;
  readonly next: TaskLife;
}

export interface Rollout {
  readonly service: string;
  readonly operation: Operation;
  /** The spec before, and the one asked for. */
  readonly before: ServiceSpec;
  readonly after: ServiceSpec;
  readonly config: RolloutConfig;
  readonly fromMs: number;
  /** Until the next request about the service, or the end. */
  readonly toMs: number;
  /** In the order in which the slots were taken. */
  readonly changes: readonly SlotChange[];
  /** The service's forms in that time. */
  readonly forms: readonly At<ServiceSeen>[];
}

/** With the defaults filled in; durations in milliseconds. */
export interface RolloutConfig {
  readonly parallelism: number;
  readonly delayMs: number;
  readonly monitorMs: number;
  readonly ratio: number;
  readonly action: string;
  readonly order: string;
}

export function configOf(config: UpdateConfig | undefined): RolloutConfig {
  const monitor = config?.Monitor ?? 0;
  return {
    parallelism: config?.Parallelism ?? 1,
    delayMs: (config?.Delay ?? 0) / NANOSECONDS_PER_MS,
    monitorMs: monitor === 0 ? MONITOR_MS : monitor / NANOSECONDS_PER_MS,
    ratio: config?.MaxFailureRatio ?? 0,
    action: config?.FailureAction ?? 'pause',
    order: config?.Order ?? 'stop-first',
  };
}

const template = (spec: ServiceSpec | undefined): string =>
  JSON.stringify([
    imageOf(spec),
    spec?.TaskTemplate.ContainerSpec?.Env ?? [],
    spec?.TaskTemplate.ForceUpdate,
  ]);

/** Updates and rollbacks that change the task template, in their order. */
export function rolloutsOf(story: Story): readonly Rollout[] {
  return story.operations.flatMap((operation) => {
    if (operation.kind !== 'update' && operation.kind !== 'rollback') return [];
    if (operation.outcome !== 'ok') return [];
    const form = formAt(story.services.get(operation.about), operation.invokedMs);
    const after = operation.kind === 'update' ? operation.spec : form?.previousSpec;
    if (form === undefined || after === undefined) return [];
    if (template(form.spec) === template(after) || replicasOf(after) === null) return [];
    return [rolloutOf(story, operation, form.spec, after)];
  });
}

function rolloutOf(
  story: Story,
  operation: Operation,
  before: ServiceSpec,
  after: ServiceSpec,
): Rollout {
  const service = operation.about;
  const fromMs = operation.invokedMs;
  const toMs = Math.min(
    story.endMs,
    ...story.operations
      .filter((other) => other.about === service && other.write && other.invokedMs > fromMs)
      .map((other) => other.invokedMs),
  );
  const config = operation.kind === 'update' ? after.UpdateConfig : after.RollbackConfig;
  return {
    ...{ service, operation, before, after, fromMs, toMs },
    config: configOf(config),
    changes: changesOf(story, service, fromMs, toMs),
    forms: (story.services.get(service) ?? []).filter(
      (form) => form.atMs >= fromMs && form.atMs <= toMs,
    ),
  };
}

function changesOf(
  story: Story,
  service: string,
  fromMs: number,
  toMs: number,
): readonly SlotChange[] {
  const old = liveAt(story, fromMs, service);
  const changes = old.flatMap((before) => {
    const next = story.tasks.find(
      (life) =>
        life.service === service &&
        life.place === before.place &&
        life.createdMs >= fromMs &&
        life.createdMs < toMs,
    );
    return next === undefined ? [] : [{ place: before.place, old: before, next }];
  });
  return changes.sort((a, b) => a.next.createdMs - b.next.createdMs);
}

/** How many slots were live when it began. */
export const slotsOf = (story: Story, rollout: Rollout): number =>
  liveAt(story, rollout.fromMs, rollout.service).length;

/** The update states in their order, without repeats. */
export const statesOf = (rollout: Rollout): readonly At<ServiceSeen>[] =>
  rollout.forms.filter(
    (form, index) =>
      form.updateState !== '' && form.updateState !== rollout.forms[index - 1]?.updateState,
  );

/** The last update state. */
export const outcomeOf = (rollout: Rollout): string => rollout.forms.at(-1)?.updateState ?? '';

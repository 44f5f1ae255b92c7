/** U6 to U9: rollback, inspect, history and placement of updates. */
import type { ServiceSpec, UpdateConfig } from '../model/specs.ts';
import { availableAt, spellsOf } from './availability.ts';
import { fails, holds, inconclusive, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { imageOf } from './operations.ts';
import type { Operation } from './operations.ts';
import { isBalanced, spreadAt, spreadText } from './quiet.ts';
import { rolloutsOf } from './rollouts.ts';
import type { Rollout } from './rollouts.ts';
import type { Story } from './story.ts';
import { lastOf, liveAt, ranMs } from './task-lives.ts';

export const u6: Claim = (story) => {
  const rollbacks = rolloutsOf(story).filter(({ operation }) => operation.kind === 'rollback');
  const opinions = rollbacks.map((rollout) => goesBack(story, rollout));
  const twice = rollbacks.some(({ service }, index) =>
    rollbacks.slice(0, index).some((other) => other.service === service),
  );
  const settings = rollbacks.map(usesRollbackSettings).filter((each) => each !== null);
  if (!twice) opinions.push(inconclusive('no rollback of a rollback'));
  if (settings.length === 0)
    opinions.push(inconclusive('no rollback with settings that differ from those of the update'));
  return worstOf([...opinions, ...settings], 'no manual rollback');
};

function goesBack(
  story: Story,
  { service, operation, before, after, forms, toMs }: Rollout,
): Opinion {
  const form = forms.at(-1);
  const wrong =
    imageOf(form?.spec) !== imageOf(after) || imageOf(form?.previousSpec) !== imageOf(before);
  if (wrong)
    return fails(
      `${service} after a rollback: spec ${imageOf(form?.spec)}, previous ${imageOf(form?.previousSpec)}`,
      [...operation.records, form?.n],
    );
  const started = forms.find((each) => each.updateState === 'rollback_started');
  if (started !== undefined && started.updateMessage !== 'manually requested rollback')
    return fails(`${service}: '${started.updateMessage}'`, [started.n]);
  const stale = liveAt(story, toMs, service).find((life) => lastOf(life)?.image !== imageOf(after));
  if (stale !== undefined || form?.updateState !== 'rollback_completed')
    return fails(`${service}: the rollback ended ${form?.updateState ?? 'unseen'}`, [form?.n]);
  return holds(`${service} went back to ${imageOf(after)}, previous is ${imageOf(before)}`, [
    ...operation.records,
    form.n,
  ]);
}

/** Where update and rollback settings differ in parallelism, the course shows which were used. */
function usesRollbackSettings({ service, after, changes, config }: Rollout): Opinion | null {
  const other = after.UpdateConfig?.Parallelism ?? 1;
  if (other === config.parallelism || changes.length < 2) return null;
  const atOnce = Math.max(
    ...changes.map(
      ({ next }) =>
        changes.filter(
          (each) => each.next.createdMs <= next.createdMs && ranMs(each.next) > next.createdMs,
        ).length,
    ),
  );
  const wanted = Math.min(changes.length, config.parallelism === 0 ? Infinity : config.parallelism);
  const text = `${service}: ${atOnce} slots at once in the rollback, its settings say ${wanted}, the update's ${other}`;
  return atOnce === wanted ? holds(text) : fails(text);
}

/** The defaults of update and rollback settings (SwarmKit: api/defaults/service). */
const DEFAULTS: Required<Omit<UpdateConfig, 'Delay'>> = {
  Parallelism: 1,
  FailureAction: 'pause',
  Monitor: 5_000_000_000,
  MaxFailureRatio: 0,
  Order: 'stop-first',
};

interface Inspected {
  readonly Spec: ServiceSpec;
  readonly PreviousSpec?: ServiceSpec;
}

export const u7: Claim = (story) => {
  const inspects = story.operations.filter(
    (operation) =>
      operation.kind === 'read' &&
      operation.path.includes('insertDefaults') &&
      operation.outcome === 'ok',
  );
  const opinions = inspects.flatMap((operation) => inspected(story, operation));
  const updated = inspects.some(
    (operation) => (operation.value as Inspected).PreviousSpec !== undefined,
  );
  if (!updated) opinions.push(inconclusive('no service was inspected after an update'));
  return worstOf(opinions, 'no service was inspected');
};

function inspected(story: Story, operation: Operation): readonly Opinion[] {
  const { Spec, PreviousSpec } = operation.value as Inspected;
  const created = story.operations.find(
    (other) => other.kind === 'create' && other.about === Spec.Name,
  );
  const opinions: Opinion[] = [];
  for (const key of ['UpdateConfig', 'RollbackConfig'] as const) {
    if (created === undefined || created.spec?.[key] !== undefined) continue;
    const odd = Object.entries(DEFAULTS).find(
      ([name, value]) => Spec[key]?.[name as keyof typeof DEFAULTS] !== value,
    );
    opinions.push(
      odd === undefined
        ? holds(`${Spec.Name}: ${key} shows the defaults`, operation.records)
        : fails(
            `${Spec.Name}: ${key}.${odd[0]} is ${String(Spec[key]?.[odd[0] as keyof typeof DEFAULTS])}, not ${odd[1]}`,
            operation.records,
          ),
    );
  }
  const last = story.operations.findLast(
    (other) =>
      other.about === Spec.Name &&
      other.kind === 'update' &&
      other.outcome === 'ok' &&
      other.completedMs < operation.invokedMs,
  );
  if (last !== undefined && PreviousSpec === undefined)
    opinions.push(fails(`${Spec.Name}, updated, shows no previous spec`, operation.records));
  return opinions;
}

export const u8: Claim = (story) => {
  const lowered = story.operations.find(
    (operation) => operation.historyLimit !== undefined && operation.outcome === 'ok',
  );
  if (lowered?.historyLimit === undefined) return inconclusive('the limit was not lowered');
  const limit = story.header.settings.taskHistoryLimit;
  const updates = rolloutsOf(story).filter(({ operation }) => operation.kind === 'update');
  const before = updates.filter(({ fromMs }) => fromMs < lowered.invokedMs);
  const after = updates.find(({ fromMs }) => fromMs > lowered.completedMs);
  const service = before[0]?.service ?? '';
  if (before.length < limit || after === undefined)
    return inconclusive(`fewer than ${limit} updates before, or none after the limit was lowered`);
  const most = Math.max(
    ...before.map(({ toMs }) => Math.max(...countsAt(story, service, toMs).values())),
  );
  const full = [...countsAt(story, service, lowered.invokedMs).values()];
  if (full.some((count) => count !== limit) || most > limit)
    return fails(
      `${service}: ${full.join(', ')} tasks per slot, at most ${most}, the limit is ${limit}`,
    );
  const kept = [...countsAt(story, service, after.fromMs).values()];
  if (kept.some((count) => count !== limit))
    return fails(`${service}: ${kept.join(', ')} tasks per slot as soon as the limit was lowered`);
  const end = [...countsAt(story, service, story.endMs).values()];
  const lower = lowered.historyLimit;
  if (end.some((count) => count !== lower))
    return fails(
      `${service}: ${end.join(', ')} tasks per slot after the next update, limit ${lower}`,
    );
  return holds(
    `${service}: ${limit} tasks per slot after ${before.length} updates, ${limit} still after the limit became ${lower}, ${lower} after the next update`,
    [...lowered.records, ...after.operation.records],
  );
};

/** How many tasks, the live one included, each slot has. */
function countsAt(story: Story, service: string, atMs: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const life of story.tasks)
    if (
      life.service === service &&
      (life.sightings[0]?.atMs ?? Infinity) <= atMs &&
      atMs < life.goneMs
    )
      counts.set(life.place, (counts.get(life.place) ?? 0) + 1);
  return counts;
}

export const u9: Claim = (story) => {
  const rollouts = rolloutsOf(story).filter(({ changes }) =>
    changes.some(({ next }) => next.node !== ''),
  );
  const opinions: Opinion[] = [];
  for (const rollout of rollouts) {
    const times = rollout.changes.map(({ next }) => next.createdMs);
    const untilMs = Math.max(rollout.fromMs, ...times);
    const drained = spellsOf(story, 'drain')
      .filter(({ fromMs, toMs }) => fromMs <= rollout.fromMs && untilMs < toMs)
      .map(({ node }) => node);
    if (drained.length > 0) opinions.push(avoids(rollout, drained));
    const emptied = emptyNodes(story, rollout);
    if (emptied.length > 0) opinions.push(spreadsTo(story, rollout, emptied));
  }
  const seen = ['drained', 'empty'].every((word) =>
    opinions.some((each) => each.reason.includes(word)),
  );
  if (!seen)
    opinions.push(inconclusive('not both seen: an update beside a drained and onto an empty node'));
  return worstOf(opinions, 'no update placed tasks');
};

function avoids({ service, changes, operation }: Rollout, drained: readonly string[]): Opinion {
  const wrong = changes.find(({ next }) => drained.includes(next.node));
  const text = `${service}: ${changes.length} new tasks`;
  return wrong === undefined
    ? holds(`${text}, none on the drained ${drained.join(', ')}`, operation.records)
    : fails(`${service}.${wrong.place} was put on the drained ${wrong.next.node}`, [
        wrong.next.sightings[0]?.n,
      ]);
}

/** Available nodes that had none of the service's tasks although it has at least as many slots as there are nodes. */
function emptyNodes(story: Story, { service, fromMs, changes }: Rollout): readonly string[] {
  const nodes = availableAt(story, fromMs);
  if (changes.length < nodes.length) return [];
  const spread = spreadAt(story, service, fromMs, nodes);
  return nodes.filter((node) => spread.get(node) === 0);
}

function spreadsTo(
  story: Story,
  { service, fromMs, toMs, operation }: Rollout,
  empty: readonly string[],
): Opinion {
  const nodes = availableAt(story, fromMs);
  const spread = spreadAt(story, service, toMs, nodes);
  const used = empty.every((node) => (spread.get(node) ?? 0) > 0) && isBalanced(spread);
  const text = `${service}: ${empty.join(', ')} was empty before the update, after it ${spreadText(spread)}`;
  return used ? holds(text, operation.records) : fails(text, operation.records);
}

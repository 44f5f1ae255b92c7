/** What services and nodes were seen to become, held against who may make it so. */
import type { HistoryRecord } from '../model/history.ts';
import type { UpdateState } from '../model/objects.ts';
import { BRIEF_MS } from './exclusions.ts';
import type { Found } from './illegal-steps.ts';
import type { Story } from './story.ts';

export const illegalForms = (story: Story, records: readonly HistoryRecord[]): readonly Found[] => [
  ...olderVersions(records),
  ...twoLeaders(records),
  ...[...story.services.keys()].flatMap((service) => unmadeUpdates(story, service)),
];

/** One observer's answers come from one leader after another, each with all that was committed before it. */
function olderVersions(records: readonly HistoryRecord[]): readonly Found[] {
  const newest = new Map<string, { readonly version: number; readonly n: number }>();
  return records.flatMap((record): readonly Found[] => {
    if (record.type !== 'observe' || record.what !== 'service') return [];
    const { by, id, name, version, n } = record;
    const before = newest.get(`${by} ${id}`);
    newest.set(`${by} ${id}`, { version, n });
    if (before === undefined || before.version <= version) return [];
    const text = `service ${name} had version ${before.version} and then ${version} (seen by ${by})`;
    return [{ rule: 'version-back', text, evidence: [before.n, n] }];
  });
}

/** A manager marks the leader that it follows, or itself: one at a time, but for the moment in which a look is written down. */
function twoLeaders(records: readonly HistoryRecord[]): readonly Found[] {
  const views = new Map<string, Map<string, number>>();
  const since = new Map<string, { readonly atMs: number; readonly n: number }>();
  const found = new Map<string, Found>();
  for (const record of records) {
    if (record.type !== 'observe' || !('by' in record)) continue;
    const { by } = record;
    const both = since.get(by);
    if (both !== undefined && record.atMs - both.atMs >= BRIEF_MS) {
      const text = `${by} told of two leaders at once`;
      found.set(by, { rule: 'two-leaders', text, evidence: [both.n, record.n] });
    }
    if (record.what !== 'node' && !(record.what === 'gone' && record.kind === 'node')) continue;
    const leaders = views.get(by) ?? new Map<string, number>();
    views.set(by, leaders);
    if (record.what === 'node' && record.leader) leaders.set(record.id, record.n);
    else leaders.delete(record.id);
    if (leaders.size < 2) since.delete(by);
    else if (!since.has(by)) since.set(by, { atMs: record.atMs, n: record.n });
  }
  return [...found.values()];
}

/**
 * What may be seen of an update after what, the spec being the same (SwarmKit: orchestrator/update). A paused rollback may be called completed: its updater goes
 * on watching where it was to roll back what is rolled back.
 */
const UPDATES: Readonly<Record<UpdateState | '', readonly (UpdateState | '')[]>> = {
  '': ['updating', 'paused', 'completed'],
  updating: ['paused', 'completed'],
  paused: [],
  completed: [],
  rollback_started: ['rollback_paused', 'rollback_completed', 'completed'],
  rollback_paused: ['completed'],
  rollback_completed: [],
};

/** A request may be seen before or after its effect: a look takes its time, and so does an answer. */
const LAG_MS = 5000;

function unmadeUpdates(story: Story, service: string): readonly Found[] {
  const forms = story.services.get(service) ?? [];
  const asked = story.operations.filter(({ about, write }) => write && about === service);
  return forms.flatMap((form, index): readonly Found[] => {
    const before = forms[index - 1];
    if (before === undefined || before.updateState === form.updateState) return [];
    if (UPDATES[before.updateState].includes(form.updateState)) return [];
    const isOther =
      JSON.stringify([before.spec, before.previousSpec]) !==
      JSON.stringify([form.spec, form.previousSpec]);
    const isAsked = asked.some(
      ({ invokedMs, completedMs }) => invokedMs <= form.atMs && completedMs >= before.atMs - LAG_MS,
    );
    if (isOther || isAsked) return [];
    const text = `the update of ${service} was ${wordOf(before.updateState)} and then ${wordOf(form.updateState)}, with the same spec`;
    return [{ rule: 'no-updater', text, evidence: [before.n, form.n] }];
  });
}

const wordOf = (state: UpdateState | ''): string => (state === '' ? 'none' : state);

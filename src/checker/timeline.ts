/** Draws a history as rows of bars: a row per node, a row per slot with its tasks one after the other. */
import type { HistoryRecord, NodeSeen, TaskSeen } from '../model/history.ts';
import { isInstant } from '../model/history.ts';
import { isTerminal } from '../model/task-state.ts';
import type { Bar, BarTone, Moment, Timeline, TimelineRow } from '../model/timeline.ts';
import { leaderRow } from './leader-row.ts';
import { into, tellStory } from './story.ts';
import type { At, Story } from './story.ts';
import { isLive } from './task-lives.ts';
import type { TaskLife } from './task-lives.ts';

/** `null` for a history without a header. */
export function timelineOf(records: readonly HistoryRecord[]): Timeline | null {
  const story = tellStory(records);
  if (story === null) return null;
  const zero = zeroOf(story);
  const shift = (bar: Bar): Bar => ({ ...bar, fromMs: bar.fromMs - zero, toMs: bar.toMs - zero });
  const rows = [leaderRow(story), ...nodeRows(story), ...slotRows(story)];
  return {
    subject: story.header.subject,
    fromMs: -zero,
    toMs: story.endMs - zero,
    rows: rows.map((row) => ({ ...row, bars: row.bars.map(shift) })),
    moments: momentsOf(story).map((moment) => ({
      ...moment,
      fromMs: moment.fromMs - zero,
      toMs: moment.toMs - zero,
    })),
  };
}

/** What two timelines are aligned on: the first fault that lasts, or the first request. */
export function zeroOf(story: Story): number {
  const first = story.faults.find(({ fault }) => !isInstant(fault)) ?? story.faults[0];
  return first?.beginMs ?? story.operations[0]?.invokedMs ?? 0;
}

/** One bar per form; a bar ends where the next begins. */
function barsOf<T extends { readonly atMs: number }>(
  line: readonly T[],
  endMs: number,
  draw: (form: T) => Omit<Bar, 'fromMs' | 'toMs'>,
): readonly Bar[] {
  return line.map((form, index) => ({
    fromMs: form.atMs,
    toMs: Math.min(endMs, line[index + 1]?.atMs ?? endMs),
    ...draw(form),
  }));
}

const NODE_TONES: Readonly<Record<NodeSeen['state'], BarTone>> = {
  ready: 'running',
  unknown: 'waiting',
  disconnected: 'waiting',
  down: 'failed',
};

function nodeRows(story: Story): readonly TimelineRow[] {
  return story.all.map((name) => ({
    kind: 'node',
    label: name,
    bars: barsOf(story.nodes.get(name) ?? [], story.endMs, (seen) => {
      const role = seen.leader ? 'leader' : seen.reachability;
      const availability = seen.availability === 'active' ? '' : seen.availability;
      const text = [seen.state, role, availability].filter(Boolean).join(' ');
      return { tone: NODE_TONES[seen.state], text, title: `${text} ${seen.message}` };
    }),
  }));
}

function slotRows(story: Story): readonly TimelineRow[] {
  const rows = new Map<string, TaskLife[]>();
  for (const life of story.tasks) into(rows, `${life.service}.${life.place}`).push(life);
  return [...rows]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([label, lives]) => ({
      kind: 'slot',
      label,
      bars: lives.flatMap((life) => taskBars(life, story.endMs)),
    }));
}

function taskBars(life: TaskLife, endMs: number): readonly Bar[] {
  const until = Math.min(endMs, life.goneMs);
  const bars = barsOf(life.sightings, until, (seen) => ({
    tone: toneOf(seen),
    thin: !isLive(seen) || isTerminal(seen.state),
    text: `${seen.node} ${seen.state}`,
    title: `task ${life.id.slice(0, 8)} on ${seen.node || 'no node'}: ${seen.state}, wanted ${seen.desired}${seen.err === '' ? '' : `: ${seen.err}`} (record ${seen.n})`,
  }));
  // The end of a task lasts for ever; a short bar shows it without hiding its successor.
  return bars.map((bar, index) =>
    isEnded(life.sightings[index]) ? { ...bar, toMs: Math.min(bar.toMs, bar.fromMs + 600) } : bar,
  );
}

const isEnded = (seen: At<TaskSeen> | undefined): boolean =>
  seen !== undefined && isTerminal(seen.state);

function toneOf(seen: TaskSeen): BarTone {
  if (seen.state === 'failed' || seen.state === 'rejected') return 'failed';
  if (isTerminal(seen.state)) return 'ended';
  if (!isLive(seen)) return 'leaving';
  if (seen.state === 'running') return 'running';
  return seen.state === 'ready' ? 'waiting' : 'calm';
}

function momentsOf(story: Story): readonly Moment[] {
  const faults = story.faults.map((span): Moment => {
    const toMs = isInstant(span.fault) ? span.bittenMs : Math.min(span.healBeginMs, story.endMs);
    const text = `${span.name}: ${span.fault.kind}`;
    return { kind: 'fault', fromMs: span.beginMs, toMs, text, nodes: span.nodes };
  });
  const requests = story.operations
    .filter((operation) => operation.write)
    .map((operation): Moment => {
      const toMs = Math.min(operation.completedMs, story.endMs);
      const text = `${operation.label}: ${operation.outcome} ${operation.status || ''}`;
      return { kind: 'request', fromMs: operation.invokedMs, toMs, text };
    });
  return [...faults, ...requests];
}

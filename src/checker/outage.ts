/** A history as an outage that a person can read: what was done, what it did to control and to services, in the order of time. */
import type { NodeName } from '../model/fault.ts';
import type { HistoryRecord } from '../model/history.ts';
import { ZERO_MARK, type ControlGap, type Outage, type OutageEvent } from '../model/outage.ts';
import type { Step } from '../model/scenario.ts';
import { containerRuns, runsAtMoment, type ContainerRun } from './container-runs.ts';
import { actionEvents, stepEvents } from './outage-actions.ts';
import { nodeEvents, taskEvents } from './outage-events.ts';
import { serviceOutages } from './service-outage.ts';
import { formAt, isLostAt, tellStory, type Story } from './story.ts';
import { taskAt } from './task-lives.ts';

/** A look that nobody answers is given up after so long: it began that much earlier. */
const PATIENCE_MS = 1500;
/** Who leads is known to every observer so long after an election. */
const SETTLED_MS = 1500;
/** Steps that only prepare or watch. */
const PREPARING: readonly Step['do'][] = [
  'create',
  'wait',
  'name',
  'list',
  'containers',
  'mark',
  'hold',
  'inspect',
];

/** `null` for a history without a header. */
export function outageOf(records: readonly HistoryRecord[]): Outage | null {
  const story = tellStory(records);
  if (story === null) return null;
  const zeroMs = outageBegins(story, records);
  const runs = containerRuns(story);
  const control = controlGaps(story, zeroMs);
  const { managers, workers } = story.scenario.shape;
  const events = [
    ...unwholeAt(story, runs, zeroMs),
    ...actionEvents(story, runs, zeroMs),
    ...stepEvents(records),
    ...control.flatMap((gap) => gapEvents(story, gap)),
    ...nodeEvents(story, zeroMs),
    ...taskEvents(story, runs, zeroMs),
  ];
  const shifted = (atMs: number): number => atMs - zeroMs;
  return {
    subject: story.header.subject,
    ...{ managers, workers, seed: story.header.seed },
    endMs: shifted(story.endMs),
    events: events
      .map((event) => ({ ...event, atMs: shifted(event.atMs) }))
      .sort((a, b) => a.atMs - b.atMs),
    control: control.map(({ fromMs, toMs }) => ({
      fromMs: shifted(fromMs),
      toMs: toMs === null ? null : shifted(toMs),
    })),
    services: serviceOutages(story, runs, zeroMs).toSorted((a, b) =>
      a.service < b.service ? -1 : 1,
    ),
    leader: (control.at(-1)?.toMs === null ? undefined : nextLeader(story, story.endMs)) ?? '',
  };
}

/** The player's own mark, or the first step that changes something that ran. */
export function outageBegins(story: Story, records: readonly HistoryRecord[]): number {
  const mark = story.marks.find(({ name }) => name === ZERO_MARK);
  if (mark !== undefined) return mark.atMs;
  const { steps } = story.scenario;
  const first = records.find(
    (record) => record.type === 'step' && !PREPARING.includes(steps[record.step]?.do ?? 'wait'),
  );
  return first?.atMs ?? 0;
}

/** What did not even start. */
function unwholeAt(
  story: Story,
  runs: readonly ContainerRun[],
  zeroMs: number,
): readonly OutageEvent[] {
  return [...story.services].flatMap(([service, forms]): OutageEvent[] => {
    const wanted = formAt(forms, zeroMs)?.spec.Mode.Replicated?.Replicas ?? 0;
    const running = runsAtMoment(runs, zeroMs).filter((run) => run.service === service).length;
    if (running >= wanted) return [];
    const told = story.tasks
      .filter((life) => life.service === service)
      .map((life) => taskAt(life, zeroMs))
      .find((seen) => seen !== undefined && seen.state !== 'running');
    const why = told === undefined ? '' : `: ${told.err === '' ? told.message : told.err}`;
    const text = `${service} does not come up: ${running} of ${wanted} run${why}`;
    return [{ atMs: zeroMs, tone: 'bad', text }];
  });
}

/** Control is there while any manager that no fault is on answers reads. */
function controlGaps(story: Story, zeroMs: number): readonly ControlGap[] {
  const moments = [...story.control.values()]
    .flat()
    .map((seen) => ({
      ...seen,
      atMs: seen.answer === 'hangs' ? seen.atMs - PATIENCE_MS : seen.atMs,
    }))
    .sort((a, b) => a.atMs - b.atMs);
  const edges = [
    ...moments.map(({ atMs }) => atMs),
    ...story.faults.flatMap((span) => [span.beginMs, span.healedMs]),
  ]
    .filter((atMs) => Number.isFinite(atMs) && atMs >= zeroMs)
    .sort((a, b) => a - b);
  const answers = (atMs: number): boolean =>
    story.managers.some(
      (name) =>
        !isLostAt(story, name, atMs) &&
        moments.findLast((seen) => seen.by === name && seen.atMs <= atMs)?.answer === 'ok',
    );
  const gaps: { fromMs: number; toMs: number | null }[] = [];
  for (const atMs of edges) {
    const open = gaps.at(-1);
    const isOpen = open?.toMs === null;
    if (isOpen && answers(atMs)) open.toMs = atMs;
    if (!isOpen && !answers(atMs)) gaps.push({ fromMs: atMs, toMs: null });
  }
  // A gap that is over before it was seen is two edges of one look.
  return gaps.filter(({ fromMs, toMs }) => toMs !== fromMs);
}

function gapEvents(story: Story, { fromMs, toMs }: ControlGap): readonly OutageEvent[] {
  const lost: OutageEvent = {
    atMs: fromMs,
    tone: 'bad',
    text: 'control is lost: the API answers nothing about the swarm, and no task is replaced',
  };
  if (toMs === null) return [lost];
  const after = ((toMs - fromMs) / 1000).toFixed(1);
  const leader = nextLeader(story, toMs);
  const led = leader === undefined ? '' : `, ${leader} leads`;
  return [lost, { atMs: toMs, tone: 'good', text: `control is back after ${after} s${led}` }];
}

/** The newest word on who leads, a moment later: what an observer tells of a leader that was deposed is older. */
function nextLeader(story: Story, atMs: number): NodeName | undefined {
  const leading = [...story.nodes].flatMap(([name, line]) => {
    const seen = formAt(line, atMs + SETTLED_MS);
    return seen?.leader === true && !isLostAt(story, name, atMs) ? [{ name, atMs: seen.atMs }] : [];
  });
  return leading.sort((a, b) => b.atMs - a.atMs)[0]?.name;
}

/** What was done to the cluster: faults, heals and requests, each with what it hit. */
import type { Fault } from '../model/fault.ts';
import { isInstant, type HistoryRecord } from '../model/history.ts';
import type { OutageEvent } from '../model/outage.ts';
import { runsAtMoment, type ContainerRun } from './container-runs.ts';
import { nodeAt, type FaultSpan, type Story } from './story.ts';
import type { Operation } from './operations.ts';

/** More names than these are counted instead. */
const NAMES = 6;

export function actionEvents(
  story: Story,
  runs: readonly ContainerRun[],
  zeroMs: number,
): readonly OutageEvent[] {
  const faults = story.faults.flatMap((span) => faultEvents(story, runs, span));
  const writes = story.operations
    .filter(({ write, invokedMs, outcome }) => write && (invokedMs >= zeroMs || outcome !== 'ok'))
    .map(requestEvent);
  return [...faults, ...writes];
}

/** What could not be done at its moment, what was waited for in vain, and where a history ends too soon. */
export function stepEvents(records: readonly HistoryRecord[]): readonly OutageEvent[] {
  const titles = new Map<number, string>();
  return records.flatMap((record): OutageEvent[] => {
    if (record.type === 'step') titles.set(record.step, record.title);
    if (record.type === 'end' && record.outcome === 'aborted')
      return [{ atMs: record.atMs, tone: 'bad', text: `it ends here: ${record.text}` }];
    if (record.type !== 'step-end' || record.outcome === 'done') return [];
    const how = record.outcome === 'late' ? 'in vain' : 'cannot be done';
    const text = `${titles.get(record.step) ?? ''}: ${how}: ${record.text}`;
    return [{ atMs: record.atMs, tone: 'bad', text }];
  });
}

function faultEvents(
  story: Story,
  runs: readonly ContainerRun[],
  span: FaultSpan,
): readonly OutageEvent[] {
  const begun: OutageEvent = {
    atMs: span.beginMs,
    tone: 'action',
    text: `${faultText(story, span)}${victims(runs, span)}`,
  };
  if (!Number.isFinite(span.healBeginMs) || isInstant(span.fault)) return [begun];
  const what = span.nodes.length === 0 ? span.fault.kind : span.nodes.join(' ');
  return [
    begun,
    { atMs: span.healBeginMs, tone: 'action', text: `heal ${span.fault.kind} ${what}` },
  ];
}

function faultText(story: Story, { fault, nodes, beginMs }: FaultSpan): string {
  const named = nodes.map((name) => {
    const seen = nodeAt(story, name, beginMs);
    return seen?.leader === true
      ? `${name} (leader)`
      : seen?.role === 'manager'
        ? `${name} (manager)`
        : name;
  });
  switch (fault.kind) {
    case 'partition':
      return `cut off ${named.join(', ')}${planeText(fault)}`;
    case 'links':
      return `${fault.toxic.kind} on ${fault.links.map(({ from, to }) => `${from} to ${to}`).join(', ')}`;
    case 'kill-container':
    case 'remove-container':
    case 'pause-container':
      return `${fault.kind.replace('-', ' ')} of ${taskNamed(story, fault.container)} on ${fault.node}`;
    default:
      return `${fault.kind} ${named.join(', ')}`;
  }
}

function taskNamed(story: Story, container: string): string {
  const found = story.containers.find(({ id, task }) => id === container || task === container);
  const life = story.tasks.find(({ id }) => id === found?.task);
  return life === undefined ? 'a container' : `${life.service}.${life.place}`;
}

const planeText = (fault: Extract<Fault, { kind: 'partition' }>): string =>
  fault.plane === 'control' ? '' : ` (${fault.plane})`;

/** Whose containers end or fall silent with it. */
function victims(runs: readonly ContainerRun[], { fault, nodes, beginMs }: FaultSpan): string {
  const isContainer = 'container' in fault;
  const hit = runsAtMoment(runs, beginMs - 1).filter((run) => nodes.includes(run.node));
  const names = isContainer ? [] : hit.map((run) => `${run.service}.${run.place}`);
  if (names.length === 0) return '';
  const list = names.length > NAMES ? `${names.length} tasks` : names.sort().join(' ');
  return fault.kind === 'partition' || fault.kind === 'links' || fault.kind === 'skew-clock'
    ? `; there: ${list}`
    : `; ${list} with it`;
}

function requestEvent({ label, outcome, text, invokedMs }: Operation): OutageEvent {
  if (outcome === 'ok') return { atMs: invokedMs, tone: 'action', text: label };
  const how = outcome === 'fail' ? 'refused' : 'without a clear answer';
  return { atMs: invokedMs, tone: 'bad', text: `${label}: ${how}: ${gist(text)}` };
}

/** The first sentence, without what gRPC puts in front. */
const gist = (text: string): string =>
  text.replace(/^rpc error: code = \w+ desc = /, '').replace(/\. .*$/s, '.');

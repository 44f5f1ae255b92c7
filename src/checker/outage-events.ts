/** What followed: nodes that are given up and come back, tasks that run elsewhere, wait, or fail again and again. */
import type { OutageEvent, OutageTone } from '../model/outage.ts';
import { runsAtMoment, type ContainerRun } from './container-runs.ts';
import { isLostAt, type Story } from './story.ts';
import { predecessorOf, type TaskLife } from './task-lives.ts';

/** Events of one kind and service that follow each other within this are one line. */
const TOGETHER_MS = 3000;
/** More tasks than these are counted instead of named. */
const NAMES = 6;
/** Waiting for less is the ordinary way of a task. */
const WAITING_MS = 2000;

/** Down, and ready again; what lies between is of no use to a reader. */
export function nodeEvents(story: Story, zeroMs: number): readonly OutageEvent[] {
  return [...story.nodes].flatMap(([name, line]) => {
    const told = line.filter(({ state }) => state === 'down' || state === 'ready');
    return told.flatMap((seen, index): OutageEvent[] => {
      const before = told[index - 1];
      if (seen.atMs < zeroMs || before === undefined || before.state === seen.state) return [];
      return seen.state === 'down'
        ? [
            {
              atMs: seen.atMs,
              tone: 'plain',
              text: `${name} is down for the swarm: its tasks are replaced`,
            },
          ]
        : [
            {
              atMs: seen.atMs,
              tone: 'plain',
              text: `${name} is ready again; what has moved stays where it is`,
            },
          ];
    });
  });
}

/** One thing that happened to one task. */
interface Happening {
  readonly atMs: number;
  readonly kind: 'runs' | 'failed' | 'waits' | 'doubled';
  readonly service: string;
  readonly task: string;
  readonly where: string;
  /** The reason; for a task that runs, what became of the place. */
  readonly why: string;
}

const TONES: Readonly<Record<Happening['kind'], OutageTone>> = {
  ...{ runs: 'good', failed: 'bad', waits: 'bad', doubled: 'plain' },
};

export function taskEvents(
  story: Story,
  runs: readonly ContainerRun[],
  zeroMs: number,
): readonly OutageEvent[] {
  const happenings = story.tasks
    .flatMap((life) => [
      ...startsOf(story, life, runs, zeroMs),
      ...failureOf(story, life),
      ...waitOf(story, life),
    ])
    .filter(({ atMs }) => atMs > zeroMs)
    .sort((a, b) => a.atMs - b.atMs);
  return grouped(happenings).map((group) => ({
    atMs: group[0]?.atMs ?? 0,
    tone: TONES[group[0]?.kind ?? 'runs'],
    text: textOf(group),
  }));
}

function startsOf(
  story: Story,
  life: TaskLife,
  runs: readonly ContainerRun[],
  zeroMs: number,
): readonly Happening[] {
  const run = runs.find(({ task }) => task === life.id);
  if (run === undefined || life.createdMs < zeroMs) return [];
  const before = predecessorOf(story, life);
  const base = { service: life.service, task: `${life.service}.${life.place}` };
  const from =
    before === undefined ? '' : before.node === life.node ? 'again' : `was on ${before.node}`;
  const twin = runsAtMoment(runs, run.fromMs).find(
    (other) =>
      other.service === run.service && other.place === run.place && other.task !== run.task,
  );
  const started: Happening = {
    ...base,
    atMs: run.fromMs,
    kind: 'runs',
    where: life.node,
    why: from,
  };
  if (twin === undefined || !isLostAt(story, twin.node, run.fromMs)) return [started];
  return [started, { ...base, atMs: run.fromMs, kind: 'doubled', where: twin.node, why: '' }];
}

/** A task that ended badly on a node that was well. */
function failureOf(story: Story, life: TaskLife): readonly Happening[] {
  const seen = life.sightings.find(({ state }) => state === 'failed' || state === 'rejected');
  if (seen === undefined || seen.err === '' || wasHit(story, life, seen.changedMs)) return [];
  const why = `${seen.state}: ${seen.err}`;
  const task = `${life.service}.${life.place}`;
  return [
    { atMs: seen.changedMs, kind: 'failed', service: life.service, task, where: life.node, why },
  ];
}

/** Whether a fault explains its end: its node was lost once in its life. */
const wasHit = (story: Story, life: TaskLife, endMs: number): boolean =>
  story.faults.some(
    ({ nodes, beginMs }) =>
      nodes.includes(life.node) && beginMs >= life.createdMs && beginMs <= endMs,
  );

function waitOf(story: Story, life: TaskLife): readonly Happening[] {
  const at = life.sightings.findIndex(({ state, err }) => state === 'pending' && err !== '');
  const seen = life.sightings[at];
  if (seen === undefined) return [];
  const next = life.sightings.slice(at + 1).find(({ state }) => state !== 'pending');
  if ((next?.atMs ?? Math.min(life.goneMs, story.endMs)) - seen.atMs < WAITING_MS) return [];
  const task = `${life.service}.${life.place}`;
  return [
    { atMs: seen.atMs, kind: 'waits', service: life.service, task, where: '', why: seen.err },
  ];
}

function grouped(happenings: readonly Happening[]): readonly (readonly Happening[])[] {
  const groups: Happening[][] = [];
  for (const happening of happenings) {
    const fits = groups.findLast(([first]) => first !== undefined && isAlike(first, happening));
    if (fits !== undefined && happening.atMs - (fits.at(-1)?.atMs ?? 0) <= TOGETHER_MS)
      fits.push(happening);
    else groups.push([happening]);
  }
  return groups;
}

const isAlike = (a: Happening, b: Happening): boolean =>
  a.kind === b.kind && a.service === b.service && (a.kind === 'runs' || a.why === b.why);

function textOf(group: readonly Happening[]): string {
  const [first] = group;
  if (first === undefined) return '';
  const names =
    group.length > NAMES
      ? `${group.length} tasks of ${first.service}`
      : group.map(({ task }) => task).join(' ');
  switch (first.kind) {
    case 'runs':
      return group.length > NAMES ? `${names} run on ${counted(group)}` : runText(group);
    case 'failed':
      return `${names} ${first.why}`;
    case 'waits':
      return `${names} cannot be placed: ${first.why}`;
    case 'doubled':
      return `${names} run${group.length > 1 ? '' : 's'} twice: the old container on ${[...new Set(group.map(({ where }) => where))].join(', ')} goes on`;
  }
}

/** Those that went the same way in one breath. */
function runText(group: readonly Happening[]): string {
  const ways = Map.groupBy(group, ({ where, why }) => `${where} ${why}`);
  return [...ways.values()]
    .map((alike) => {
      const [first] = alike;
      if (first === undefined) return '';
      const verb = alike.length > 1 ? 'run' : 'runs';
      const again = first.why === 'again' ? ' again' : '';
      const from = ['', 'again'].includes(first.why) ? '' : ` (${first.why})`;
      const who = alike
        .map(({ task }) => task)
        .sort()
        .join(' ');
      return `${who} ${verb}${again} on ${first.where}${from}`;
    })
    .join(', ');
}

function counted(group: readonly Happening[]): string {
  const counts = new Map<string, number>();
  for (const { where } of group) counts.set(where, (counts.get(where) ?? 0) + 1);
  return [...counts].map(([node, tasks]) => `${node} (${tasks})`).join(', ');
}

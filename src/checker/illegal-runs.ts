/** What ran on each engine, held against what the swarm says of its tasks: the two are watched apart. */
import { LOAD_MS } from '../model/bounds.ts';
import type { NodeName } from '../model/fault.ts';
import { isInstant } from '../model/history.ts';
import { isTerminal } from '../model/task-state.ts';
import { containerAt, runsAt } from './engines.ts';
import type { ContainerLife } from './engines.ts';
import { BRIEF_MS } from './exclusions.ts';
import type { Found } from './illegal-steps.ts';
import type { Story } from './story.ts';
import type { TaskLife } from './task-lives.ts';

/** An engine that is not heard by its events is looked at every two seconds. */
const LOOK_MS = 3000;

export function illegalRuns(story: Story, named: boolean): readonly Found[] {
  const containers = Map.groupBy(story.containers, ({ task }) => task);
  const lives = new Map(story.tasks.map((life) => [life.id, life]));
  return [
    ...[...containers].flatMap(([task, of]) =>
      named ? wrongContainers(story, lives.get(task), of) : [],
    ),
    ...story.tasks.flatMap((life) => unlike(story, life, containers.get(life.id) ?? [])),
  ];
}

const nameOf = ({ service, place, id }: TaskLife): string => `task ${service}.${place} ${id}`;

const numbersOf = (of: readonly ContainerLife[]): readonly number[] =>
  of.flatMap(({ sightings }) => sightings.slice(0, 1).map(({ n }) => n));

/** Those that one task has, or that have no task that anybody saw. */
function wrongContainers(
  story: Story,
  life: TaskLife | undefined,
  of: readonly ContainerLife[],
): readonly Found[] {
  const evidence = numbersOf(of);
  const found = (text: string): readonly Found[] => [{ rule: 'one-container', text, evidence }];
  if (life === undefined) {
    const stray = of.find((each) => each.task !== '' && isOfStory(story, each) && ranLong(each));
    return stray === undefined
      ? []
      : found(`a container of ${stray.service} ran on ${stray.node} for a task that nobody saw`);
  }
  const away = of.find(({ node }) => life.node !== '' && node !== life.node);
  if (away !== undefined)
    return found(`${nameOf(life)} is on ${life.node} and has a container on ${away.node}`);
  if (of.length > 1) return found(`${nameOf(life)} has ${of.length} containers on ${life.node}`);
  const [only] = of;
  const told = life.sightings.findLast(({ container }) => container !== '');
  if (only === undefined || told === undefined || told.container === only.id) return [];
  return found(`${nameOf(life)} is said to have another container than it has on ${life.node}`);
}

/** Clients' registers are no part of the story. */
const isOfStory = (story: Story, { service }: ContainerLife): boolean =>
  story.services.has(service);

const ranLong = ({ sightings }: ContainerLife): boolean =>
  sightings.some(
    ({ state, atMs }, index) =>
      state === 'running' && (sightings[index + 1]?.atMs ?? Infinity) - atMs >= BRIEF_MS,
  );

/** Whether the task says what its container does, while nothing kept the two from each other. */
function unlike(story: Story, life: TaskLife, of: readonly ContainerLife[]): readonly Found[] {
  const running = life.sightings.find(({ state }) => state === 'running');
  const end = life.sightings.find(({ state }) => isTerminal(state));
  const numbers = [...numbersOf(of), running?.n, end?.n].filter((n) => n !== undefined);
  const found = (text: string): readonly Found[] => [
    { rule: 'unlike-its-container', text: `${nameOf(life)} ${text}`, evidence: numbers },
  ];
  if (running !== undefined && (end?.atMs ?? life.goneMs) - running.atMs > LOOK_MS) {
    const [fromMs, toMs] = [running.atMs - LOOK_MS, running.atMs + LOOK_MS];
    const runs = of.some((each) => runsIn(each, fromMs, toMs));
    if (!runs && isWatched(story, life.node, fromMs, toMs))
      return found(`runs on ${life.node}, and no container of it does`);
  }
  const endedMs = end === undefined ? Infinity : end.atMs + LOAD_MS;
  const outlived = of.some((each) => runsAt(each, endedMs));
  if (
    end?.state !== 'orphaned' &&
    outlived &&
    isWatched(story, life.node, endedMs - LOAD_MS, endedMs)
  )
    return found(`is ${end?.state ?? ''}, and its container runs on`);
  const stops = of.map(stoppedMs).filter((stopMs) => {
    const heardMs = stopMs + LOAD_MS;
    return (
      heardMs < Math.min(end?.atMs ?? Infinity, life.goneMs) &&
      running !== undefined &&
      running.atMs < heardMs &&
      isWatched(story, life.node, stopMs, heardMs) &&
      !isAnythingBroken(story, stopMs, heardMs)
    );
  });
  return stops.length === 0 ? [] : found('is said to run, and its container has stopped');
}

const stoppedMs = ({ sightings }: ContainerLife): number => {
  const last = sightings.at(-1);
  return last === undefined || last.state === 'running' || last.state === 'created'
    ? Infinity
    : (sightings.find(({ state }) => ['exited', 'dead', 'gone'].includes(state))?.atMs ?? Infinity);
};

const runsIn = (life: ContainerLife, fromMs: number, toMs: number): boolean =>
  containerAt(life, fromMs)?.state === 'running' ||
  life.sightings.some(({ state, atMs }) => state === 'running' && atMs >= fromMs && atMs <= toMs);

/** Whether the node's engine answered all the time, with no fault on the node, and the run went on. */
function isWatched(story: Story, node: NodeName, fromMs: number, toMs: number): boolean {
  const answers = story.engines.get(node) ?? [];
  const told = answers.filter(
    ({ atMs }, index) => atMs <= toMs && (answers[index + 1]?.atMs ?? Infinity) > fromMs,
  );
  const broken = story.faults.some(
    ({ fault, nodes, beginMs, healedMs }) =>
      !isInstant(fault) && nodes.includes(node) && beginMs < toMs && healedMs + LOAD_MS > fromMs,
  );
  return toMs < story.endMs && !broken && told.length > 0 && told.every((each) => each.answers);
}

/** What an agent tells goes through the leader, and while a fault lasts there may be none. */
const isAnythingBroken = (story: Story, fromMs: number, toMs: number): boolean =>
  story.faults.some(
    ({ fault, beginMs, healedMs }) =>
      !isInstant(fault) && beginMs < toMs && healedMs + 2 * LOAD_MS > fromMs,
  );

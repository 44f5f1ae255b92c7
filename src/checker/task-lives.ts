/**
 * The life of every task. Observers may tell old news (an isolated leader, a slower look); both states of a task only ever rise, so a
 * sighting that is lower than one before is old news and is left out.
 */
import type { NodeName } from '../model/fault.ts';
import type { HistoryRecord, TaskSeen } from '../model/history.ts';
import { compareStates, isTerminal } from '../model/task-state.ts';
import type { TaskState } from '../model/task-state.ts';
import type { At, Story } from './story.ts';

export interface TaskLife {
  readonly id: string;
  readonly service: string;
  readonly slot: number;
  /** The slot's number, or the node of a global service's task. */
  readonly place: string;
  /** Where it was last placed; '' when it never was. */
  readonly node: NodeName;
  /** By the swarm's own record, on the run's clock. */
  readonly createdMs: number;
  readonly sightings: readonly At<TaskSeen>[];
  /** When the swarm no longer listed it; Infinity when it was there to the end. */
  readonly goneMs: number;
}

/** In the order of their creation. */
export function readTasks(records: readonly HistoryRecord[]): readonly TaskLife[] {
  const lives = new Map<string, At<TaskSeen>[]>();
  const gone = new Map<string, number>();
  let eye = '';
  for (const record of records) {
    if (record.type !== 'observe') continue;
    if (record.what === 'eye') eye = record.by;
    if (record.what === 'gone' && record.kind === 'task' && record.by === eye)
      gone.set(record.id, record.atMs);
    if (record.what !== 'task') continue;
    const line = lives.get(record.id) ?? [];
    lives.set(record.id, line);
    if (isNews(line.at(-1), record)) line.push(notToCome(record));
  }
  return [...lives]
    .map(([id, sightings]) => lifeOf(id, sightings, gone.get(id) ?? Infinity))
    .sort((a, b) => a.createdMs - b.createdMs);
}

function lifeOf(id: string, sightings: readonly At<TaskSeen>[], goneMs: number): TaskLife {
  const first = sightings[0];
  const node = sightings.findLast((each) => each.node !== '')?.node ?? '';
  const slot = first?.slot ?? 0;
  return {
    ...{ id, slot, node, sightings, goneMs },
    service: first?.service ?? '',
    place: slot === 0 ? node : String(slot),
    createdMs: first?.createdMs ?? 0,
  };
}

/** What was seen has happened: a node or a manager whose clock is ahead writes down times to come. */
function notToCome(seen: At<TaskSeen>): At<TaskSeen> {
  const { atMs, createdMs, changedMs } = seen;
  return createdMs <= atMs && changedMs <= atMs
    ? seen
    : { ...seen, createdMs: Math.min(createdMs, atMs), changedMs: Math.min(changedMs, atMs) };
}

function isNews(before: TaskSeen | undefined, now: TaskSeen): boolean {
  if (before === undefined) return true;
  const desired = compareStates(now.desired, before.desired);
  const state = compareStates(now.state, before.state);
  if (desired < 0 || state < 0) return false;
  return desired > 0 || state > 0 || now.err !== before.err || now.node !== before.node;
}

export const taskAt = (life: TaskLife, atMs: number): At<TaskSeen> | undefined =>
  life.sightings.findLast((seen) => seen.atMs <= atMs);

export const lastOf = (life: TaskLife): At<TaskSeen> | undefined => life.sightings.at(-1);

/** Meant to live: desired running or on the way there. */
export const isLive = (seen: TaskSeen | undefined): boolean =>
  seen !== undefined && compareStates(seen.desired, 'running') <= 0;

export const desiredMs = (life: TaskLife, state: TaskState): number =>
  life.sightings.find((seen) => compareStates(seen.desired, state) >= 0)?.atMs ?? Infinity;

/** When it began to run, by its agent's own clock reading, which the swarm keeps; Infinity when it was never seen to run. */
export const ranMs = (life: TaskLife): number =>
  life.sightings.find((seen) => seen.state === 'running')?.changedMs ?? Infinity;

/** When it ended, by its agent's clock; Infinity while it has not. */
export const endedMs = (life: TaskLife): number =>
  life.sightings.find((seen) => isTerminal(seen.state))?.changedMs ?? Infinity;

/** The tasks of a service, or of all, that are meant to live at a moment. */
export const liveAt = (story: Story, atMs: number, service?: string): readonly TaskLife[] =>
  (service === undefined ? story.tasks : (indexOf(story).services.get(service) ?? [])).filter(
    (life) => atMs < life.goneMs && isLive(taskAt(life, atMs)),
  );

/** The tasks of a story by what is asked for again and again, each list in the order of the story. */
interface TaskIndex {
  readonly services: ReadonlyMap<string, readonly TaskLife[]>;
  /** By service and place. */
  readonly places: ReadonlyMap<string, readonly TaskLife[]>;
}

const indexes = new WeakMap<readonly TaskLife[], TaskIndex>();

function indexOf({ tasks }: Story): TaskIndex {
  const known = indexes.get(tasks);
  if (known !== undefined) return known;
  const index = {
    services: Map.groupBy(tasks, ({ service }) => service),
    places: Map.groupBy(tasks, placeOf),
  };
  indexes.set(tasks, index);
  return index;
}

const placeOf = ({ service, place }: TaskLife): string => `${service} ${place}`;

/** The tasks of the same place, this one among them. */
const inPlaceOf = (story: Story, life: TaskLife): readonly TaskLife[] =>
  indexOf(story).places.get(placeOf(life)) ?? [];

/** The tasks that ran at a moment, wanted or not. */
export const runningAt = (story: Story, atMs: number, service?: string): readonly TaskLife[] =>
  liveAt(story, atMs, service).filter((life) => taskAt(life, atMs)?.state === 'running');

/** The task that was made after this one in the same place. */
export const successorOf = (story: Story, life: TaskLife): TaskLife | undefined =>
  inPlaceOf(story, life).find(
    (other) =>
      other.createdMs > life.createdMs ||
      (other.createdMs === life.createdMs && other.id !== life.id && isAfter(other, life)),
  );

const isAfter = (other: TaskLife, life: TaskLife): boolean =>
  (other.sightings[0]?.n ?? 0) > (life.sightings[0]?.n ?? 0);

/** The one before it in the same place. */
export const predecessorOf = (story: Story, life: TaskLife): TaskLife | undefined =>
  inPlaceOf(story, life).findLast((other) => other.createdMs < life.createdMs);

/** Whether the service has slots (and not one task per node). */
export const isReplicated = (life: TaskLife): boolean => life.slot !== 0;

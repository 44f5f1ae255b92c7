/** R6: what a restart policy makes of a task that ended by itself. */
import { LOAD_MS, RESTART_DELAY_MS } from '../model/bounds.ts';
import type { RestartPolicy } from '../model/specs.ts';
import { NANOSECONDS_PER_MS } from '../model/time.ts';
import { fails, holds, inconclusive, seconds, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { specOfTask } from './story.ts';
import type { Story } from './story.ts';
import { endedMs, isReplicated, lastOf, predecessorOf, ranMs, successorOf } from './task-lives.ts';
import type { TaskLife } from './task-lives.ts';

/** A replacement is made as soon as its predecessor's end is known; it only waits for its start. */
const QUIET_MS = 3000;
/** Two daemons' clocks are read at different moments. */
const CLOCK_MS = 300;
/** How near the edge of a window a restart may be before nobody can say whether it counts. */
const EDGE_MS = 1000;

/** What has to be seen of a policy at least. */
const CASES = {
  none: 'a task under none',
  complete: 'a complete task under on-failure',
  failed: 'a failed task under on-failure',
  any: 'a complete task under any',
  limit: 'a slot out of attempts',
  window: 'a restart that a window forgot',
} as const;
type Case = keyof typeof CASES;

export const r6: Claim = (story) => {
  const seen = new Set<Case>();
  const opinions = story.tasks.flatMap((life) => judge(story, life, seen));
  const missing = (Object.keys(CASES) as readonly Case[]).filter((each) => !seen.has(each));
  if (missing.length > 0 && opinions.every(({ verdict }) => verdict !== 'fails'))
    return inconclusive(`not seen: ${missing.map((each) => CASES[each]).join(', ')}`);
  return worstOf(opinions, 'no task ended by itself');
};

/** Of tasks that were not asked to end. */
function judge(story: Story, life: TaskLife, seen: Set<Case>): readonly Opinion[] {
  const policy = specOfTask(story, life, CLOCK_MS)?.TaskTemplate.RestartPolicy;
  const over = endedMs(life);
  const state = lastOf(life)?.state ?? '';
  if (policy === undefined || !isReplicated(life) || !Number.isFinite(over)) return [];
  if ((state !== 'failed' && state !== 'complete') || wasAsked(story, life, over)) return [];
  const may = mayRestart(story, life, policy, state, seen);
  if (may === null) return [];
  const next = successorOf(story, life);
  return [may ? replaced(story, life, next, policy) : stays(story, life, next)];
}

/** Whether a client changed the service before the task's end, or as it came. */
const wasAsked = (story: Story, life: TaskLife, over: number): boolean =>
  story.operations.some(
    ({ about, kind, invokedMs }) =>
      about === life.service &&
      (kind === 'update' || kind === 'remove' || kind === 'rollback') &&
      invokedMs > life.createdMs &&
      invokedMs < over + QUIET_MS,
  );

/** Null where it cannot be said. */
function mayRestart(
  story: Story,
  life: TaskLife,
  policy: RestartPolicy,
  state: 'failed' | 'complete',
  seen: Set<Case>,
): boolean | null {
  const { Condition = 'any', MaxAttempts = 0, Window = 0 } = policy;
  if (Condition === 'none') {
    seen.add('none');
    return false;
  }
  if (Condition === 'on-failure') seen.add(state);
  if (Condition === 'on-failure' && state === 'complete') return false;
  if (Condition === 'any' && state === 'complete') seen.add('any');
  if (MaxAttempts === 0) return true;
  const restarts = restartsBefore(story, life);
  const since = Window === 0 ? -Infinity : endedMs(life) - Window / NANOSECONDS_PER_MS;
  if (restarts.some((atMs) => Math.abs(atMs - since) < EDGE_MS)) return null;
  const counted = restarts.filter((atMs) => atMs > since).length;
  if (counted >= MaxAttempts) seen.add('limit');
  else if (restarts.length >= MaxAttempts) seen.add('window');
  return counted < MaxAttempts;
}

/** When the slot was restarted, this task's own making included. */
function restartsBefore(story: Story, life: TaskLife): readonly number[] {
  const before = predecessorOf(story, life);
  return before === undefined ? [] : [...restartsBefore(story, before), life.createdMs];
}

const nameOf = (life: TaskLife): string => `${life.service}.${life.place}`;

function stays(story: Story, life: TaskLife, next: TaskLife | undefined): Opinion {
  const last = lastOf(life);
  const text = `${nameOf(life)} ${last?.state ?? ''} and`;
  if (next !== undefined) return fails(`${text} was replaced`, [last?.n, next.sightings[0]?.n]);
  const quietMs = story.endMs - endedMs(life);
  if (quietMs < QUIET_MS) return inconclusive(`${text} the history ends ${seconds(quietMs)} later`);
  return holds(`${text} was not replaced in ${seconds(quietMs)}`, [last?.n]);
}

function replaced(
  story: Story,
  life: TaskLife,
  next: TaskLife | undefined,
  { Delay }: RestartPolicy,
): Opinion {
  const last = lastOf(life);
  const delayMs = Delay === undefined ? RESTART_DELAY_MS : Delay / NANOSECONDS_PER_MS;
  const text = `${nameOf(life)} ${last?.state ?? ''} and`;
  const leftMs = story.endMs - endedMs(life);
  if (next === undefined)
    return leftMs < LOAD_MS
      ? inconclusive(`${text} the history ends ${seconds(leftMs)} later`)
      : fails(`${text} was not replaced in ${seconds(leftMs)}`, [last?.n]);
  const waited = ranMs(next) - next.createdMs;
  const evidence = [last?.n, next.sightings[0]?.n];
  // One that exits at once may never be seen to run: then it had not run before it ended.
  const began = Number.isFinite(waited) ? waited : endedMs(next) - next.createdMs;
  if (began < delayMs - CLOCK_MS)
    return fails(
      `${text} its replacement ran after ${seconds(began)}, not ${seconds(delayMs)}`,
      evidence,
    );
  if (Number.isFinite(began) && began > delayMs + LOAD_MS)
    return fails(`${text} its replacement ran only after ${seconds(began)}`, evidence);
  return holds(
    `${text} its replacement ran after ${seconds(began)} (delay ${seconds(delayMs)})`,
    evidence,
  );
}

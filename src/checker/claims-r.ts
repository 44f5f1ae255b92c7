/** R1 to R5 and R7: slots are filled again. */
import {
  POLL_MS,
  RESTART_DELAY_MS,
  downBound,
  electionBound,
  refillBound,
  returnBound,
  sumOf,
  unknownDownBound,
} from '../model/bounds.ts';
import type { Bound } from '../model/bounds.ts';
import { NANOSECONDS_PER_MS } from '../model/time.ts';
import { isTerminal } from '../model/task-state.ts';
import { availableAt } from './availability.ts';
import { runsAt } from './engines.ts';
import { deathsOf } from './deaths.ts';
import { fails, holds, inconclusive, seconds, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { isLostAt, leaderAt, lossesOf, specOfTask, stretchesOf } from './story.ts';
import type { FaultSpan, Story } from './story.ts';
import {
  desiredMs,
  isLive,
  isReplicated,
  lastOf,
  predecessorOf,
  ranMs,
  runningAt,
  successorOf,
} from './task-lives.ts';
import type { TaskLife } from './task-lives.ts';

/** Losses of nodes that leave the managers their quorum. */
const quorumLosses = (story: Story): readonly FaultSpan[] =>
  lossesOf(story).filter((loss) =>
    stretchesOf(story)
      .filter((stretch) => stretch.faults.includes(loss))
      .every((stretch) => stretch.quorum),
  );

/** The replicated tasks that ran on a node when it was lost. */
export const strandedBy = (story: Story, loss: FaultSpan): readonly TaskLife[] =>
  runningAt(story, loss.beginMs).filter(
    (life) => isReplicated(life) && loss.nodes.includes(life.node),
  );

/** From the loss to Down: three heartbeats, or an election and six when the leader went with it. */
function toDown(story: Story, loss: FaultSpan): Bound {
  const { settings } = story.header;
  const leader = leaderAt(story, loss.beginMs);
  return leader !== undefined && loss.nodes.includes(leader)
    ? sumOf(electionBound(settings), unknownDownBound(settings))
    : downBound(settings);
}

/** Opinions on each task that a loss stranded. */
const onStranded =
  (judge: (story: Story, loss: FaultSpan, stale: TaskLife) => Opinion, nothing: string): Claim =>
  (story) =>
    worstOf(
      quorumLosses(story).flatMap((loss) =>
        strandedBy(story, loss).map((stale) => judge(story, loss, stale)),
      ),
      nothing,
    );

const NO_STRANDED = 'no replicated task ran on a node that was lost with quorum kept';
const placeOf = (life: TaskLife): string => `${life.service}.${life.place}`;

export const r1: Claim = onStranded((story, loss, stale) => {
  const bound = sumOf(toDown(story, loss), refillBound());
  const next = successorOf(story, stale);
  const took = (next === undefined ? Infinity : ranMs(next)) - loss.beginMs;
  if (took > loss.healBeginMs - loss.beginMs && loss.healBeginMs - loss.beginMs < bound.ms)
    return inconclusive(`${placeOf(stale)}: the node was healed before ${bound.formula}`);
  if (next === undefined || took > bound.ms)
    return fails(`${placeOf(stale)} was not refilled within ${bound.formula}: ${seconds(took)}`, [
      lastOf(stale)?.n,
      ...loss.records,
    ]);
  const runs = next.sightings.find((seen) => seen.state === 'running');
  if (loss.nodes.includes(next.node) || isLostAt(story, next.node, ranMs(next)))
    return fails(`${placeOf(stale)} was refilled on ${next.node}, which is lost`, [runs?.n]);
  return holds(
    `${placeOf(stale)} moved from ${stale.node} to ${next.node} and ran after ${seconds(took)} (bound ${bound.formula})`,
    [...loss.records, runs?.n],
  );
}, NO_STRANDED);

/** How long after the replacement the old desired state may still be seen: both are written in one transaction, but looked at in turn. */
const AT_ONCE_MS = 4 * POLL_MS;

export const r2: Claim = onStranded((story, loss, stale) => {
  const next = successorOf(story, stale);
  const first = next?.sightings[0];
  if (next === undefined || first === undefined || first.atMs > loss.healBeginMs)
    return inconclusive(`${placeOf(stale)} had no replacement before the heal`);
  const wanted = desiredMs(stale, 'shutdown') - first.atMs;
  if (wanted > AT_ONCE_MS)
    return fails(
      `${placeOf(stale)}: the old task was not desired Shutdown when its replacement was there (${seconds(wanted)} later)`,
      [first.n],
    );
  const between = stale.sightings.filter(
    (seen) => seen.atMs >= loss.beginMs && seen.atMs < loss.healBeginMs,
  );
  const moved = between.find((seen) => seen.state !== 'running');
  if (moved !== undefined)
    return fails(`${placeOf(stale)}: the lost node's task read ${moved.state} before the heal`, [
      moved.n,
    ]);
  return holds(
    `${placeOf(stale)}: desired Shutdown as soon as replaced, Running until the node was heard`,
    [first.n, ...between.map((seen) => seen.n)],
  );
}, NO_STRANDED);

export const r3: Claim = onStranded((story, loss, stale) => {
  if (!Number.isFinite(loss.healedMs)) return inconclusive('the node was never healed');
  const bound = returnBound(story.header.settings, loss.fault.kind === 'partition');
  const end = stale.sightings.find((seen) => isTerminal(seen.state));
  const took = (end?.atMs ?? Infinity) - loss.healedMs;
  if (end === undefined || took > bound.ms)
    return fails(
      `${placeOf(stale)}: the stale task on ${stale.node} did not end within ${bound.formula}`,
      [lastOf(stale)?.n],
    );
  const killed = loss.fault.kind === 'kill';
  if (killed && !(end.state === 'failed' && end.err.includes('non-zero exit')))
    return fails(`${placeOf(stale)}: killed with its node, it reads ${end.state} '${end.err}'`, [
      end.n,
    ]);
  if (!['shutdown', 'failed', 'complete'].includes(end.state))
    return fails(`${placeOf(stale)}: the stale task reads ${end.state}`, [end.n]);
  return holds(
    `${placeOf(stale)}: ${end.state} '${end.err}' ${seconds(took)} after the heal of a ${loss.fault.kind} (bound ${bound.formula})`,
    [end.n],
  );
}, NO_STRANDED);

export const r4: Claim = (story) => {
  const deaths = deathsOf(story).filter(
    (death) =>
      death.alone && death.hard && isReplicated(death.task) && hasQuorum(story, death.atMs),
  );
  return worstOf(
    deaths.map((death) => {
      const { task } = death;
      const delayMs = restartDelayMs(story, task);
      const bound = refillBound(delayMs);
      const last = lastOf(task);
      const next = successorOf(story, task);
      if (last?.state !== 'failed')
        return fails(`${placeOf(task)}: the old task reads ${last?.state ?? 'nothing'}`, [last?.n]);
      const took = (next === undefined ? Infinity : ranMs(next)) - death.atMs;
      if (next === undefined || took > bound.ms)
        return fails(`${placeOf(task)} was not refilled within ${bound.formula}`, [last.n]);
      if (!availableAt(story, ranMs(next)).includes(next.node))
        return fails(`${placeOf(task)} was refilled on ${next.node}, which is not eligible`);
      return holds(
        `${placeOf(task)} failed '${last.err}', and ran on ${next.node} after ${seconds(took)} (bound ${bound.formula})`,
        [death.n, last.n, lastOf(next)?.n],
      );
    }),
    'no container was killed or removed while there was quorum',
  );
};

const hasQuorum = (story: Story, atMs: number): boolean =>
  stretchesOf(story).every(
    (stretch) => stretch.quorum || atMs < stretch.fromMs || atMs >= stretch.toMs,
  );

export const r5: Claim = (story) =>
  worstOf(
    quorumLosses(story)
      .filter((loss) => loss.fault.kind === 'partition')
      .flatMap((loss) => strandedBy(story, loss).map((stale) => bothRun(story, loss, stale))),
    'no replicated task ran on a node that was cut off',
  );

function bothRun(story: Story, loss: FaultSpan, stale: TaskLife): Opinion {
  const next = successorOf(story, stale);
  const place = placeOf(stale);
  if (next === undefined || ranMs(next) > loss.healBeginMs)
    return fails(`${place} was not refilled while ${stale.node} was cut off`, loss.records);
  const old = story.containers.find((life) => life.task === stale.id);
  const fresh = story.containers.find((life) => life.task === next.id);
  if (old === undefined || fresh === undefined)
    return inconclusive(`${place}: a container was not seen on its engine`);
  const stopped = old.sightings.find(
    (seen) => seen.atMs > loss.beginMs && seen.state !== 'running',
  );
  const began = fresh.sightings.find((seen) => seen.state === 'running');
  // The engine's list is looked at after the event; the task's own record says that it ran before the heal.
  const together = began !== undefined && began.atMs < (stopped?.atMs ?? Infinity);
  if (!together || (stopped?.atMs ?? Infinity) < loss.healBeginMs)
    return fails(`${place}: the two containers did not run side by side before the heal`, [
      old.sightings.at(-1)?.n,
      fresh.sightings.at(-1)?.n,
    ]);
  const bound = returnBound(story.header.settings, true);
  const took = (stopped?.atMs ?? Infinity) - loss.healBeginMs;
  if (took > bound.ms)
    return fails(`${place}: the old container was not stopped within ${bound.formula}`);
  const running = story.containers.filter(
    (life) => taskPlace(story, life.task) === place && runsAt(life, story.endMs),
  );
  if (running.length !== 1)
    return fails(`${place} has ${running.length} running containers at the end`);
  return holds(
    `${place} ran on ${stale.node} and ${next.node} at once; the old container stopped ${seconds(took)} after the heal (bound ${bound.formula})`,
    [old.sightings.at(-1)?.n, fresh.sightings[0]?.n, stopped?.n],
  );
}

function taskPlace(story: Story, task: string): string {
  const life = story.tasks.find((each) => each.id === task);
  return life === undefined ? '' : placeOf(life);
}

const restartDelayMs = (story: Story, life: TaskLife): number => {
  const delay = specOfTask(story, life)?.TaskTemplate.RestartPolicy?.Delay;
  return delay === undefined ? RESTART_DELAY_MS : delay / NANOSECONDS_PER_MS;
};

/** Tasks that the restart supervisor made: their predecessor died or its node was lost, and nobody asked for an update or a drain. */
export const replacementsOf = (
  story: Story,
): readonly { readonly next: TaskLife; readonly old: TaskLife }[] => {
  const lost = new Set([
    ...deathsOf(story).map(({ task }) => task),
    ...quorumLosses(story).flatMap((loss) => strandedBy(story, loss)),
  ]);
  return story.tasks.flatMap((next) => {
    const old = predecessorOf(story, next);
    return old !== undefined && isReplicated(next) && lost.has(old) ? [{ next, old }] : [];
  });
};

/** A record's two times may come from two daemons whose clocks are read at different moments. */
const CLOCK_MS = 300;

export const r7: Claim = (story) =>
  worstOf(
    replacementsOf(story).map(({ next }) => {
      const delayMs = restartDelayMs(story, next);
      const waited = ranMs(next) - next.createdMs;
      const ready = next.sightings.find(
        (seen) => seen.state === 'ready' && seen.desired === 'ready',
      );
      if (!Number.isFinite(waited))
        return isLive(lastOf(next))
          ? inconclusive(`${placeOf(next)}: the replacement was not seen to run`)
          : inconclusive(`${placeOf(next)}: the replacement was itself replaced`);
      if (waited < delayMs - CLOCK_MS)
        return fails(
          `${placeOf(next)} ran ${seconds(waited)} after it was made, before the restart delay of ${seconds(delayMs)}`,
          [next.sightings[0]?.n],
        );
      if (ready === undefined)
        return fails(`${placeOf(next)} was never seen waiting in Ready`, [next.sightings[0]?.n]);
      return holds(
        `${placeOf(next)} waited in Ready and ran ${seconds(waited)} after it was made (delay ${seconds(delayMs)})`,
        [ready.n, lastOf(next)?.n],
      );
    }),
    'no replacement was made',
  );

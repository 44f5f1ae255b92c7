/** U1 to U5: the course of a rolling update, and when it has failed. */
import { POLL_MS } from '../model/bounds.ts';
import { isTerminal } from '../model/task-state.ts';
import { fails, holds, inconclusive, seconds, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { imageOf } from './operations.ts';
import { outcomeOf, rolloutsOf, slotsOf, statesOf } from './rollouts.ts';
import type { Rollout, SlotChange } from './rollouts.ts';
import type { Story } from './story.ts';
import { desiredMs, endedMs, lastOf, liveAt, ranMs } from './task-lives.ts';

/** Times come from two clocks readings of one machine's daemons. */
const CLOCK_MS = 300;

/** Updates in which every new task came to run, so that the course can be read off. */
const smooth = (story: Story): readonly Rollout[] =>
  rolloutsOf(story).filter(
    (rollout) =>
      rollout.changes.length === slotsOf(story, rollout) &&
      rollout.changes.every(({ next }) => Number.isFinite(ranMs(next))),
  );

const placeIn = (rollout: Rollout, change: SlotChange): string =>
  `${rollout.service}.${change.place}`;

const records = (rollout: Rollout): readonly (number | undefined)[] => [
  ...rollout.operation.records,
  ...rollout.changes.flatMap(({ next }) => [next.sightings[0]?.n, lastOf(next)?.n]),
];

/** Stop-first in a slot: prepared beside the old task, started after its end. */
function stopFirst(rollout: Rollout, change: SlotChange): Opinion | null {
  const { old, next } = change;
  const place = placeIn(rollout, change);
  if (ranMs(next) < endedMs(old))
    return fails(
      `${place}: the new task ran ${seconds(endedMs(old) - ranMs(next))} before the old one had ended`,
    );
  const first = next.sightings[0];
  if (first?.desired !== 'ready' && next.sightings.length > 1)
    return fails(`${place}: the new task was not prepared first`, [first?.n]);
  if (next.createdMs > endedMs(old) + CLOCK_MS)
    return fails(`${place}: the new task was made only after the old one had ended`, [first?.n]);
  return null;
}

export const u1: Claim = (story) =>
  worstOf(
    smooth(story)
      .filter(({ config, changes }) => config.parallelism === 1 && changes.length > 1)
      .filter(({ config }) => config.order === 'stop-first' && config.delayMs > 0)
      .map(oneByOne),
    'no stop-first update of one slot at a time with a delay ran to its end',
  );

function oneByOne(rollout: Rollout): Opinion {
  const { changes, config } = rollout;
  for (const [index, change] of changes.entries()) {
    const wrong = stopFirst(rollout, change);
    if (wrong !== null) return wrong;
    const before = changes[index - 1];
    if (before === undefined) continue;
    const gap = change.next.createdMs - ranMs(before.next);
    if (gap < config.delayMs - CLOCK_MS)
      return fails(
        `${placeIn(rollout, change)} was taken ${seconds(gap)} after the slot before it ran, the delay is ${seconds(config.delayMs)}`,
        records(rollout),
      );
  }
  return holds(
    `${rollout.service}: ${changes.length} slots one by one, prepared, old stopped, new started, ${seconds(config.delayMs)} apart`,
    records(rollout),
  );
}

export const u2: Claim = (story) =>
  worstOf(
    smooth(story)
      .filter(
        ({ config, changes }) => config.parallelism > 1 && changes.length > config.parallelism,
      )
      .filter(({ config }) => config.delayMs > 0)
      .map(inBatches),
    'no update of several slots at a time with a delay ran to its end',
  );

function inBatches(rollout: Rollout): Opinion {
  const { changes, config } = rollout;
  const { parallelism, delayMs } = config;
  const first = changes.slice(0, parallelism);
  const spreadMs = (first.at(-1)?.next.createdMs ?? 0) - (first[0]?.next.createdMs ?? 0);
  if (spreadMs > 4 * POLL_MS)
    return fails(
      `${rollout.service}: the first ${parallelism} slots were taken ${seconds(spreadMs)} apart`,
      records(rollout),
    );
  for (const [index, change] of changes.entries()) {
    if (index < parallelism) continue;
    const done = changes
      .slice(0, index)
      .filter(({ next }) => ranMs(next) + delayMs - CLOCK_MS <= change.next.createdMs).length;
    if (index - done >= parallelism)
      return fails(
        `${placeIn(rollout, change)} was taken while ${index - done} others were under way or within the delay`,
        records(rollout),
      );
  }
  return holds(
    `${rollout.service}: ${parallelism} of ${changes.length} slots at once, ${seconds(delayMs)} between`,
    records(rollout),
  );
}

export const u3: Claim = (story) =>
  worstOf(
    smooth(story)
      .filter(({ config }) => config.order === 'start-first')
      .map((rollout) => {
        for (const change of rollout.changes) {
          const { old, next } = change;
          const wanted = desiredMs(old, 'shutdown');
          const seen = next.sightings.find((each) => each.state === 'running')?.atMs ?? Infinity;
          if (endedMs(old) < ranMs(next) || wanted < seen - 2 * POLL_MS)
            return fails(
              `${placeIn(rollout, change)}: the old task was stopped before the new one ran`,
              records(rollout),
            );
        }
        return holds(
          `${rollout.service}: ${rollout.changes.length} new tasks ran before their old ones stopped`,
          records(rollout),
        );
      }),
    'no start-first update ran to its end',
  );

/** New tasks of the update that ended early, as the updater counts: before they ran, or within the monitor period after. */
const failuresOf = (rollout: Rollout): readonly SlotChange[] =>
  rollout.changes.filter(({ next }) => {
    const ended = next.sightings.some((seen) => isTerminal(seen.state));
    const ranFor = endedMs(next) - ranMs(next);
    return ended && (!Number.isFinite(ranMs(next)) || ranFor <= rollout.config.monitorMs);
  });

const MESSAGES: Readonly<Record<string, RegExp>> = {
  paused: /^update paused due to failure or early termination of task [0-9a-z]{25}$/,
  completed: /^update completed$/,
  rollback_completed: /^rollback completed$/,
  rollback_started: /^update rolled back due to failure or early termination of task [0-9a-z]{25}$/,
  updating: /^update in progress$/,
};

const ENDS: Readonly<Record<string, string>> = {
  pause: 'paused',
  continue: 'completed',
  rollback: 'rollback_completed',
};

export const u4: Claim = (story) => {
  const failing = rolloutsOf(story).filter(
    (rollout) =>
      rollout.operation.kind === 'update' &&
      rollout.config.ratio === 0 &&
      failuresOf(rollout).length > 0 &&
      outcomeOf(rollout) !== '',
  );
  const opinions = failing.map((rollout) => actsOnFailure(story, rollout));
  const untried = Object.keys(ENDS).filter(
    (action) => !failing.some(({ config }) => config.action === action),
  );
  if (untried.length > 0)
    opinions.push(inconclusive(`no failing update with failure action ${untried.join(', ')}`));
  return worstOf(opinions, 'no update failed');
};

function actsOnFailure(story: Story, rollout: Rollout): Opinion {
  const { service, config } = rollout;
  const end = outcomeOf(rollout);
  if (end !== ENDS[config.action])
    return fails(`${service} (${config.action}) ended ${end}`, records(rollout));
  const odd = statesOf(rollout).find(
    (form) => MESSAGES[form.updateState]?.test(form.updateMessage) !== true,
  );
  if (odd !== undefined)
    return fails(`${service}: ${odd.updateState} says '${odd.updateMessage}'`, [odd.n]);
  const slots = slotsOf(story, rollout);
  const changed = rollout.changes.length;
  if (config.action === 'pause' && changed > config.parallelism)
    return fails(`${service} paused, but ${changed} slots were taken`, records(rollout));
  if (config.action === 'continue' && changed < slots)
    return fails(`${service} went on, but only ${changed} of ${slots} slots were taken`);
  if (config.action === 'rollback') {
    const wanted = imageOf(rollout.before);
    const wrong = liveAt(story, rollout.toMs, service).find(
      (life) => lastOf(life)?.image !== wanted,
    );
    if (wrong !== undefined || imageOf(rollout.forms.at(-1)?.spec) !== wanted)
      return fails(`${service} was rolled back, but not to ${wanted}`, records(rollout));
  }
  const states = statesOf(rollout).map((form) => form.updateState);
  return holds(
    `${service} (${config.action}): ${states.join(', ')}; ${changed} of ${slots} slots taken`,
    [...records(rollout), ...statesOf(rollout).map((form) => form.n)],
  );
}

export const u5: Claim = (story) => {
  const updates = rolloutsOf(story).filter(
    ({ operation, config }) => operation.kind === 'update' && config.action === 'pause',
  );
  const byRatio = updates
    .filter(({ config }) => config.ratio > 0)
    .map((rollout) => obeysRatio(story, rollout));
  const byMonitor = updates
    .filter(({ config }) => config.ratio === 0)
    .flatMap((rollout) => obeysMonitor(rollout));
  const both = ['within', 'after'].every((word) =>
    byMonitor.some((each) => each.reason.includes(word)),
  );
  return worstOf(
    [
      ...byRatio,
      ...byMonitor,
      ...(byRatio.length > 0 && both
        ? []
        : [
            inconclusive(
              'not all seen: a ratio, an end within and an end after the monitor period',
            ),
          ]),
    ],
    'no update failed',
  );
};

function obeysRatio(story: Story, rollout: Rollout): Opinion {
  const { service, config } = rollout;
  const slots = slotsOf(story, rollout);
  const failed = failuresOf(rollout).length;
  const allowed = Math.floor(config.ratio * slots);
  const end = outcomeOf(rollout);
  const text = `${service}: ${failed} of ${slots} slots failed, ratio ${config.ratio}, ended ${end}`;
  if (failed <= allowed)
    return end === 'completed' ? inconclusive(text) : fails(text, records(rollout));
  const right = end === 'paused' && failed <= allowed + config.parallelism;
  return right ? holds(text, records(rollout)) : fails(text, records(rollout));
}

/** A task that ran so long did not simply fail at its start. */
const LONG_RUN_MS = 5000;

/** Updates whose tasks ran and ended by themselves: within the monitor period that is a failure, after it is none. */
function obeysMonitor(rollout: Rollout): readonly Opinion[] {
  const { service, config } = rollout;
  const lives = rollout.changes
    .map(({ next }) => endedMs(next) - ranMs(next))
    .filter((ms) => Number.isFinite(ms) && ms > LONG_RUN_MS);
  const [lifeMs] = lives;
  if (lifeMs === undefined) return [];
  const within = lifeMs <= config.monitorMs;
  const wanted = within ? 'paused' : 'completed';
  const end = outcomeOf(rollout);
  const text = `${service}: its task ended after ${seconds(lifeMs)}, ${within ? 'within' : 'after'} the monitor period of ${seconds(config.monitorMs)}: ${end}`;
  return [end === wanted ? holds(text, records(rollout)) : fails(text, records(rollout))];
}

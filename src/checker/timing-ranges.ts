/** What the settings of a cluster allow each time of `timing.ts`: the ranges of the phases that it is made of, one after the other. */
import { NANOSECONDS_PER_MS } from '../model/time.ts';
import { LOAD_MS, STOP_MS } from '../model/bounds.ts';
import type { TimeRange } from '../model/verdict.ts';
import {
  SIGHT_MS,
  START_MS,
  costsQuorum,
  givesQuorum,
  keepsQuorum,
  lostTheLeader,
  range,
  rangesOf,
} from './phase-ranges.ts';
import type { Rollout } from './rollouts.ts';
import type { FaultSpan, Story } from './story.ts';
import type { Times } from './timing.ts';

/** Of the times of one loss; those that no setting bounds are left out. */
export function rangesOfLoss(
  story: Story,
  loss: FaultSpan,
): Readonly<Partial<Record<keyof Times, TimeRange>>> {
  const of = rangesOf(story, loss);
  const back = givesQuorum(story, loss)
    ? after(of['heal to leader'], of['heal to ready'])
    : of['heal to ready'];
  // What a heal brings back may need no refill at all.
  const refilled = { ...of['refill to running'], lowMs: 0 };
  const rest = {
    ...(bringsError(story, loss) ? { 'to error': of['fault to error'] } : {}),
    'heal to ready': back,
    'heal to old task ended': after(back, ended),
    'heal to converged': after(back, ended, refilled),
  };
  if (!keepsQuorum(story, loss))
    return {
      ...rest,
      ...(givesQuorum(story, loss) ? { 'heal to leader': of['heal to leader'] } : {}),
    };
  const led = lostTheLeader(story, loss);
  const down = led ? after(of['fault to leader'], of['leader to down']) : of['fault to down'];
  const refill = after(down, of['down to refill']);
  return {
    ...rest,
    ...(led ? { 'to leader': of['fault to leader'], 'to unknown': of['fault to leader'] } : {}),
    'to down': down,
    'to refill': refill,
    'to running': after(refill, of['refill to running']),
  };
}

/** Not by itself where a later fault takes the majority. A leader that is cut off alone says so as one that lost its majority with the others. */
const bringsError = (story: Story, loss: FaultSpan): boolean =>
  costsQuorum(story, loss) ||
  (lostTheLeader(story, loss) && loss.fault.kind !== 'kill' && loss.fault.kind !== 'stop');

const ended = range(0, STOP_MS + SIGHT_MS, 'the end of a task that is told to stop');

/** One after the other; a heal may find its work done. */
function after(...ranges: readonly TimeRange[]): TimeRange {
  const [first, ...others] = ranges;
  const sum = (of: 'lowMs' | 'highMs'): number =>
    others.reduce((ms, each) => ms + each[of], first?.[of] ?? 0);
  const words = ranges.map(({ formula }) => formula.slice(formula.indexOf(': ') + 2));
  return range(Math.max(0, sum('lowMs')), sum('highMs'), words.join('; then '));
}

/** Swarm's own patience with a container that is told to stop. */
const GRACE_MS = 10_000;

/** From the moment when a slot's task is told to go, or the next one is made, to the next one running. */
export function rangeOfSlot({ before }: Rollout): TimeRange {
  const grace = before.TaskTemplate.ContainerSpec?.StopGracePeriod;
  const graceMs = grace === undefined ? GRACE_MS : grace / NANOSECONDS_PER_MS;
  return range(
    0,
    graceMs + START_MS + SIGHT_MS,
    `the grace of ${graceMs / 1000} s that a task has to stop, and up to ${START_MS / 1000} s to start`,
  );
}

/** On a machine that did not keep up everything may come later by as much as a loaded one was seen to need. */
export const withLoad = ({ lowMs, highMs, formula }: TimeRange): TimeRange =>
  range(
    lowMs,
    highMs + LOAD_MS,
    `${formula.slice(formula.indexOf(': ') + 2)}; ${LOAD_MS / 1000} s more on a machine that was short of processor time`,
  );

/** How long things took on one subject: from each fault and from each heal, each slot of an update, and how long services were down. */
import { NO_LEADER_TEXT } from '../model/history.ts';
import type { HistoryRecord } from '../model/history.ts';
import { isTerminal } from '../model/task-state.ts';
import type { Timing } from '../model/verdict.ts';
import { strandedBy } from './claims-r.ts';
import { containerRuns } from './container-runs.ts';
import { healToConverged } from './convergence.ts';
import { outageBegins } from './outage.ts';
import { rolloutsOf } from './rollouts.ts';
import { serviceOutages } from './service-outage.ts';
import { strainOf } from './strain.ts';
import { lossesOf } from './story.ts';
import type { FaultSpan, Story } from './story.ts';
import { tellStory } from './story.ts';
import { desiredMs, ranMs, successorOf } from './task-lives.ts';
import { rangeOfSlot, rangesOfLoss, withLoad } from './timing-ranges.ts';

/** The order of the timing table. */
export const TIMING_NAMES = [
  'to error',
  'to leader',
  'to unknown',
  'to down',
  'to refill',
  'to running',
  'heal to leader',
  'heal to ready',
  'heal to old task ended',
  'heal to converged',
  'slot updated',
  'downtime',
] as const;
type TimingName = (typeof TIMING_NAMES)[number];

/** One row per fault on nodes and per kind of time, per slot of an update, per service; those that do not apply are left out. */
export function timingsOf(records: readonly HistoryRecord[]): readonly Timing[] {
  const story = tellStory(records);
  if (story === null) return [];
  const { subject } = story.header;
  const times = [...lossTimes(story), ...slotTimes(story), ...downtimes(story, records)];
  const isStrained = strainOf(story) !== null;
  return times.map(({ ms, range, ...time }) => ({
    ...{ ...time, subject, ms: Number.isFinite(ms) ? Math.round(ms) : null },
    ...(range === undefined ? {} : { range: isStrained ? withLoad(range) : range }),
  }));
}

type Time = Omit<Timing, 'subject' | 'ms' | 'name'> & {
  readonly name: TimingName;
  readonly ms: number;
};

const lossTimes = (story: Story): readonly Time[] =>
  lossesOf(story).flatMap((loss) => {
    const [times, ranges] = [timesOf(story, loss), rangesOfLoss(story, loss)];
    return TIMING_NAMES.flatMap((name): Time[] => {
      const [ms, range] = [times[name], ranges[name]];
      if (ms === undefined) return [];
      return [{ name, fault: loss.name, ms, ...(range === undefined ? {} : { range }) }];
    });
  });

/** From the moment when the task of a slot is told to go, or the next one is made where that comes first, to the next one running. */
const slotTimes = (story: Story): readonly Time[] =>
  rolloutsOf(story).flatMap((rollout) =>
    rollout.changes
      .filter(({ next }) => Number.isFinite(ranMs(next)))
      .map(({ place, old, next }) => ({
        ...{ name: 'slot updated' as const, fault: rollout.operation.label },
        slot: `${rollout.service}.${place}`,
        ms: Math.max(0, ranMs(next) - Math.min(desiredMs(old, 'shutdown'), next.createdMs)),
        range: rangeOfSlot(rollout),
      })),
  );

/** How long each service that ever ran was below its replicas, from the first thing that was done on. No setting bounds that by itself. */
function downtimes(story: Story, records: readonly HistoryRecord[]): readonly Time[] {
  const runs = containerRuns(story);
  return serviceOutages(story, runs, outageBegins(story, records))
    .filter(({ service, belowMs }) => belowMs > 0 && runs.some((run) => run.service === service))
    .map(({ service, belowMs }) => ({ name: 'downtime', fault: service, ms: belowMs }));
}

export type Times = Partial<Record<TimingName, number>>;

/** Of one loss; what does not apply, or was not seen, is left out or infinite. */
export function timesOf(story: Story, loss: FaultSpan): Times {
  const { beginMs, healBeginMs } = loss;
  const within = (atMs: number): boolean => atMs > beginMs && atMs < healBeginMs;
  const error = first(
    [...story.control.values()]
      .flat()
      .filter((seen) => seen.text.includes(NO_LEADER_TEXT) && within(seen.atMs)),
  );
  const nodes = [...story.nodes].flatMap(([name, line]) => line.map((seen) => ({ ...seen, name })));
  const ledBefore = nodes.findLast((seen) => seen.leader && seen.atMs <= beginMs)?.name;
  const leader = first(
    nodes.filter((seen) => seen.leader && seen.name !== ledBefore && within(seen.atMs)),
  );
  const lostLeader = ledBefore !== undefined && loss.nodes.includes(ledBefore);
  const stateOf = (state: string): number =>
    first(
      nodes.filter(
        (seen) => loss.nodes.includes(seen.name) && seen.state === state && within(seen.atMs),
      ),
    );
  const down = stateOf('down');
  const stale = strandedBy(story, loss);
  const next = stale
    .flatMap((life) => successorOf(story, life) ?? [])
    .filter((life) => within(life.createdMs));
  const refill = Math.min(...next.map((life) => life.createdMs));
  const running = next.length === 0 ? Infinity : Math.max(...next.map(ranMs));
  return {
    ...(Number.isFinite(error) ? { 'to error': error - beginMs } : {}),
    ...(lostLeader && Number.isFinite(leader) ? { 'to leader': leader - beginMs } : {}),
    ...(Number.isFinite(stateOf('unknown')) ? { 'to unknown': stateOf('unknown') - beginMs } : {}),
    ...(Number.isFinite(down) ? { 'to down': down - beginMs } : {}),
    ...(next.length > 0 ? { 'to refill': refill - beginMs, 'to running': running - beginMs } : {}),
    ...(Number.isFinite(healBeginMs) ? healTimes(story, loss) : {}),
  };
}

function healTimes(story: Story, loss: FaultSpan): Times {
  const { healBeginMs } = loss;
  const after = <T extends { readonly atMs: number }>(line: readonly T[]): readonly T[] =>
    line.filter((seen) => seen.atMs > healBeginMs);
  const lines = [...story.nodes];
  const leader = first(lines.flatMap(([, line]) => after(line).filter((seen) => seen.leader)));
  const ready = Math.max(
    ...loss.nodes.map((name) =>
      first(after(story.nodes.get(name) ?? []).filter((seen) => seen.state === 'ready')),
    ),
  );
  const ended = strandedBy(story, loss).map((life) =>
    first(after(life.sightings).filter((seen) => isTerminal(seen.state))),
  );
  const converged = healToConverged(story, loss);
  return {
    ...(Number.isFinite(leader) ? { 'heal to leader': leader - healBeginMs } : {}),
    ...(Number.isFinite(ready) ? { 'heal to ready': ready - healBeginMs } : {}),
    ...(ended.length > 0 ? { 'heal to old task ended': Math.max(...ended) - healBeginMs } : {}),
    ...(Number.isFinite(converged) ? { 'heal to converged': converged } : {}),
  };
}

const first = (seen: readonly { readonly atMs: number }[]): number =>
  Math.min(Infinity, ...seen.map((each) => each.atMs));

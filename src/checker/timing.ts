/** How long things took on one subject, from each fault and from each heal. */
import { NO_LEADER_TEXT } from '../model/history.ts';
import type { HistoryRecord } from '../model/history.ts';
import { isTerminal } from '../model/task-state.ts';
import type { Timing } from '../model/verdict.ts';
import { strandedBy } from './claims-r.ts';
import { lossesOf } from './story.ts';
import type { FaultSpan, Story } from './story.ts';
import { tellStory } from './story.ts';
import { ranMs, successorOf } from './task-lives.ts';

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
] as const;

/** One row per fault on nodes and per kind of time; those that do not apply are left out. */
export function timingsOf(records: readonly HistoryRecord[]): readonly Timing[] {
  const story = tellStory(records);
  if (story === null) return [];
  return lossesOf(story).flatMap((loss) =>
    Object.entries(timesOf(story, loss)).map(([name, ms]) => ({
      name,
      subject: story.header.subject,
      fault: loss.name,
      ms: Number.isFinite(ms) ? Math.round(ms) : null,
    })),
  );
}

export type Times = Partial<Record<(typeof TIMING_NAMES)[number], number>>;

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
  return {
    ...(Number.isFinite(leader) ? { 'heal to leader': leader - healBeginMs } : {}),
    ...(Number.isFinite(ready) ? { 'heal to ready': ready - healBeginMs } : {}),
    ...(ended.length > 0 ? { 'heal to old task ended': Math.max(...ended) - healBeginMs } : {}),
  };
}

const first = (seen: readonly { readonly atMs: number }[]): number =>
  Math.min(Infinity, ...seen.map((each) => each.atMs));

/** S4: which node gets the next task. */
import { POLL_MS } from '../model/bounds.ts';
import type { NodeName } from '../model/fault.ts';
import type { ServiceSpec } from '../model/specs.ts';
import { eligibleAt } from './eligible.ts';
import { fails, holds, inconclusive, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { replicasOf } from './operations.ts';
import type { Operation } from './operations.ts';
import { placing, scaleOf, settledMs } from './quiet.ts';
import { formAt } from './story.ts';
import type { Story } from './story.ts';
import { liveAt, taskAt } from './task-lives.ts';

/** A node before and after a batch of tasks: how many of the service it had, how many in all, how many it got. */
interface Load {
  readonly node: NodeName;
  readonly ofService: number;
  readonly inAll: number;
  readonly got: number;
}

export interface Batch {
  readonly operation: Operation;
  readonly loads: readonly Load[];
}

export const s4: Claim = (story) => {
  const batches = batchesOf(story);
  const opinions = batches.map(judgeBatch);
  if (opinions.some(({ verdict }) => verdict === 'fails')) return worstOf(opinions, '');
  const service = batches.some(({ loads }) => tells(loads, byService));
  const total = batches.some(({ loads }) => tells(loads, byTotal));
  if (!service || !total)
    return inconclusive(
      `of ${batches.length} placements none was decided by ${service ? 'the tasks in all' : 'the tasks of the service'}`,
    );
  return worstOf(opinions, '');
};

export const batchesOf = (story: Story): readonly Batch[] =>
  placing(story).flatMap((operation) => batchOf(story, operation));

/** Only where it is known what the scheduler saw: everything asked for before is placed, and nothing else is asked for meanwhile. */
function batchOf(story: Story, operation: Operation): readonly Batch[] {
  const { about, spec, invokedMs, completedMs, outcome, kind } = operation;
  const adds = kind === 'create' ? (replicasOf(spec) ?? 0) : scaleOf(story, operation);
  if (outcome !== 'ok' || adds < 1 || !isPlaced(story, invokedMs)) return [];
  const before = liveAt(story, invokedMs);
  const made = story.tasks
    .filter((life) => life.service === about && life.createdMs >= invokedMs - CLOCK_MS)
    .filter((life) => life.createdMs < settledMs(story, operation) && !before.includes(life))
    .slice(0, adds);
  const placedMs = Math.max(
    completedMs,
    ...made.map((life) => life.sightings.find(({ node }) => node !== '')?.atMs ?? Infinity),
  );
  const next = placing(story).find((other) => other.invokedMs > invokedMs);
  if (made.length < adds || placedMs > (next?.invokedMs ?? story.endMs)) return [];
  if (!areSettled(story, spec, invokedMs, placedMs + LOOKED_MS)) return [];
  const loads = eligibleAt(story, spec, invokedMs).map((node): Load => {
    const there = before.filter((life) => taskAt(life, invokedMs)?.node === node);
    return {
      node,
      ofService: there.filter(({ service }) => service === about).length,
      inAll: there.length,
      got: made.filter((life) => life.sightings.find((seen) => seen.node !== '')?.node === node)
        .length,
    };
  });
  return [{ operation, loads }];
}

/** What the scheduler saw of nodes may be looked at a little later. */
const LOOKED_MS = 8 * POLL_MS;

/** Whether the same nodes were fit all the time: after a change of leader they come one by one, as their agents are heard again. */
function areSettled(
  story: Story,
  spec: ServiceSpec | undefined,
  fromMs: number,
  toMs: number,
): boolean {
  const moments = [...story.nodes.values()]
    .flat()
    .map(({ atMs }) => atMs)
    .filter((atMs) => atMs > fromMs && atMs <= toMs);
  const fit = [fromMs, ...moments].map((atMs) => eligibleAt(story, spec, atMs).join(' '));
  return new Set(fit).size === 1;
}

/** A task's own times are the manager's, whose clock is read at another moment. */
const CLOCK_MS = 300;

/** Whether every replicated service that was made has all its tasks, each on a node. */
const isPlaced = (story: Story, atMs: number): boolean =>
  story.operations
    .filter(({ kind, outcome }) => kind === 'create' && outcome === 'ok')
    .filter(({ completedMs }) => completedMs < atMs)
    .every(({ about, spec }) => {
      const live = liveAt(story, atMs, about);
      if (live.some((life) => taskAt(life, atMs)?.node === '')) return false;
      const declared = replicasOf(formAt(story.services.get(about), atMs)?.spec ?? spec);
      return declared === null || live.length === declared || wasRemoved(story, about, atMs);
    });

const wasRemoved = (story: Story, service: string, atMs: number): boolean =>
  story.operations.some(
    ({ kind, about, completedMs }) => kind === 'remove' && about === service && completedMs <= atMs,
  );

/** What the last task of a node was weighed by, and what another node would have been weighed by then, at most. */
const last = ({ ofService, inAll, got }: Load): readonly [number, number] => [
  ofService + got - 1,
  inAll + got - 1,
];
const now = ({ ofService, inAll, got }: Load): readonly [number, number] => [
  ofService + got,
  inAll + got,
];

/**
 * Each task went to the node with the fewest of the service, and among equals with the fewest in all: then the last one of each node found no other node
 * that was better even at the end.
 */
export function judgeBatch({ operation, loads }: Batch): Opinion {
  const text = loads
    .map(({ node, ofService, inAll, got }) => `${node} had ${ofService} of ${inAll} and got ${got}`)
    .join(', ');
  for (const one of loads.filter(({ got }) => got > 0))
    for (const other of loads) {
      const [mine, theirs] = [last(one), now(other)];
      if (theirs[0] < mine[0] || (theirs[0] === mine[0] && theirs[1] < mine[1]))
        return fails(`${operation.about}: ${text}`, operation.records);
    }
  return holds(`${operation.about}: ${text}`, operation.records);
}

type Decided = (mine: readonly [number, number], theirs: readonly [number, number]) => boolean;
/** The one had fewer of the service though more in all. */
const byService: Decided = (mine, theirs) => mine[0] < theirs[0] && mine[1] > theirs[1];
/** As many of the service, and fewer in all. */
const byTotal: Decided = (mine, theirs) => mine[0] === theirs[0] && mine[1] < theirs[1];

const tells = (loads: readonly Load[], decided: Decided): boolean =>
  loads.some((one) => one.got > 0 && loads.some((other) => decided(last(one), now(other))));

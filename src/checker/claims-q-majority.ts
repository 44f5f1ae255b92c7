/** Q7 to Q11: what a majority keeps. */
import { electionBound, returnBound, stepDownBound, unknownDownBound } from '../model/bounds.ts';
import type { NodeName } from '../model/fault.ts';
import { outagesOf, refusal } from './claims-q.ts';
import { fails, holds, inconclusive, seconds, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { isSwarmOperation } from './operations.ts';
import type { Operation } from './operations.ts';
import { leaderAt, lossesOf, nodeAt, stretchesOf } from './story.ts';
import type { FaultSpan, Story } from './story.ts';

/** Losses of the leader that leave a majority. */
function leaderLosses(story: Story, partition: boolean): readonly FaultSpan[] {
  return lossesOf(story).filter((loss) => {
    const leader = leaderAt(story, loss.beginMs);
    const rest = story.managers.filter((name) => !loss.nodes.includes(name)).length;
    return (
      leader !== undefined &&
      loss.nodes.includes(leader) &&
      rest > story.managers.length / 2 &&
      (loss.fault.kind === 'partition') === partition
    );
  });
}

interface Election {
  readonly atMs: number;
  readonly leader: NodeName;
  readonly n: number;
}

/** The first leader that is on none of the lost nodes, from the loss on. */
function electionAfter(story: Story, loss: FaultSpan): Election | undefined {
  return [...story.nodes]
    .filter(([name]) => !loss.nodes.includes(name))
    .flatMap(([name, line]) =>
      line
        .filter((seen) => seen.leader && seen.atMs > loss.beginMs && seen.atMs < loss.healBeginMs)
        .map((seen) => ({ atMs: seen.atMs, leader: name, n: seen.n })),
    )
    .sort((a, b) => a.atMs - b.atMs)[0];
}

export const q7: Claim = (story) =>
  worstOf(
    leaderLosses(story, false).map((loss) => leaderReplaced(story, loss)),
    'the history has no stop or kill of a leader that leaves a majority',
  );

function leaderReplaced(story: Story, loss: FaultSpan): Opinion {
  const bound = electionBound(story.header.settings);
  const election = electionAfter(story, loss);
  const took = (election?.atMs ?? Infinity) - loss.beginMs;
  if (election === undefined || took > bound.ms)
    return fails(`no other leader within ${bound.formula} (${seconds(took)})`, loss.records);
  const bad = operationsOn(story, loss, election.atMs).find(
    (operation) => operation.outcome !== 'ok',
  );
  if (bad !== undefined)
    return fails(`'${bad.label}' failed after the election: ${bad.text}`, bad.records);
  const asked = operationsOn(story, loss, election.atMs);
  if (asked.length === 0) return inconclusive('nothing was asked after the election');
  const [lost = ''] = loss.nodes;
  const line = (story.nodes.get(lost) ?? []).filter(
    (seen) => seen.atMs >= loss.beginMs && seen.atMs <= loss.healBeginMs,
  );
  const unknown = line.find((seen) => seen.state === 'unknown');
  const down = line.find((seen) => seen.state === 'down');
  const unreachable = line.find((seen) => seen.reachability === 'unreachable');
  const grace = unknownDownBound(story.header.settings);
  if (unknown === undefined || (down !== undefined && down.atMs < unknown.atMs))
    return fails(`${lost} was not Unknown before it was Down`, loss.records);
  const downTook = (down?.atMs ?? Infinity) - election.atMs;
  if (down === undefined && loss.healBeginMs - election.atMs < grace.ms)
    return inconclusive(`${lost} was healed before the grace of ${grace.formula} was over`);
  if (downTook > grace.ms)
    return fails(`${lost} was Down ${seconds(downTook)} after the election, ${grace.formula}`);
  if (unreachable === undefined) return fails(`${lost} never read Unreachable`, loss.records);
  return holds(
    `${election.leader} led after ${seconds(took)} (bound ${bound.formula}); ${lost} Unknown, Unreachable, and Down ${seconds(downTook)} later (bound ${grace.formula}); ${asked.length} requests were answered`,
    [...loss.records, election.n, unknown.n, down?.n, unreachable.n],
  );
}

/** What was asked of the swarm on nodes that were not lost, from a moment to the heal. */
const operationsOn = (story: Story, loss: FaultSpan, fromMs: number): readonly Operation[] =>
  story.operations.filter(
    (operation) =>
      isSwarmOperation(operation) &&
      !loss.nodes.includes(operation.node) &&
      operation.invokedMs >= fromMs &&
      operation.completedMs < loss.healBeginMs,
  );

export const q8: Claim = (story) =>
  worstOf(
    leaderLosses(story, true).map((loss) => cutOffLeader(story, loss)),
    'the history has no leader that was cut off from a majority',
  );

function cutOffLeader(story: Story, loss: FaultSpan): Opinion {
  const { settings } = story.header;
  const [cut = ''] = loss.nodes;
  const election = electionAfter(story, loss);
  const took = (election?.atMs ?? Infinity) - loss.bittenMs;
  const bound = electionBound(settings);
  if (election === undefined || took > bound.ms)
    return fails(`the majority had no new leader within ${bound.formula}`, loss.records);
  const silent = stepDownBound(settings);
  const answered = (story.control.get(cut) ?? []).filter(
    (seen) => seen.atMs > loss.bittenMs && seen.atMs < loss.healBeginMs,
  );
  const stops = answered.find((seen) => seen.answer !== 'ok');
  const stopTook = (stops?.atMs ?? Infinity) - loss.bittenMs;
  // A look that hangs is noticed only when its patience of 1.5 s is over.
  if (stopTook > silent.ms + 1500)
    return fails(`${cut} went on answering for ${seconds(stopTook)}, bound ${silent.formula}`);
  const again = answered.find((seen) => seen.answer === 'ok' && seen.atMs > (stops?.atMs ?? 0));
  if (again !== undefined) return fails(`${cut} answered again while cut off`, [again.n]);
  const stretch = { ...stretchOf(loss), survivors: [cut] };
  const refused = refusal(story, stretch, cut);
  if (refused.verdict !== 'holds') return refused;
  return returned(
    story,
    loss,
    cut,
    [...refused.evidence, election.n, stops?.n],
    [
      `${election.leader} led after ${seconds(took)} (bound ${bound.formula})`,
      `${cut} stopped answering after ${seconds(stopTook)} (bound ${silent.formula})`,
    ],
  );
}

const stretchOf = (loss: FaultSpan): Parameters<typeof refusal>[1] => ({
  fromMs: loss.bittenMs,
  toMs: loss.healBeginMs,
  lost: [],
  survivors: [],
  quorum: false,
  faults: [loss],
});

/** The cut-off manager is back, and what the majority committed is there. */
function returned(
  story: Story,
  loss: FaultSpan,
  cut: NodeName,
  evidence: readonly (number | undefined)[],
  reasons: readonly string[],
): Opinion {
  const bound = returnBound(story.header.settings, true);
  const back = story.nodes
    .get(cut)
    ?.find((seen) => seen.atMs > loss.healBeginMs && seen.reachability === 'reachable');
  const took = (back?.atMs ?? nodeBackMs(story, cut, loss)) - loss.healBeginMs;
  if (took > bound.ms)
    return fails(`${cut} was not Reachable within ${bound.formula} of the heal`, loss.records);
  const creates = story.operations.filter(
    (operation) =>
      operation.kind === 'create' &&
      operation.invokedMs > loss.bittenMs &&
      operation.invokedMs < loss.healBeginMs,
  );
  const kept = creates.filter((operation) => operation.outcome === 'ok');
  const missing = kept.find((operation) => !existsAtEnd(story, operation.about));
  if (missing !== undefined)
    return fails(`service ${missing.about}, created in the majority, is lost`, missing.records);
  const ghost = creates.find(
    (operation) => operation.outcome === 'fail' && existsAtEnd(story, operation.about),
  );
  if (ghost !== undefined)
    return fails(`service ${ghost.about} exists, though its create failed`, ghost.records);
  if (kept.length === 0) return inconclusive('nothing was committed in the majority');
  return holds(
    [...reasons, `Reachable ${seconds(took)} after the heal (bound ${bound.formula})`].join('; '),
    [...evidence, ...loss.records, back?.n],
  );
}

const nodeBackMs = (story: Story, name: NodeName, loss: FaultSpan): number =>
  nodeAt(story, name, story.endMs)?.reachability === 'reachable' ? loss.healedMs : Infinity;

const existsAtEnd = (story: Story, service: string): boolean =>
  story.tasks.some((life) => life.service === service && life.goneMs === Infinity);

export const q9: Claim = (story) => {
  if (story.managers.length !== 5) return inconclusive('the cluster has not five managers');
  const kept = stretchesOf(story).filter(
    (stretch) => stretch.lost.length === 2 && stretch.fromMs < (outagesOf(story)[0]?.fromMs ?? 0),
  );
  const lost = outagesOf(story).filter((stretch) => stretch.lost.length === 3);
  return worstOf(
    [
      ...kept.map((stretch) => keepsControl(story, stretch.fromMs, stretch.toMs)),
      ...lost.map((stretch) => refusal(story, stretch, stretch.survivors[0] ?? '')),
      ...(kept.length === 0 || lost.length === 0
        ? [inconclusive('the history has not both: two of five lost, three of five lost')]
        : []),
    ],
    'the history has no loss of managers',
  );
};

function keepsControl(story: Story, fromMs: number, toMs: number): Opinion {
  const asked = story.operations.filter(
    (operation) =>
      isSwarmOperation(operation) && operation.invokedMs >= fromMs && operation.completedMs < toMs,
  );
  const bad = asked.find((operation) => operation.outcome !== 'ok');
  if (bad !== undefined)
    return fails(`'${bad.label}' failed with two of five lost: ${bad.text}`, bad.records);
  const evidence = asked.flatMap((operation) => operation.records);
  if (!asked.some((operation) => operation.write) || asked.every((operation) => operation.write))
    return inconclusive('no read or no write was tried with two of five lost', evidence);
  return holds(`${asked.length} requests were answered with two of five lost`, evidence);
}

export const q11: Claim = (story) => {
  const stops = story.faults.filter(({ fault }) => fault.kind === 'kill' || fault.kind === 'stop');
  const pairs = stops.flatMap((stop) => stoppedNodeRefuses(story, stop));
  return worstOf(pairs, 'nothing was asked of a stopped node');
};

function stoppedNodeRefuses(story: Story, stop: FaultSpan): readonly Opinion[] {
  const during = story.operations.filter(
    (operation) => operation.invokedMs >= stop.bittenMs && operation.completedMs < stop.healBeginMs,
  );
  return during
    .filter((operation) => stop.nodes.includes(operation.node))
    .map((dead) => {
      if (dead.status !== 0)
        return fails(`the stopped ${dead.node} answered ${dead.status}`, dead.records);
      const same = during.filter(
        (other) =>
          !stop.nodes.includes(other.node) &&
          other.method === dead.method &&
          other.path === dead.path,
      );
      if (same.length === 0)
        return inconclusive(`'${dead.label}' was not tried on another manager`, dead.records);
      const bad = same.find((other) => other.outcome !== 'ok');
      if (bad !== undefined)
        return fails(`'${bad.label}' on ${bad.node} failed: ${bad.text}`, bad.records);
      return holds(
        `${dead.node} gives '${dead.text}', the same request works on ${same.map((other) => other.node).join(' and ')}`,
        [...dead.records, ...same.flatMap((other) => other.records)],
      );
    });
}

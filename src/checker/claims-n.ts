/** N1 to N6: nothing moves by itself. */
import { refillBound } from '../model/bounds.ts';
import type { NodeName } from '../model/fault.ts';
import { availableAt } from './availability.ts';
import { fails, holds, inconclusive, seconds, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { imageOf, replicasOf } from './operations.ts';
import type { Operation } from './operations.ts';
import {
  isBalanced,
  movedBetween,
  placedOn,
  quietUntil,
  scaleOf,
  settledMs,
  spreadAt,
  spreadText,
} from './quiet.ts';
import { strandedBy } from './claims-r.ts';
import { formAt, lossesOf, stretchesOf } from './story.ts';
import type { Story } from './story.ts';
import { isReplicated, liveAt, ranMs, runningAt, taskAt } from './task-lives.ts';

/** Shorter than this, quiet proves nothing: a wrong rebalance would come at the next event, a task takes some seconds to run. */
const QUIET_MS = 8000;

/** Whether nothing replicated came to the node and nothing left the others, from a moment to the next request. */
function staysEmpty(story: Story, node: NodeName, fromMs: number, what: string): Opinion {
  const until = quietUntil(story, fromMs);
  const came = placedOn(story, node, fromMs, until)[0];
  if (came !== undefined)
    return fails(`${came.service}.${came.place} was put on ${node} by itself`, [
      came.sightings[0]?.n,
    ]);
  const moved = movedBetween(story, fromMs, until)[0];
  if (moved !== undefined)
    return fails(`${moved.service}.${moved.place} was shut down on ${moved.node} without cause`, [
      moved.sightings.at(-1)?.n,
    ]);
  if (until - fromMs < QUIET_MS)
    return inconclusive(`${what}: only ${seconds(until - fromMs)} of quiet were seen`);
  return holds(`${what}: nothing came to ${node} in ${seconds(until - fromMs)} of quiet`);
}

/** When the node was ready again after a moment. */
const readyMs = (story: Story, node: NodeName, fromMs: number): number =>
  story.nodes.get(node)?.find((seen) => seen.atMs >= fromMs && seen.state === 'ready')?.atMs ??
  Infinity;

interface Return {
  readonly node: NodeName;
  readonly atMs: number;
  readonly records: readonly number[];
}

/** Nodes that lost all their replicated tasks to others and came back. */
function returnsOf(story: Story): readonly Return[] {
  const kept = lossesOf(story).filter((loss) =>
    stretchesOf(story).every((stretch) => stretch.quorum || !stretch.faults.includes(loss)),
  );
  return kept
    .filter((loss) => Number.isFinite(loss.healedMs))
    .flatMap((loss) =>
      loss.nodes
        .filter(() =>
          strandedBy(story, loss).some((life) => !liveAt(story, loss.healBeginMs).includes(life)),
        )
        .map((node) => ({
          node,
          atMs: Math.max(loss.healBeginMs, readyMs(story, node, loss.healBeginMs)),
          records: loss.records,
        })),
    );
}

export const n1: Claim = (story) =>
  worstOf(
    returnsOf(story).map(({ node, atMs, records }) => {
      if (!Number.isFinite(atMs)) return fails(`${node} was not ready again`, records);
      const opinion = staysEmpty(story, node, atMs, 'after the return');
      return { ...opinion, evidence: [...opinion.evidence, ...records] };
    }),
    'no node came back after its tasks were replaced',
  );

/** Drains that were lifted again. */
const liftedDrains = (
  story: Story,
): readonly { readonly drain: Operation; readonly lift: Operation }[] =>
  story.operations.flatMap((drain, index) => {
    if (drain.availability !== 'drain' || drain.outcome !== 'ok') return [];
    const lift = story.operations
      .slice(index + 1)
      .find((other) => other.about === drain.about && other.availability === 'active');
    return lift?.outcome === 'ok' ? [{ drain, lift }] : [];
  });

export const n2: Claim = (story) =>
  worstOf(
    liftedDrains(story).flatMap(({ drain, lift }) => {
      const moved = runningAt(story, drain.invokedMs).filter(
        (life) => isReplicated(life) && life.node === drain.about,
      );
      if (moved.length === 0) return [];
      const opinion = staysEmpty(story, lift.about, lift.completedMs, 'after the activation');
      const evidence = [...opinion.evidence, ...drain.records, ...lift.records];
      return [{ ...opinion, evidence }];
    }),
    'no drained node that had tasks was made active again',
  );

export const n3: Claim = (story) => {
  const [back] = returnsOf(story);
  if (back === undefined) return inconclusive('no node came back after its tasks were replaced');
  const creates = story.operations.filter(
    (operation) =>
      operation.kind === 'create' &&
      operation.outcome === 'ok' &&
      operation.invokedMs > back.atMs &&
      (replicasOf(operation.spec) ?? 0) > 0,
  );
  const scaleUps = story.operations.filter(
    (operation) => operation.invokedMs > back.atMs && scaleOf(story, operation) > 0,
  );
  const opinions = [
    ...creates.map((create) => usesEveryNode(story, create)),
    ...scaleUps.flatMap((scale) => fillsEmptiest(story, scale, back.node)),
  ];
  if (creates.length === 0 || opinions.length === creates.length)
    opinions.push(inconclusive('not both seen: a new service and a scale-up after the return'));
  return worstOf(opinions, 'nothing new was asked for after the return');
};

function usesEveryNode(story: Story, create: Operation): Opinion {
  const nodes = availableAt(story, create.invokedMs);
  const atMs = settledMs(story, create);
  const spread = spreadAt(story, create.about, atMs, nodes);
  const replicas = replicasOf(create.spec) ?? 0;
  const empty = [...spread].filter(([, count]) => count === 0).length;
  const wanted = Math.max(0, nodes.length - replicas);
  if (empty > wanted || !isBalanced(spread))
    return fails(`new service ${create.about}: ${spreadText(spread)}`, create.records);
  return holds(`new service ${create.about}: ${spreadText(spread)}`, create.records);
}

function fillsEmptiest(story: Story, scale: Operation, returned: NodeName): readonly Opinion[] {
  const nodes = availableAt(story, scale.invokedMs);
  const before = spreadAt(story, scale.about, scale.invokedMs, nodes);
  const mine = before.get(returned);
  const others = [...before].filter(([node]) => node !== returned).map(([, count]) => count);
  // Only where the returned node is strictly the emptiest does the rule say which node comes first.
  if (mine === undefined || others.some((count) => count <= mine)) return [];
  const after = spreadAt(story, scale.about, settledMs(story, scale), nodes);
  const text = `scale of ${scale.about}: ${spreadText(before)} became ${spreadText(after)}`;
  return [
    (after.get(returned) ?? 0) > mine ? holds(text, scale.records) : fails(text, scale.records),
  ];
}

/** Updates that change nothing but the forced-update counter. */
const forcedUpdates = (story: Story): readonly Operation[] =>
  story.operations.filter((operation) => {
    if (operation.kind !== 'update' || operation.outcome !== 'ok') return false;
    const before = formAt(story.services.get(operation.about), operation.invokedMs)?.spec;
    return (
      before !== undefined &&
      imageOf(before) === imageOf(operation.spec) &&
      before.TaskTemplate.ForceUpdate !== operation.spec?.TaskTemplate.ForceUpdate
    );
  });

export const n4: Claim = (story) => {
  const back = returnsOf(story)[0]?.atMs ?? Infinity;
  return worstOf(
    forcedUpdates(story)
      .filter((operation) => operation.invokedMs > back)
      .map((operation) => restartsAll(story, operation)),
    'no forced update after a node came back',
  );
};

function restartsAll(story: Story, operation: Operation): Opinion {
  const { about: service, invokedMs, records } = operation;
  const until = settledMs(story, operation);
  const old = liveAt(story, invokedMs, service);
  const fresh = story.tasks.filter(
    (life) => life.service === service && life.createdMs >= invokedMs && life.createdMs < until,
  );
  const kept = old.find((life) => !fresh.some((other) => other.place === life.place));
  if (kept !== undefined) return fails(`${service}.${kept.place} was not restarted`, records);
  const inOrder = [...fresh].sort((a, b) => a.createdMs - b.createdMs);
  const early = inOrder.find(
    (life, index) => index > 0 && life.createdMs < ranMs(inOrder[index - 1] ?? life),
  );
  if (early !== undefined)
    return fails(`${service}.${early.place} was restarted before the slot before it ran`, [
      early.sightings[0]?.n,
    ]);
  const spread = spreadAt(story, service, until, availableAt(story, invokedMs));
  if (!isBalanced(spread)) return fails(`${service} ended with ${spreadText(spread)}`, records);
  return holds(
    `${service}: ${fresh.length} slots restarted one at a time, ended ${spreadText(spread)}`,
    [...records, ...fresh.map((life) => life.sightings[0]?.n)],
  );
}

export const n5: Claim = (story) => {
  const [back] = returnsOf(story);
  if (back === undefined) return inconclusive('no node came back after its tasks were replaced');
  const downs = story.operations.filter(
    (operation) => operation.invokedMs > back.atMs && scaleOf(story, operation) < 0,
  );
  return worstOf(
    downs.flatMap((down) => {
      const up = story.operations.find(
        (other) =>
          other.about === down.about &&
          other.invokedMs > down.completedMs &&
          scaleOf(story, other) > 0,
      );
      if (up === undefined) return [];
      const nodes = availableAt(story, up.invokedMs);
      const spread = spreadAt(story, up.about, settledMs(story, up), nodes);
      const text = `${up.about}, scaled down and up again: ${spreadText(spread)}`;
      const used = (spread.get(back.node) ?? 0) > 0 && isBalanced(spread);
      return [used ? holds(text, up.records) : fails(text, up.records)];
    }),
    'no service was scaled down and up again after the return',
  );
};

export const n6: Claim = (story) => {
  const spares = story.header.nodes.filter((node) => node.role === 'spare');
  const joined = spares.filter(({ name }) => Number.isFinite(readyMs(story, name, 0)));
  return worstOf(
    joined.map(({ name }) => joinerGets(story, name)),
    'no node joined while services ran',
  );
};

function joinerGets(story: Story, name: NodeName): Opinion {
  const atMs = readyMs(story, name, 0);
  const empty = staysEmpty(story, name, atMs, 'after the join');
  if (empty.verdict !== 'holds') return empty;
  const globals = [...story.services].filter(
    ([service, forms]) =>
      formAt(forms, atMs)?.spec.Mode.Global !== undefined &&
      liveAt(story, atMs, service).length > 0,
  );
  if (globals.length === 0) return inconclusive('no global service ran when the node joined');
  const bound = refillBound(0);
  for (const [service] of globals) {
    const task = story.tasks.find((life) => life.service === service && life.node === name);
    const took = (task === undefined ? Infinity : ranMs(task)) - atMs;
    if (took > bound.ms)
      return fails(`${service} had no task on ${name} within ${bound.formula}: ${seconds(took)}`);
    if (task !== undefined && taskAt(task, story.endMs)?.state !== 'running')
      return fails(`${service} does not run on ${name} at the end`);
  }
  return holds(
    `${empty.reason}; ${globals.map(([service]) => service).join(', ')} ran there at once`,
    [readyRecord(story, name)],
  );
}

const readyRecord = (story: Story, name: NodeName): number | undefined =>
  story.nodes.get(name)?.find((seen) => seen.state === 'ready')?.n;

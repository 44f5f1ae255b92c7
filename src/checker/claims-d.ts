/** D1 to D6: drain, pause, active. */
import { LOAD_MS, STOP_MS, refillBound } from '../model/bounds.ts';
import { isTerminal } from '../model/task-state.ts';
import { spellsOf } from './availability.ts';
import type { Spell } from './availability.ts';
import { fails, holds, inconclusive, seconds, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { imageOf } from './operations.ts';
import { scaleOf } from './quiet.ts';
import type { Operation } from './operations.ts';
import { formAt, leaderAt, nodeAt } from './story.ts';
import type { Story } from './story.ts';
import {
  desiredMs,
  endedMs,
  isReplicated,
  liveAt,
  ranMs,
  runningAt,
  successorOf,
  taskAt,
} from './task-lives.ts';
import type { TaskLife } from './task-lives.ts';

/** A drained task is stopped as ever, then the new one is started, without a restart delay; both may take what a loaded machine adds. */
const movedWithin = refillBound(STOP_MS + LOAD_MS);

export const d1: Claim = (story) =>
  worstOf(
    spellsOf(story, 'drain').map((spell) => emptied(story, spell)),
    'no node was drained',
  );

function emptied(story: Story, spell: Spell): Opinion {
  const { node, operation, fromMs, toMs } = spell;
  const evidence: (number | undefined)[] = [...operation.records];
  const role = nodeAt(story, node, operation.invokedMs)?.role;
  const changed = story.nodes
    .get(node)
    ?.find(
      (seen) =>
        seen.atMs > fromMs && seen.atMs < toMs && (seen.state !== 'ready' || seen.role !== role),
    );
  if (changed !== undefined)
    return fails(`the drained ${node} became ${changed.state} ${changed.role}`, [changed.n]);
  const had = runningAt(story, operation.invokedMs).filter((life) => life.node === node);
  let moved = 0;
  for (const life of had) {
    const place = `${life.service}.${life.place}`;
    if (desiredMs(life, 'shutdown') - fromMs > LOAD_MS || endedMs(life) === Infinity)
      return fails(`${place} on the drained ${node} was not shut down`, evidence);
    if (!isReplicated(life)) continue;
    const next = successorOf(story, life);
    if (next === undefined || next.createdMs > toMs)
      return fails(`${place} was not filled elsewhere`, evidence);
    const where = taskAt(next, toMs)?.node ?? '';
    if (where === node) return fails(`${place} was filled on the drained ${node}`, evidence);
    if (where === '') continue;
    const took = ranMs(next) - operation.invokedMs;
    if (took > movedWithin.ms && ranMs(next) < toMs)
      return fails(`${place} ran elsewhere after ${seconds(took)}, bound ${movedWithin.formula}`);
    if (Number.isFinite(took)) moved += 1;
    evidence.push(next.sightings[0]?.n);
  }
  const left = liveAt(story, toMs - 1).find((life) => taskAt(life, toMs - 1)?.node === node);
  if (left !== undefined)
    return fails(`${left.service}.${left.place} lives on the drained ${node}`, evidence);
  if (moved === 0) return inconclusive(`the drained ${node} had no task that could go elsewhere`);
  return holds(
    `${node}: ${moved} slots were filled elsewhere, the node stayed Ready and ${role ?? ''}`,
    evidence,
  );
}

/** Requests in a stretch of time that make new tasks, by kind. */
function newWork(
  story: Story,
  fromMs: number,
  toMs: number,
): ReadonlyMap<'create' | 'scale-up' | 'update', Operation> {
  const work = new Map<'create' | 'scale-up' | 'update', Operation>();
  for (const operation of story.operations) {
    if (operation.invokedMs < fromMs || operation.completedMs > toMs) continue;
    if (operation.outcome !== 'ok') continue;
    if (operation.kind === 'create') work.set('create', operation);
    if (scaleOf(story, operation) > 0) work.set('scale-up', operation);
    const before = formAt(story.services.get(operation.about), operation.invokedMs)?.spec;
    if (operation.kind === 'update' && imageOf(before) !== imageOf(operation.spec))
      work.set('update', operation);
  }
  return work;
}

const createdIn = (story: Story, fromMs: number, toMs: number): readonly TaskLife[] =>
  story.tasks.filter((life) => life.createdMs > fromMs && life.createdMs < toMs);

export const d2: Claim = (story) => {
  const spells = spellsOf(story, 'drain');
  const opinions = spells.flatMap(({ node, fromMs, toMs, operation }) => {
    const wrong = createdIn(story, fromMs, toMs).find((life) => taskAt(life, toMs)?.node === node);
    if (wrong !== undefined)
      return [
        fails(`${wrong.service}.${wrong.place} was put on the drained ${node}`, [
          ...operation.records,
          wrong.sightings[0]?.n,
        ]),
      ];
    const work = newWork(story, fromMs, toMs);
    if (work.size < 3) return [];
    const made = createdIn(story, fromMs, toMs).length;
    return [
      holds(
        `${node}, drained, got none of ${made} tasks of a new service, a scale-up and an update`,
        [...operation.records, ...[...work.values()].flatMap((each) => each.records)],
      ),
    ];
  });
  return worstOf(
    opinions,
    'no new service, scale-up and update were seen while a node was drained',
  );
};

export const d3: Claim = (story) =>
  worstOf(
    spellsOf(story, 'pause').map(({ node, operation, fromMs, toMs }) => {
      const had = runningAt(story, fromMs).filter((life) => life.node === node);
      const gone = had.find((life) => taskAt(life, toMs - 1)?.state !== 'running');
      if (gone !== undefined)
        return fails(`${gone.service}.${gone.place} did not stay on the paused ${node}`, [
          ...operation.records,
          taskAt(gone, toMs)?.n,
        ]);
      const made = createdIn(story, fromMs, toMs);
      const wrong = made.find((life) => taskAt(life, toMs)?.node === node);
      if (wrong !== undefined)
        return fails(`${wrong.service}.${wrong.place} was put on the paused ${node}`, [
          wrong.sightings[0]?.n,
        ]);
      if (had.length === 0 || made.length === 0)
        return inconclusive(`the paused ${node} had no task, or nothing new was asked for`);
      return holds(
        `${node}, paused, kept ${had.length} tasks; ${made.length} new ones went elsewhere`,
        [...operation.records, ...made.map((life) => life.sightings[0]?.n)],
      );
    }),
    'no node was paused',
  );

export const d4: Claim = (story) => {
  const opinions = spellsOf(story, 'drain')
    .filter(({ node }) => story.managers.includes(node))
    .map(({ node, operation, fromMs, toMs }) => {
      const leader = leaderAt(story, operation.invokedMs);
      const line = (story.nodes.get(node) ?? []).filter(
        (seen) => seen.atMs >= fromMs && seen.atMs <= toMs,
      );
      const lost = line.find(
        (seen) => seen.role !== 'manager' || seen.reachability !== 'reachable',
      );
      if (lost !== undefined)
        return fails(`the drained manager ${node} became ${lost.role} ${lost.reachability}`, [
          lost.n,
        ]);
      const after = leaderAt(story, toMs);
      if (after !== leader)
        return fails(
          `${leader ?? 'nobody'} led before the drain of ${node}, ${after ?? 'nobody'} after`,
        );
      return holds(
        `drained manager ${node} stayed ${node === leader ? 'Leader' : 'Reachable'}`,
        operation.records,
      );
    });
  const both = ['Leader', 'Reachable'].every((word) =>
    opinions.some((each) => each.verdict === 'holds' && each.reason.endsWith(word)),
  );
  const failed = opinions.filter((each) => each.verdict === 'fails');
  if (failed.length > 0 || both) return worstOf(opinions, '');
  return inconclusive('not both a leader and another manager were drained');
};

const globalTasksOn = (story: Story, node: string): readonly TaskLife[] =>
  story.tasks.filter((life) => !isReplicated(life) && life.node === node);

export const d5: Claim = (story) =>
  worstOf(
    spellsOf(story, 'drain').flatMap(({ node, operation, fromMs, toMs, next }) => {
      const had = runningAt(story, operation.invokedMs).filter(
        (life) => !isReplicated(life) && life.node === node,
      );
      return had.map((life) => {
        const ended = endedMs(life);
        const state = life.sightings.find((seen) => isTerminal(seen.state));
        if (ended > toMs) return fails(`${life.service} went on running on the drained ${node}`);
        const early = globalTasksOn(story, node).find(
          (other) => other.createdMs > fromMs && other.createdMs < toMs,
        );
        if (early !== undefined)
          return fails(`${life.service} got a task on the drained ${node}`, [
            early.sightings[0]?.n,
          ]);
        if (next?.availability !== 'active')
          return inconclusive(`${node} was not made active again`);
        const back = globalTasksOn(story, node).find(
          (other) => other.service === life.service && other.createdMs >= next.invokedMs,
        );
        const took = (back === undefined ? Infinity : ranMs(back)) - next.invokedMs;
        if (took > LOAD_MS)
          return fails(
            `${life.service} did not run on ${node} within ${seconds(LOAD_MS)} of the activation: ${seconds(took)}`,
            next.records,
          );
        return holds(
          `${life.service} left ${node} with the drain (${state?.state ?? ''}) and ran there ${seconds(took)} after the activation`,
          [...operation.records, state?.n, ...next.records],
        );
      });
    }),
    'no node with a global task was drained',
  );

const NO_NODE = /^no suitable node \(.*nodes? not available for new tasks.*\)$/;

export const d6: Claim = (story) =>
  worstOf(
    spellsOf(story, 'drain').flatMap(({ node, operation, fromMs, toMs, next }) => {
      const waiting = createdIn(story, operation.invokedMs, toMs).filter(
        (life) => isReplicated(life) && taskAt(life, toMs)?.state === 'pending',
      );
      return waiting.map((life) => {
        const seen = taskAt(life, toMs);
        const place = `${life.service}.${life.place}`;
        if (!NO_NODE.test(seen?.err ?? ''))
          return fails(`${place} is pending with '${seen?.err ?? ''}'`, [seen?.n]);
        if (next?.availability !== 'active')
          return inconclusive(`${node} was not made active again`);
        const took = ranMs(life) - next.invokedMs;
        if (took > LOAD_MS)
          return fails(`${place} did not run within ${seconds(LOAD_MS)} of the activation`);
        return holds(
          `${place} was Pending '${seen?.err ?? ''}' for ${seconds(toMs - fromMs)} and ran ${seconds(took)} after the activation`,
          [...operation.records, seen?.n, ...next.records],
        );
      });
    }),
    'no task was left without an eligible node by a drain',
  );

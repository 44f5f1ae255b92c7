/** S1, S2, S5, S6 and S9: slots and their names, scaling, global services, constraints, removal. */
import { LOAD_MS, STOP_MS } from '../model/bounds.ts';
import type { NodeName } from '../model/fault.ts';
import { constraintsOf, eligibleAt, fulfils, kindOfKey } from './eligible.ts';
import type { Constraint } from './eligible.ts';
import { fails, holds, inconclusive, seconds, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { replicasOf } from './operations.ts';
import type { Operation } from './operations.ts';
import { scaleOf, settledMs } from './quiet.ts';
import { nodeAt } from './story.ts';
import type { Story } from './story.ts';
import { liveAt, runningAt, taskAt } from './task-lives.ts';
import type { TaskLife } from './task-lives.ts';

export const createsOf = (story: Story): readonly Operation[] =>
  story.operations.filter(({ kind, outcome }) => kind === 'create' && outcome === 'ok');

const slotsIn = (lives: readonly TaskLife[]): readonly number[] =>
  lives.map(({ slot }) => slot).sort((a, b) => a - b);

const sameNumbers = (one: readonly number[], other: readonly number[]): boolean =>
  one.length === other.length && one.every((number, index) => number === other[index]);

const upTo = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1);

export const s1: Claim = (story) => {
  const numbered = createsOf(story).flatMap((create) => {
    const replicas = replicasOf(create.spec) ?? 0;
    return replicas < 2 ? [] : [slotsFromOne(story, create, replicas)];
  });
  return worstOf(
    [...numbered, ...(numbered.length === 0 ? [] : [namedByPlace(story)])],
    'no service of several replicas was created',
  );
};

function slotsFromOne(story: Story, create: Operation, replicas: number): Opinion {
  const { about, records } = create;
  const live = liveAt(story, settledMs(story, create), about);
  const slots = slotsIn(live);
  const evidence = [...records, ...live.map(({ sightings }) => sightings[0]?.n)];
  if (!sameNumbers(slots, upTo(replicas)))
    return fails(`${about}, ${replicas} replicas, has the slots ${slots.join(' ')}`, evidence);
  return holds(`${about} has the slots 1 to ${replicas}`, evidence);
}

/** Of global services the node's id stands in place of the slot. */
function namedByPlace(story: Story): Opinion {
  const lives = new Map(story.tasks.map((life) => [life.id, life]));
  const seen = story.containers.flatMap(({ task, sightings }) => {
    const life = lives.get(task);
    const [first] = sightings;
    return life === undefined || first === undefined ? [] : [{ life, first }];
  });
  if (seen.length === 0) return inconclusive('no container of a task was seen');
  for (const { life, first } of seen) {
    const node = nodeAt(story, first.node, first.atMs)?.id ?? '';
    const wanted = `${life.service}.${life.slot === 0 ? node : life.slot}.${life.id}`;
    if (first.name !== wanted)
      return fails(`a container of ${wanted} is named ${first.name}`, [first.n]);
  }
  return holds(`${seen.length} containers are named service.slot.task`, [
    ...seen.slice(0, 5).map(({ first }) => first.n),
  ]);
}

export const s2: Claim = (story) => {
  const scales = story.operations.filter((operation) => scaleOf(story, operation) !== 0);
  const ups = scales.filter((operation) => scaleOf(story, operation) > 0);
  const downs = scales.filter((operation) => scaleOf(story, operation) < 0);
  if (ups.length === 0 || downs.length === 0)
    return inconclusive('not both seen: a scale-up and a scale-down');
  return worstOf(
    [...ups.map((up) => addsSlots(story, up)), ...downs.map((down) => keepsLowSlots(story, down))],
    '',
  );
};

/** The slots that are free come first, the lowest before the others. */
function addsSlots(story: Story, up: Operation): Opinion {
  const { about, records } = up;
  const before = slotsIn(liveAt(story, up.invokedMs, about));
  const after = slotsIn(runningAt(story, settledMs(story, up), about));
  const declared = replicasOf(up.spec) ?? 0;
  const free = upTo(declared + before.length).filter((slot) => !before.includes(slot));
  const wanted = [...before, ...free.slice(0, declared - before.length)].sort((a, b) => a - b);
  const text = `${about} from ${before.length} to ${declared}: slots ${before.join(' ')} became ${after.join(' ')}`;
  return sameNumbers(after, wanted) ? holds(text, records) : fails(text, records);
}

/** Nodes stay balanced, and each keeps its lowest slots (reference/measured.md, point 14). */
function keepsLowSlots(story: Story, down: Operation): Opinion {
  const { about, records } = down;
  const before = liveAt(story, down.invokedMs, about);
  const kept = runningAt(story, settledMs(story, down), about);
  const declared = replicasOf(down.spec) ?? 0;
  const text = `${about} from ${before.length} to ${declared}`;
  if (kept.length !== declared) return fails(`${text}: ${kept.length} run`, records);
  const fresh = kept.find((life) => !before.includes(life));
  if (fresh !== undefined)
    return fails(`${text}: slot ${fresh.slot} was started anew`, [fresh.sightings[0]?.n]);
  const nodes = [...new Set(before.map(({ node }) => node))];
  const on = (node: NodeName, lives: readonly TaskLife[]): readonly number[] =>
    slotsIn(lives.filter((life) => life.node === node));
  for (const node of nodes) {
    const [had, has] = [on(node, before), on(node, kept)];
    if (!sameNumbers(has, had.slice(0, has.length)))
      return fails(`${text}: ${node} had ${had.join(' ')} and kept ${has.join(' ')}`, records);
    const poorer = nodes.find(
      (other) =>
        has.length > on(other, kept).length + 1 &&
        on(other, kept).length < on(other, before).length,
    );
    if (poorer !== undefined)
      return fails(`${text}: ${node} kept ${has.length} and ${poorer} fewer`, records);
  }
  const shown = nodes.map((node) => `${node}: ${on(node, kept).join(' ')}`).join(', ');
  return holds(`${text}: kept the lowest slots of each node, ${shown}`, records);
}

export const s5: Claim = (story) =>
  worstOf(
    createsOf(story)
      .filter(({ spec }) => spec?.Mode.Global !== undefined)
      .map((create) => onEachNode(story, create)),
    'no global service was created',
  );

function onEachNode(story: Story, create: Operation): Opinion {
  const { about, spec, records } = create;
  const atMs = settledMs(story, create) - 1;
  const nodes = eligibleAt(story, spec, atMs);
  const running = runningAt(story, atMs, about).map(({ node }) => node);
  const text = `${about} runs on ${[...running].sort().join(' ')}, eligible are ${nodes.join(' ')}`;
  const once = nodes.every((node) => running.filter((other) => other === node).length === 1);
  if (!once || running.length !== nodes.length) return fails(text, records);
  if (nodes.length < 2) return inconclusive(`${text}: too few to tell`);
  return holds(text, records);
}

const KEYS = ['node.id', 'node.hostname', 'node.role', 'node.labels', 'engine.labels'];

export const s6: Claim = (story) => {
  const tried = new Set<string>();
  const opinions = createsOf(story)
    .filter(({ spec }) => constraintsOf(spec).length > 0)
    .map((create) => keepsTo(story, create, tried));
  const wrong = opinions.filter(({ verdict }) => verdict === 'fails');
  const missing = [...KEYS, '==', '!='].filter((what) => !tried.has(what));
  if (wrong.length === 0 && missing.length > 0)
    return inconclusive(`no constraint with ${missing.join(', ')} kept a node out`);
  return worstOf(opinions, 'no service with constraints was created');
};

/** Notes in `tried` what kept a node out. */
function keepsTo(story: Story, create: Operation, tried: Set<string>): Opinion {
  const { about, spec, records } = create;
  const placed = story.tasks.filter((life) => life.service === about && life.node !== '');
  const constraints = constraintsOf(spec);
  const said = constraints.map(({ text }) => text).join(', ');
  for (const life of placed) {
    const node = nodeAt(story, life.node, life.createdMs) ?? story.nodes.get(life.node)?.at(-1);
    const broken = constraints.find((each) => node !== undefined && !fulfils(each, node));
    if (broken !== undefined)
      return fails(`${about}.${life.place} was put on ${life.node} against ${broken.text}`, [
        ...records,
        life.sightings[0]?.n,
      ]);
  }
  if (placed.length === 0) return fails(`${about} (${said}) was put on no node`, records);
  for (const constraint of constraints) if (keepsOut(story, constraint, create)) note(constraint);
  return holds(
    `${about} (${said}) is on ${[...new Set(placed.map(({ node }) => node))].join(' ')}`,
    [...records],
  );

  function note({ key, equal }: Constraint): void {
    tried.add(kindOfKey(key));
    tried.add(equal ? '==' : '!=');
  }
}

const keepsOut = (story: Story, constraint: Constraint, { completedMs }: Operation): boolean =>
  story.all.some((name) => {
    const node = nodeAt(story, name, completedMs);
    return node?.state === 'ready' && !fulfils(constraint, node);
  });

/** From the removal to the end of the last container. */
const REMOVAL_MS = STOP_MS + LOAD_MS;

export const s9: Claim = (story) =>
  worstOf(
    story.operations
      .filter(({ kind, outcome }) => kind === 'remove' && outcome === 'ok')
      .flatMap((remove) => {
        const lives = liveAt(story, remove.invokedMs, remove.about);
        const nodes = new Set(lives.map(({ node }) => node));
        return nodes.size < 2 ? [] : [leavesNothing(story, remove, nodes.size)];
      }),
    'no service with tasks on several nodes was removed',
  );

function leavesNothing(story: Story, remove: Operation, nodes: number): Opinion {
  const { about, completedMs, records } = remove;
  const left = (what: string, n: number | undefined): Opinion =>
    fails(`${about} was removed, and ${what} after ${seconds(REMOVAL_MS)}`, [...records, n]);
  const until = completedMs + REMOVAL_MS;
  const waited = Math.min(until, story.endMs);
  const tasks = story.tasks.filter((life) => life.service === about);
  const made = tasks.find(({ createdMs }) => createdMs > completedMs);
  if (made !== undefined)
    return fails(`${about} was removed, and ${about}.${made.place} was made`, [
      made.sightings[0]?.n,
    ]);
  const task = tasks.find(({ goneMs }) => goneMs > waited);
  const container = story.containers.find(
    (life) =>
      life.service === about &&
      life.sightings.findLast((seen) => seen.atMs <= waited)?.state !== 'gone',
  );
  const known = story.operations.find(
    (other) =>
      other.kind === 'read' &&
      other.outcome === 'ok' &&
      other.about === about &&
      other.invokedMs > completedMs &&
      /^\/services\/[^/]+/.test(other.path),
  );
  if (known !== undefined) return fails(`${about} was removed and can be read`, known.records);
  if (task === undefined && container === undefined)
    return holds(
      `${about} was removed, with ${tasks.length} tasks, and its containers on ${nodes} nodes`,
      records,
    );
  if (story.endMs < until)
    return inconclusive(
      `${about} was removed ${seconds(story.endMs - completedMs)} before the end`,
    );
  return task === undefined
    ? left(`a container is on ${container?.node ?? ''}`, container?.sightings.at(-1)?.n)
    : left(`${about}.${task.place} is listed`, taskAt(task, waited)?.n);
}
